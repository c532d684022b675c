"""A design space as tables: whole arrays of candidates are costed by gathers and sums."""

from dse.space.costing import Integers
from dse.space.tables.compiled import Compiled, compile_space
from dse.space.tables.cost_columns import CostColumns, CostTables
from dse.space.tables.exclusions import removed
from dse.space.tables.factors import Booleans, Factor, projection, strides
from dse.space.tables.identities import Keys, keys_of_points
from dse.space.tables.scanning import Scanned, scan
from dse.space.tables.settings_parts import SettingsParts
from dse.space.tables.settings_texts import SettingsTexts, fails, reasons
from dse.space.tables.slots import Run, SlotBlock
from dse.space.tables.steps_of_slots import SlotSteps, StandingBlock, slot_steps
from dse.space.tables.tabulating import EntangledError, Failed, Tabulated
from dse.space.tables.transitions import Transitions

__all__ = [
    "Booleans",
    "Compiled",
    "CostColumns",
    "CostTables",
    "EntangledError",
    "Factor",
    "Failed",
    "Integers",
    "Keys",
    "Run",
    "Scanned",
    "SettingsParts",
    "SettingsTexts",
    "SlotBlock",
    "SlotSteps",
    "StandingBlock",
    "Tabulated",
    "Transitions",
    "compile_space",
    "fails",
    "keys_of_points",
    "projection",
    "reasons",
    "removed",
    "scan",
    "slot_steps",
    "strides",
]
