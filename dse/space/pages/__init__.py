"""From pages of YAML to a family and a grid, every error with file, line and key."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.space.pages.catalogue import load_family as load_family
    from dse.space.pages.catalogue import load_page as load_page
    from dse.space.pages.cell_choices import most_cell_settings as most_cell_settings
    from dse.space.pages.coded_columns import ListedPoints as ListedPoints
    from dse.space.pages.coded_columns import Settings as Settings
    from dse.space.pages.coded_columns import coded as coded
    from dse.space.pages.family import Family as Family
    from dse.space.pages.family_definition import BlockLine as BlockLine
    from dse.space.pages.family_definition import by_axis as by_axis
    from dse.space.pages.family_page import PAGE_KEYS as PAGE_KEYS
    from dse.space.pages.family_page import read_family as read_family
    from dse.space.pages.grid import Dimension as Dimension
    from dse.space.pages.grid import Grid as Grid
    from dse.space.pages.grid_page import read_grid as read_grid
    from dse.space.pages.line_runs import BlockRun as BlockRun
    from dse.space.pages.line_runs import LineRuns as LineRuns
    from dse.space.pages.listed import first_fault as first_fault
    from dse.space.pages.listed import given_columns as given_columns
    from dse.space.pages.listed import settings_columns as settings_columns
    from dse.space.pages.listed import with_texts as with_texts
    from dse.space.pages.page_axes import AXIS_KEYS as AXIS_KEYS
    from dse.space.pages.page_axes import OF_TRAINING as OF_TRAINING
    from dse.space.pages.page_axes import PER as PER
    from dse.space.pages.page_blocks import LINE_KEYS as LINE_KEYS
    from dse.space.pages.page_inputs import INPUT_KEYS as INPUT_KEYS
    from dse.space.pages.page_share import SHARE_WORDS as SHARE_WORDS
    from dse.space.pages.page_values import scalar as scalar
    from dse.space.pages.problems import PageError as PageError
    from dse.space.pages.problems import Problems as Problems
    from dse.space.pages.ranges import RANGE_KEYS as RANGE_KEYS
    from dse.space.pages.resolution import GivenBlock as GivenBlock
    from dse.space.pages.resolution import block_places as block_places
    from dse.space.pages.resolution import block_slots as block_slots
    from dse.space.pages.resolution import channels_after as channels_after
    from dse.space.pages.resolution import in_its_place as in_its_place
    from dse.space.pages.resolution import input_shape as input_shape
    from dse.space.pages.resolution import layer_blocks as layer_blocks
    from dse.space.pages.resolution import line_blocks as line_blocks
    from dse.space.pages.resolution import line_repeat as line_repeat
    from dse.space.pages.resolution import no_blocks as no_blocks
    from dse.space.pages.resolution import resolved_block as resolved_block
    from dse.space.pages.scope import Scope as Scope

_HOMES = {
    "dse.space.pages.catalogue": ("load_family", "load_page"),
    "dse.space.pages.cell_choices": ("most_cell_settings",),
    "dse.space.pages.coded_columns": ("ListedPoints", "Settings", "coded"),
    "dse.space.pages.family": ("Family",),
    "dse.space.pages.family_definition": ("BlockLine", "by_axis"),
    "dse.space.pages.family_page": ("PAGE_KEYS", "read_family"),
    "dse.space.pages.grid": ("Dimension", "Grid"),
    "dse.space.pages.grid_page": ("read_grid",),
    "dse.space.pages.line_runs": ("BlockRun", "LineRuns"),
    "dse.space.pages.listed": ("first_fault", "given_columns", "settings_columns", "with_texts"),
    "dse.space.pages.page_axes": ("AXIS_KEYS", "OF_TRAINING", "PER"),
    "dse.space.pages.page_blocks": ("LINE_KEYS",),
    "dse.space.pages.page_inputs": ("INPUT_KEYS",),
    "dse.space.pages.page_share": ("SHARE_WORDS",),
    "dse.space.pages.page_values": ("scalar",),
    "dse.space.pages.problems": ("PageError", "Problems"),
    "dse.space.pages.ranges": ("RANGE_KEYS",),
    "dse.space.pages.resolution": (
        *("GivenBlock", "block_places", "block_slots", "channels_after", "in_its_place"),
        *("input_shape", "layer_blocks", "line_blocks", "line_repeat", "no_blocks"),
        *("resolved_block",),
    ),
    "dse.space.pages.scope": ("Scope",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
