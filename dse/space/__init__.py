"""Which candidates are there, and what does each cost?"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.space.answers import QUANTILES as QUANTILES
    from dse.space.answers import Checks as Checks
    from dse.space.answers import DrawnSettings as DrawnSettings
    from dse.space.answers import End as End
    from dse.space.answers import Overview as Overview
    from dse.space.answers import check_family as check_family
    from dse.space.answers import draw as draw
    from dse.space.answers import draw_settings as draw_settings
    from dse.space.answers import ends_of as ends_of
    from dse.space.answers import feasible_number as feasible_number
    from dse.space.answers import overview as overview
    from dse.space.answers import require_buildable as require_buildable
    from dse.space.answers import require_feasible as require_feasible
    from dse.space.answers import require_numbers as require_numbers
    from dse.space.answers import too_few as too_few
    from dse.space.answers import unbuildable as unbuildable
    from dse.space.blocks import BLOCKS as BLOCKS
    from dse.space.blocks import CELL as CELL
    from dse.space.blocks import CLOSED_COSTS as CLOSED_COSTS
    from dse.space.blocks import JOINS as JOINS
    from dse.space.blocks import Block as Block
    from dse.space.blocks import MissingExtra as MissingExtra
    from dse.space.blocks import Shapes as Shapes
    from dse.space.blocks import block_call as block_call
    from dse.space.blocks import block_of as block_of
    from dse.space.blocks import block_route as block_route
    from dse.space.blocks import check_arguments as check_arguments
    from dse.space.blocks import check_trusted as check_trusted
    from dse.space.blocks import dtype_of_block as dtype_of_block
    from dse.space.blocks import find_target as find_target
    from dse.space.blocks import import_own as import_own
    from dse.space.blocks import is_routed as is_routed
    from dse.space.blocks import shapes_of as shapes_of
    from dse.space.blocks import steps_within as steps_within
    from dse.space.budget import Bound as Bound
    from dse.space.budget import Budget as Budget
    from dse.space.budget import read_budget as read_budget
    from dse.space.budget import unknown_cost as unknown_cost
    from dse.space.budget_text import Side as Side
    from dse.space.budget_text import read_where as read_where
    from dse.space.building import build as build
    from dse.space.building import build_seeded as build_seeded
    from dse.space.candidate import Candidate as Candidate
    from dse.space.candidate import NamedInput as NamedInput
    from dse.space.candidate import ResolvedBlock as ResolvedBlock
    from dse.space.costing import BlockTable as BlockTable
    from dse.space.costing import Invalid as Invalid
    from dse.space.costing import blocks_with_inputs as blocks_with_inputs
    from dse.space.costing import build_block as build_block
    from dse.space.costing import build_network as build_network
    from dse.space.costing import callable_of as callable_of
    from dse.space.costing import context_of as context_of
    from dse.space.costing import cost_of as cost_of
    from dse.space.costing import network_inputs as network_inputs
    from dse.space.costing import part_dtypes as part_dtypes
    from dse.space.costing import remember as remember
    from dse.space.costing import shapes_along as shapes_along
    from dse.space.costing import shapes_within as shapes_within
    from dse.space.costing import traced as traced
    from dse.space.design_space import BlockSpace as BlockSpace
    from dse.space.design_space import CallableSpace as CallableSpace
    from dse.space.design_space import CostedPoint as CostedPoint
    from dse.space.design_space import DesignSpace as DesignSpace
    from dse.space.design_space import space_of as space_of
    from dse.space.graph import Bar as Bar
    from dse.space.graph import BlockUse as BlockUse
    from dse.space.graph import CostGoal as CostGoal
    from dse.space.graph import NetworkCount as NetworkCount
    from dse.space.graph import NetworkGraph as NetworkGraph
    from dse.space.graph import Optimum as Optimum
    from dse.space.graph import best_apart as best_apart
    from dse.space.graph import best_by_level as best_by_level
    from dse.space.graph import best_networks as best_networks
    from dse.space.graph import block_uses as block_uses
    from dse.space.graph import checked_afterwards as checked_afterwards
    from dse.space.graph import exact_front as exact_front
    from dse.space.graph import has_best_by_level as has_best_by_level
    from dse.space.graph import has_exact_front as has_exact_front
    from dse.space.graph import histogram as histogram
    from dse.space.graph import is_exact_for as is_exact_for
    from dse.space.graph import networks_with as networks_with
    from dse.space.graph import networks_without as networks_without
    from dse.space.pages import AXIS_KEYS as AXIS_KEYS
    from dse.space.pages import INPUT_KEYS as INPUT_KEYS
    from dse.space.pages import LINE_KEYS as LINE_KEYS
    from dse.space.pages import OF_TRAINING as OF_TRAINING
    from dse.space.pages import PAGE_KEYS as PAGE_KEYS
    from dse.space.pages import PER as PER
    from dse.space.pages import RANGE_KEYS as RANGE_KEYS
    from dse.space.pages import SHARE_WORDS as SHARE_WORDS
    from dse.space.pages import Dimension as Dimension
    from dse.space.pages import Family as Family
    from dse.space.pages import Grid as Grid
    from dse.space.pages import ListedPoints as ListedPoints
    from dse.space.pages import PageError as PageError
    from dse.space.pages import Settings as Settings
    from dse.space.pages import block_slots as block_slots
    from dse.space.pages import by_axis as by_axis
    from dse.space.pages import first_fault as first_fault
    from dse.space.pages import given_columns as given_columns
    from dse.space.pages import load_family as load_family
    from dse.space.pages import load_page as load_page
    from dse.space.pages import read_family as read_family
    from dse.space.pages import read_grid as read_grid
    from dse.space.pages import scalar as scalar
    from dse.space.pages import settings_columns as settings_columns
    from dse.space.pages import with_texts as with_texts
    from dse.space.tables import Booleans as Booleans
    from dse.space.tables import CostColumns as CostColumns
    from dse.space.tables import CostTables as CostTables
    from dse.space.tables import EntangledError as EntangledError
    from dse.space.tables import Keys as Keys
    from dse.space.tables import SettingsParts as SettingsParts
    from dse.space.tables import SettingsTexts as SettingsTexts
    from dse.space.tables import StandingBlock as StandingBlock
    from dse.space.tables import fails as fails
    from dse.space.tables import keys_of_points as keys_of_points
    from dse.space.tables import reasons as reasons
    from dse.space.tables import removed as removed
    from dse.space.tables import scan as scan
    from dse.space.tables import slot_steps as slot_steps

_HOMES = {
    "dse.space.answers": (
        *("Checks", "DrawnSettings", "End", "Overview", "QUANTILES", "check_family", "draw"),
        *("draw_settings", "ends_of", "feasible_number", "overview", "require_buildable"),
        *("require_feasible", "require_numbers", "too_few", "unbuildable"),
    ),
    "dse.space.blocks": (
        *("BLOCKS", "Block", "CELL", "CLOSED_COSTS", "JOINS", "MissingExtra", "Shapes"),
        *("block_call", "block_of", "block_route", "check_arguments", "check_trusted"),
        *("dtype_of_block", "find_target", "import_own", "is_routed", "shapes_of", "steps_within"),
    ),
    "dse.space.budget": ("Bound", "Budget", "read_budget", "unknown_cost"),
    "dse.space.budget_text": ("Side", "read_where"),
    "dse.space.building": ("build", "build_seeded"),
    "dse.space.candidate": ("Candidate", "NamedInput", "ResolvedBlock"),
    "dse.space.costing": (
        *("BlockTable", "Invalid", "blocks_with_inputs", "build_block", "build_network"),
        *("callable_of", "context_of", "cost_of", "network_inputs", "part_dtypes", "remember"),
        *("shapes_along", "shapes_within", "traced"),
    ),
    "dse.space.design_space": (
        *("BlockSpace", "CallableSpace", "CostedPoint", "DesignSpace", "space_of"),
    ),
    "dse.space.graph": (
        *("Bar", "BlockUse", "CostGoal", "NetworkCount", "NetworkGraph", "Optimum", "best_apart"),
        *("best_by_level", "best_networks", "block_uses", "checked_afterwards", "exact_front"),
        *("has_best_by_level", "has_exact_front", "histogram", "is_exact_for", "networks_with"),
        *("networks_without",),
    ),
    "dse.space.pages": (
        *("AXIS_KEYS", "Dimension", "Family", "Grid", "INPUT_KEYS", "LINE_KEYS", "ListedPoints"),
        *("OF_TRAINING", "PAGE_KEYS", "PER", "PageError", "RANGE_KEYS", "SHARE_WORDS", "Settings"),
        *("block_slots", "by_axis", "first_fault", "given_columns", "load_family", "load_page"),
        *("read_family", "read_grid", "scalar", "settings_columns", "with_texts"),
    ),
    "dse.space.tables": (
        *("Booleans", "CostColumns", "CostTables", "EntangledError", "Keys", "SettingsParts"),
        *("SettingsTexts", "StandingBlock", "fails", "keys_of_points", "reasons", "removed"),
        *("scan", "slot_steps"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
