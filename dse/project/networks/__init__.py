"""One network, or two side by side: its inputs, layers and budget, rebuilt from a store."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.networks.budget_checks import CheckedBound as CheckedBound
    from dse.project.networks.budget_checks import checked_bounds as checked_bounds
    from dse.project.networks.comparing import Difference as Difference
    from dse.project.networks.comparing import difference_of as difference_of
    from dse.project.networks.input_notation import parse_input as parse_input
    from dse.project.networks.layer_matching import LayerPair as LayerPair
    from dse.project.networks.layer_matching import difference_lines as difference_lines
    from dse.project.networks.model_inputs import CONSTANT as CONSTANT
    from dse.project.networks.model_inputs import ModelInput as ModelInput
    from dse.project.networks.model_inputs import read_input as read_input
    from dse.project.networks.rebuilding import counted_layers as counted_layers
    from dse.project.networks.rebuilding import find_candidate as find_candidate
    from dse.project.networks.rebuilding import planned_arena as planned_arena
    from dse.project.networks.rebuilding import rebuild as rebuild
    from dse.project.networks.times_on_devices import by_holder as by_holder
    from dse.project.networks.times_on_devices import dtype_in as dtype_in
    from dse.project.networks.times_on_devices import find_device as find_device
    from dse.project.networks.times_on_devices import roofline as roofline

_HOMES = {
    "dse.project.networks.budget_checks": ("CheckedBound", "checked_bounds"),
    "dse.project.networks.comparing": ("Difference", "difference_of"),
    "dse.project.networks.input_notation": ("parse_input",),
    "dse.project.networks.layer_matching": ("LayerPair", "difference_lines"),
    "dse.project.networks.model_inputs": ("CONSTANT", "ModelInput", "read_input"),
    "dse.project.networks.rebuilding": (
        *("counted_layers", "find_candidate", "planned_arena", "rebuild"),
    ),
    "dse.project.networks.times_on_devices": ("by_holder", "dtype_in", "find_device", "roofline"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
