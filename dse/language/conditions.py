"""From the text of a condition to its parts, with errors that point at a place in the text."""

from __future__ import annotations

from dse.errors import DseError
from dse.language.faults import Fault
from dse.language.syntax import Node, Number, Text, walk

MAX_LENGTH = 10_000
"""Characters of a condition; far above what anyone types, and parsed in an instant."""
MAX_LEVELS = 25
"""How deep parts may nest: databases parse an expression on a stack of limited size."""
MAX_PARTS = 600
"""Parts of a condition, without those in lists: SQLite takes expressions 1,000 levels deep."""


def parse_condition(text: str) -> Node:
    """Return the parts of a condition.

    Raises:
        DseError: for an empty text.
        Fault: for one that is no condition, or is too long or too deeply nested.
    """
    if not text.strip():
        raise DseError("the condition is empty; write one such as 'macs < 300M', or leave it out")
    return _parse(text)


def parse_value(text: str, start: int = 0) -> Node:
    """Return the parts of a value such as `macs / params`.

    Args:
        text: what was typed.
        start: where it stands in the text that faults point into.

    Raises:
        Fault: for a text that is no value.
    """
    if not text.strip():
        raise Fault(start, "a column is missing here")
    return _parse(" " * start + text)


def _parse(text: str) -> Node:
    if len(text) > MAX_LENGTH:
        raise Fault(0, f"{len(text):,} characters are too many; at most {MAX_LENGTH:,}")
    unprintable = next((c for c in text if not (c.isprintable() or c.isspace())), None)
    if unprintable is not None:
        raise Fault(text.index(unprintable), f"unexpected character {unprintable!r}")
    # Lark takes longer to load than a command without a condition takes to ask.
    from dse.language.condition_parser import parsed

    root = parsed(text)
    parts = 0
    for node, level in walk(root):
        parts += not isinstance(node, Number | Text)
        if level > MAX_LEVELS:
            raise Fault(node.at, f"nested deeper than {MAX_LEVELS} levels")
        if parts > MAX_PARTS:
            raise Fault(node.at, f"more than {MAX_PARTS} parts")
    return root
