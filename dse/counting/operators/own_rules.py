"""What users told of the costs of operators and modules; known without PyTorch."""

from __future__ import annotations

from collections.abc import Iterable

_OWN: dict[object, object] = {}


def note_rule(what: object, rule: object) -> None:
    """Note the rule of an operator or a module type that is another than the shipped one.

    Of an operator that nothing is known of any more it is None.
    """
    _OWN[what] = rule


def forget_rule(what: object) -> None:
    """Note that nothing but what is shipped is known of an operator or a module type."""
    _OWN.pop(what, None)


def own_rules() -> Iterable[object]:
    """Return the operators, by their names, and the module types that users told the costs of."""
    return _OWN


def registered_rules() -> frozenset[tuple[object, object]]:
    """Return all that users told: traces of before follow from nothing else that may change."""
    return frozenset(_OWN.items())


def has_own_rules() -> bool:
    """Return whether a user told what an operator or a module costs."""
    return bool(_OWN)
