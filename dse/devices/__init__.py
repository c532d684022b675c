"""What a device makes of a block: its page, rooflines, and tables of numbers that were measured.

They are sources of costs for `dse.space`, which knows them by `dse.given_numbers` alone.
"""

from dse.devices.block_files import (
    BlockEntry,
    MatchedBlocks,
    NumberReading,
    match_entries,
    read_entries,
)
from dse.devices.block_number_sources import numbers_of_blocks
from dse.devices.block_tables import BlockTables, block_digest
from dse.devices.block_timing import Calibration, Timer, calibrated, median
from dse.devices.deployed_graph import DeployedGraph, DeployedOperator, DeployedWeight
from dse.devices.deployed_peaks import DeployedMemory, deployed_memory
from dse.devices.device_page import DEVICE_KEYS, DevicePage, read_device
from dse.devices.matching_rules import find_rule
from dse.devices.roofline import LayerTime, Roofline, layer_times
from dse.devices.runtimes import RUNTIMES, find_runtime

__all__ = [
    "DEVICE_KEYS",
    "RUNTIMES",
    "BlockEntry",
    "BlockTables",
    "Calibration",
    "DeployedGraph",
    "DeployedMemory",
    "DeployedOperator",
    "DeployedWeight",
    "DevicePage",
    "LayerTime",
    "MatchedBlocks",
    "NumberReading",
    "Roofline",
    "Timer",
    "block_digest",
    "calibrated",
    "deployed_memory",
    "find_rule",
    "find_runtime",
    "layer_times",
    "match_entries",
    "median",
    "numbers_of_blocks",
    "read_device",
    "read_entries",
]
