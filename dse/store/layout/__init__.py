"""How candidates, costs and measurements lie in tables: what many rows share is stored once.

All of it works over a connection that is open; the views show users the whole.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.store.layout.contexts import IMPORTED as IMPORTED
    from dse.store.layout.contexts import Context as Context
    from dse.store.layout.contexts import context_ids as context_ids
    from dse.store.layout.contexts import made_context_id as made_context_id
    from dse.store.layout.contexts import made_source_id as made_source_id
    from dse.store.layout.contexts import outdated_ids as outdated_ids
    from dse.store.layout.declared_costs import (
        WHAT_VALUES_FOLLOW_FROM as WHAT_VALUES_FOLLOW_FROM,
    )
    from dse.store.layout.declared_costs import CostDeclaration as CostDeclaration
    from dse.store.layout.declared_costs import declarations as declarations
    from dse.store.layout.declared_costs import has_all as has_all
    from dse.store.layout.declared_costs import stored_declarations as stored_declarations
    from dse.store.layout.declared_costs import value_of_cost as value_of_cost
    from dse.store.layout.declared_costs import values_by_candidate as values_by_candidate
    from dse.store.layout.declared_costs import write_declarations as write_declarations
    from dse.store.layout.declared_costs import write_values as write_values
    from dse.store.layout.replicates import FUNCTIONS as FUNCTIONS
    from dse.store.layout.replicates import means_of as means_of
    from dse.store.layout.replicates import summary as summary
    from dse.store.layout.scopes import NO_CODE as NO_CODE
    from dse.store.layout.scopes import CostScope as CostScope
    from dse.store.layout.scopes import current_ids as current_ids
    from dse.store.layout.scopes import made_scope_id as made_scope_id
    from dse.store.layout.scopes import read_scopes as read_scopes
    from dse.store.layout.scopes import scope_id as scope_id
    from dse.store.layout.shared_settings import CANDIDATE_COLUMNS as CANDIDATE_COLUMNS
    from dse.store.layout.shared_settings import MOST_PARTS as MOST_PARTS
    from dse.store.layout.shared_settings import SETTINGS as SETTINGS
    from dse.store.layout.shared_settings import SharedSettings as SharedSettings
    from dse.store.layout.shared_settings import as_stored as as_stored
    from dse.store.layout.sliced_columns import NumberColumn as NumberColumn
    from dse.store.layout.sliced_columns import SlicedColumn as SlicedColumn
    from dse.store.layout.stored_axes import Axes as Axes
    from dse.store.layout.stored_axes import AxisType as AxisType
    from dse.store.layout.stored_axes import axis_value as axis_value
    from dse.store.layout.stored_axes import check_axis_name as check_axis_name
    from dse.store.layout.stored_axes import known_families as known_families
    from dse.store.layout.views import create_all_views as create_all_views
    from dse.store.layout.views import create_family_view as create_family_view
    from dse.store.layout.views import create_views as create_views
    from dse.store.layout.views import has_all_conditions as has_all_conditions
    from dse.store.layout.views import has_all_measured as has_all_measured
    from dse.store.layout.views import view_name as view_name

_HOMES = {
    "dse.store.layout.contexts": (
        *("Context", "IMPORTED", "context_ids", "made_context_id", "made_source_id"),
        *("outdated_ids",),
    ),
    "dse.store.layout.declared_costs": (
        *("CostDeclaration", "declarations", "has_all", "stored_declarations", "value_of_cost"),
        *("WHAT_VALUES_FOLLOW_FROM", "values_by_candidate", "write_declarations", "write_values"),
    ),
    "dse.store.layout.replicates": ("FUNCTIONS", "means_of", "summary"),
    "dse.store.layout.scopes": (
        *("CostScope", "NO_CODE", "current_ids", "made_scope_id", "read_scopes", "scope_id"),
    ),
    "dse.store.layout.shared_settings": (
        *("CANDIDATE_COLUMNS", "MOST_PARTS", "SETTINGS", "SharedSettings", "as_stored"),
    ),
    "dse.store.layout.sliced_columns": ("NumberColumn", "SlicedColumn"),
    "dse.store.layout.stored_axes": (
        *("Axes", "AxisType", "axis_value", "check_axis_name", "known_families"),
    ),
    "dse.store.layout.views": (
        *("create_all_views", "create_family_view", "create_views", "has_all_conditions"),
        *("has_all_measured", "view_name"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
