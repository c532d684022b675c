"""What a device makes of a block: its page, rooflines, and tables of numbers that were measured.

They are sources of costs for `dse.space`, which knows them by `dse.costs.BlockNumbers` alone.
"""

from dse.devices.block_tables import BlockTables, block_digest
from dse.devices.device_page import DevicePage, read_device
from dse.devices.numbers_of_blocks import numbers_of_blocks
from dse.devices.roofline import LayerTime, Roofline, layer_times

__all__ = [
    "BlockTables",
    "DevicePage",
    "LayerTime",
    "Roofline",
    "block_digest",
    "layer_times",
    "numbers_of_blocks",
    "read_device",
]
