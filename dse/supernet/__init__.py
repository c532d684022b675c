"""Shared weights from a page: one training that every candidate of a space takes its weights from.

The parameters of a candidate are views of tensors that hold the largest of each.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.supernet.explained import AxisSharing as AxisSharing
    from dse.supernet.explained import check_branches as check_branches
    from dse.supernet.explained import check_named as check_named
    from dse.supernet.explained import unshared_axes as unshared_axes
    from dse.supernet.inheriting import finetuned as finetuned
    from dse.supernet.inheriting import inherited as inherited
    from dse.supernet.inheriting import settled_network as settled_network
    from dse.supernet.starting_weights import IMPORTANCES as IMPORTANCES
    from dse.supernet.starting_weights import StartingWeights as StartingWeights
    from dse.supernet.starting_weights import start_from as start_from
    from dse.supernet.supernet_file import Supernet as Supernet
    from dse.supernet.supernet_file import load_supernet as load_supernet
    from dse.supernet.supernet_file import save_supernet as save_supernet
    from dse.supernet.supernet_making import PlannedSupernet as PlannedSupernet
    from dse.supernet.supernet_making import plan_supernet as plan_supernet
    from dse.supernet.supernet_objectives import SUPERNET_CHECKS as SUPERNET_CHECKS
    from dse.supernet.supernet_objectives import SUPERNET_OBJECTIVES as SUPERNET_OBJECTIVES
    from dse.supernet.supernet_settings import SupernetTraining as SupernetTraining
    from dse.supernet.supernet_training import train_supernet as train_supernet
    from dse.supernet.training_team import check_team as check_team
    from dse.supernet.training_team import train_supernet_together as train_supernet_together

_HOMES = {
    "dse.supernet.explained": ("AxisSharing", "check_branches", "check_named", "unshared_axes"),
    "dse.supernet.inheriting": ("finetuned", "inherited", "settled_network"),
    "dse.supernet.starting_weights": ("IMPORTANCES", "StartingWeights", "start_from"),
    "dse.supernet.supernet_file": ("Supernet", "load_supernet", "save_supernet"),
    "dse.supernet.supernet_making": ("PlannedSupernet", "plan_supernet"),
    "dse.supernet.supernet_objectives": ("SUPERNET_CHECKS", "SUPERNET_OBJECTIVES"),
    "dse.supernet.supernet_settings": ("SupernetTraining",),
    "dse.supernet.supernet_training": ("train_supernet",),
    "dse.supernet.training_team": ("check_team", "train_supernet_together"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
