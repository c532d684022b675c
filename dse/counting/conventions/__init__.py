"""What would other counters say? Their conventions, as different readings of one trace."""

from dse.counting.conventions.comparison import Comparison, Difference, Reason, compare
from dse.counting.conventions.convention import (
    Column,
    Compared,
    Convention,
    Entry,
    Reading,
    Row,
    Rule,
)
from dse.counting.conventions.registry import CONVENTIONS, find_convention, read_convention

__all__ = [
    "CONVENTIONS",
    "Column",
    "Compared",
    "Comparison",
    "Convention",
    "Difference",
    "Entry",
    "Reading",
    "Reason",
    "Row",
    "Rule",
    "compare",
    "find_convention",
    "read_convention",
]
