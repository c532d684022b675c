"""What operators return without data, in the layouts and with the values of real devices.

PyTorch's own meta kernels are asked once for each combination of shapes, and put right where a
device returns something else.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.counting.meta_device.control_flow import ControlFlow as ControlFlow
    from dse.counting.meta_device.fused_attention import FusedAttention as FusedAttention
    from dse.counting.meta_device.known_functions import functions_of_values as functions_of_values
    from dse.counting.meta_device.known_values import MOST_ELEMENTS as MOST_ELEMENTS
    from dse.counting.meta_device.known_values import KnownValues as KnownValues
    from dse.counting.meta_device.known_values import has_data as has_data
    from dse.counting.meta_device.layout_kernels import WHOLE_ON_META as WHOLE_ON_META
    from dse.counting.meta_device.meta_kernels import CallCosts as CallCosts
    from dse.counting.meta_device.meta_kernels import KnownCall as KnownCall
    from dse.counting.meta_device.meta_kernels import Uncacheable as Uncacheable
    from dse.counting.meta_device.meta_kernels import described as described
    from dse.counting.meta_device.meta_kernels import run_known as run_known
    from dse.counting.meta_device.operator_kinds import kind_of as kind_of
    from dse.counting.meta_device.recurrent_kernels import (
        has_recurrent_layers as has_recurrent_layers,
    )
    from dse.counting.meta_device.runs_without_data import run_without_data as run_without_data

_HOMES = {
    "dse.counting.meta_device.control_flow": ("ControlFlow",),
    "dse.counting.meta_device.fused_attention": ("FusedAttention",),
    "dse.counting.meta_device.known_functions": ("functions_of_values",),
    "dse.counting.meta_device.known_values": ("KnownValues", "MOST_ELEMENTS", "has_data"),
    "dse.counting.meta_device.layout_kernels": ("WHOLE_ON_META",),
    "dse.counting.meta_device.meta_kernels": (
        *("CallCosts", "KnownCall", "Uncacheable", "described", "run_known"),
    ),
    "dse.counting.meta_device.operator_kinds": ("kind_of",),
    "dse.counting.meta_device.recurrent_kernels": ("has_recurrent_layers",),
    "dse.counting.meta_device.runs_without_data": ("run_without_data",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
