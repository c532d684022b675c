"""From pages of YAML to a family and a grid, every error with file, line and key."""

from dse.space.pages.catalogue import load_family, load_page
from dse.space.pages.cell_choices import most_cell_settings
from dse.space.pages.coded_columns import ListedPoints, Settings, coded
from dse.space.pages.family import Family
from dse.space.pages.family_definition import BlockLine, by_axis
from dse.space.pages.family_page import PAGE_KEYS, read_family
from dse.space.pages.grid import Dimension, Grid
from dse.space.pages.grid_page import read_grid
from dse.space.pages.line_runs import BlockRun, LineRuns
from dse.space.pages.listed import first_fault, given_columns, settings_columns
from dse.space.pages.page_axes import AXIS_KEYS, OF_TRAINING, PER
from dse.space.pages.page_blocks import LINE_KEYS
from dse.space.pages.page_inputs import INPUT_KEYS
from dse.space.pages.page_share import SHARE_WORDS
from dse.space.pages.page_values import scalar
from dse.space.pages.problems import PageError, Problems
from dse.space.pages.ranges import RANGE_KEYS
from dse.space.pages.resolution import (
    BlockSlot,
    GivenBlock,
    block_places,
    block_slots,
    channels_after,
    in_its_place,
    input_shape,
    layer_blocks,
    line_blocks,
    line_repeat,
    no_blocks,
    resolved_block,
)
from dse.space.pages.scope import Scope

__all__ = [
    "AXIS_KEYS",
    "INPUT_KEYS",
    "LINE_KEYS",
    "OF_TRAINING",
    "PAGE_KEYS",
    "PER",
    "RANGE_KEYS",
    "SHARE_WORDS",
    "BlockLine",
    "BlockRun",
    "BlockSlot",
    "Dimension",
    "Family",
    "GivenBlock",
    "Grid",
    "LineRuns",
    "ListedPoints",
    "PageError",
    "Problems",
    "Scope",
    "Settings",
    "block_places",
    "block_slots",
    "by_axis",
    "channels_after",
    "coded",
    "first_fault",
    "given_columns",
    "in_its_place",
    "input_shape",
    "layer_blocks",
    "line_blocks",
    "line_repeat",
    "load_family",
    "load_page",
    "most_cell_settings",
    "no_blocks",
    "read_family",
    "read_grid",
    "resolved_block",
    "scalar",
    "settings_columns",
]
