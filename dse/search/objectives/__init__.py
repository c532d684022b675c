"""What a search optimises: callables that measure one candidate.

An objective is a function that names what it needs among

- `candidate`: the `CostedPoint`, with its settings and costs;
- `module`: the candidate's `nn.Module` on `device`, freshly initialised from `seed`;
- `device` and `seed`;
- `report`: takes a step (from 1) and the value so far, and returns whether to give up, by raising
  `Pruned`,

and takes its own options by name, from its config. It returns a number, or numbers by name, one of
which has the objective's name.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.objectives.activation_codes import naswot as naswot
    from dse.search.objectives.cost_values import cost as cost
    from dse.search.objectives.cost_values import cost_of as cost_of
    from dse.search.objectives.cost_values import macs as macs
    from dse.search.objectives.cost_values import params as params
    from dse.search.objectives.gradients import grad_norm as grad_norm
    from dse.search.objectives.gradients import grasp as grasp
    from dse.search.objectives.gradients import snip as snip
    from dse.search.objectives.gradients import synflow as synflow
    from dse.search.objectives.images import Images as Images
    from dse.search.objectives.images import check_images as check_images
    from dse.search.objectives.images import load_images as load_images
    from dse.search.objectives.measured_latency import latency as latency
    from dse.search.objectives.objective_registry import CHECKS as CHECKS
    from dse.search.objectives.objective_registry import OBJECTIVES as OBJECTIVES
    from dse.search.objectives.scaling_laws import scaling_law as scaling_law
    from dse.search.objectives.short_training import accuracy_of as accuracy_of
    from dse.search.objectives.short_training import check_training as check_training
    from dse.search.objectives.short_training import train as train
    from dse.search.objectives.single_input import OneInput as OneInput
    from dse.search.objectives.single_input import one_input as one_input
    from dse.search.objectives.table_lookup import table as table
    from dse.search.objectives.training_numbers import check_numbers as check_numbers
    from dse.search.objectives.zen_score import zen as zen
    from dse.search.outcomes import Pruned as Pruned

_HOMES = {
    "dse.search.objectives.activation_codes": ("naswot",),
    "dse.search.objectives.cost_values": ("cost", "cost_of", "macs", "params"),
    "dse.search.objectives.gradients": ("grad_norm", "grasp", "snip", "synflow"),
    "dse.search.objectives.images": ("Images", "check_images", "load_images"),
    "dse.search.objectives.measured_latency": ("latency",),
    "dse.search.objectives.objective_registry": ("CHECKS", "OBJECTIVES"),
    "dse.search.objectives.scaling_laws": ("scaling_law",),
    "dse.search.objectives.short_training": ("accuracy_of", "check_training", "train"),
    "dse.search.objectives.single_input": ("OneInput", "one_input"),
    "dse.search.objectives.table_lookup": ("table",),
    "dse.search.objectives.training_numbers": ("check_numbers",),
    "dse.search.objectives.zen_score": ("zen",),
    "dse.search.outcomes": ("Pruned",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
