"""What would other counters say? Their conventions, as different readings of one trace."""

from dse.counting.conventions.convention import (
    Column,
    Compared,
    Convention,
    Entry,
    Reading,
    Row,
    Rule,
)
from dse.counting.conventions.convention_registry import (
    CONVENTIONS,
    find_convention,
    read_convention,
)
from dse.counting.conventions.reconciliation import (
    ReadingDifference,
    Reason,
    Reconciliation,
    compare,
)

__all__ = [
    "CONVENTIONS",
    "Column",
    "Compared",
    "Convention",
    "Entry",
    "Reading",
    "ReadingDifference",
    "Reason",
    "Reconciliation",
    "Row",
    "Rule",
    "compare",
    "find_convention",
    "read_convention",
]
