"""Whether users told what operators or modules cost."""

from __future__ import annotations

from collections.abc import Iterable

_OWN: set[object] = set()


def note_rule(what: object, is_own: bool) -> None:
    """Note whether the rule of an operator or a module type is another than the shipped one."""
    if is_own:
        _OWN.add(what)
    else:
        _OWN.discard(what)


def own_rules() -> Iterable[object]:
    """Return the operators, by their names, and the module types that users told the costs of."""
    return _OWN


def has_own_rules() -> bool:
    """Return whether a user told what an operator or a module costs."""
    return bool(_OWN)
