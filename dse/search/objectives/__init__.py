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

from collections.abc import Callable
from typing import Any

from dse.search.evaluation import Pruned
from dse.search.objectives.activation_codes import naswot
from dse.search.objectives.checkpoint import save_checkpoint
from dse.search.objectives.cost_values import check_cost, cost, cost_of, macs, params
from dse.search.objectives.gradients import grad_norm, grasp, snip, synflow
from dse.search.objectives.images import Images, check_images, load_images
from dse.search.objectives.latency import latency
from dse.search.objectives.scaling_law import check_scaling_law, scaling_law
from dse.search.objectives.short_training import accuracy_of, check_training, train
from dse.search.objectives.single_input import OneInput, one_input
from dse.search.objectives.table import check_table, table
from dse.search.objectives.zen import zen

CHECKS: dict[Callable[..., Any], Callable[..., None]] = {
    cost: check_cost,
    scaling_law: check_scaling_law,
    table: check_table,
    train: check_training,
}
"""What says of an objective's options, before anything is evaluated, that they cannot be."""

OBJECTIVES: dict[str, Callable[..., Any]] = {
    f"{__name__}.{objective.__name__}": objective
    for objective in (
        *(cost, grad_norm, grasp, latency, macs, naswot, params, scaling_law, snip, synflow),
        *(table, train, zen),
    )
}
"""The objectives that any config may name, by their paths."""

__all__ = [
    "CHECKS",
    "OBJECTIVES",
    "Images",
    "OneInput",
    "Pruned",
    "accuracy_of",
    "check_images",
    "check_training",
    "cost",
    "cost_of",
    "grad_norm",
    "grasp",
    "latency",
    "load_images",
    "macs",
    "naswot",
    "one_input",
    "params",
    "save_checkpoint",
    "scaling_law",
    "snip",
    "synflow",
    "table",
    "train",
    "zen",
]
