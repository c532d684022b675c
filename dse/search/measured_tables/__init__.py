"""Tables of candidates that somebody measured: their rows and columns, and bounds on these."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.measured_tables.table_bounds import Bounds as Bounds
    from dse.search.measured_tables.table_bounds import parse_bounds as parse_bounds
    from dse.search.measured_tables.table_columns import TableColumns as TableColumns
    from dse.search.measured_tables.table_columns import read_measured as read_measured
    from dse.search.measured_tables.tabulated import MeasuredTable as MeasuredTable

_HOMES = {
    "dse.search.measured_tables.table_bounds": ("Bounds", "parse_bounds"),
    "dse.search.measured_tables.table_columns": ("TableColumns", "read_measured"),
    "dse.search.measured_tables.tabulated": ("MeasuredTable",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
