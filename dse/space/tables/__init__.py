"""A design space as tables: whole arrays of candidates are costed by gathers and sums."""

from dse.space.tables.compiled import Compiled, compile_space
from dse.space.tables.costing import CostColumns, CostTables
from dse.space.tables.scanning import Scanned, scan
from dse.space.tables.slots import EntangledError

__all__ = [
    "Compiled",
    "CostColumns",
    "CostTables",
    "EntangledError",
    "Scanned",
    "compile_space",
    "scan",
]
