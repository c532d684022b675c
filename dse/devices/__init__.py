"""What a device makes of a block: its page, rooflines, and tables of numbers that were measured.

They are sources of costs for `dse.space`, which knows them by `dse.costs.given_numbers` alone.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.devices.block_files import BlockEntry as BlockEntry
    from dse.devices.block_files import MatchedBlocks as MatchedBlocks
    from dse.devices.block_files import NumberReading as NumberReading
    from dse.devices.block_files import match_entries as match_entries
    from dse.devices.block_files import read_entries as read_entries
    from dse.devices.block_number_sources import numbers_of_blocks as numbers_of_blocks
    from dse.devices.block_tables import block_digest as block_digest
    from dse.devices.block_timing import Calibration as Calibration
    from dse.devices.block_timing import Timer as Timer
    from dse.devices.block_timing import calibrated as calibrated
    from dse.devices.block_timing import median as median
    from dse.devices.deployed_peaks import DeployedMemory as DeployedMemory
    from dse.devices.deployed_peaks import deployed_memory as deployed_memory
    from dse.devices.device_page import DEVICE_KEYS as DEVICE_KEYS
    from dse.devices.device_page import DevicePage as DevicePage
    from dse.devices.device_page import read_device as read_device
    from dse.devices.matching_rules import find_rule as find_rule
    from dse.devices.roofline import LayerTime as LayerTime
    from dse.devices.roofline import Roofline as Roofline
    from dse.devices.roofline import layer_times as layer_times
    from dse.devices.runtimes import RUNTIMES as RUNTIMES
    from dse.devices.runtimes import find_runtime as find_runtime

_HOMES = {
    "dse.devices.block_files": (
        *("BlockEntry", "MatchedBlocks", "NumberReading", "match_entries", "read_entries"),
    ),
    "dse.devices.block_number_sources": ("numbers_of_blocks",),
    "dse.devices.block_tables": ("block_digest",),
    "dse.devices.block_timing": ("Calibration", "Timer", "calibrated", "median"),
    "dse.devices.deployed_peaks": ("DeployedMemory", "deployed_memory"),
    "dse.devices.device_page": ("DEVICE_KEYS", "DevicePage", "read_device"),
    "dse.devices.matching_rules": ("find_rule",),
    "dse.devices.roofline": ("LayerTime", "Roofline", "layer_times"),
    "dse.devices.runtimes": ("RUNTIMES", "find_runtime"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
