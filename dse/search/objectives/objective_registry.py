"""The objectives that any config may name, and what is checked of their options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dse.search.objectives.activation_codes import naswot
from dse.search.objectives.cost_values import check_cost, cost, macs, params
from dse.search.objectives.gradients import grad_norm, grasp, snip, synflow
from dse.search.objectives.measured_latency import latency
from dse.search.objectives.scaling_laws import check_scaling_law, scaling_law
from dse.search.objectives.short_training import check_training, train
from dse.search.objectives.table_lookup import check_table, table
from dse.search.objectives.zen_score import zen

CHECKS: dict[Callable[..., Any], Callable[..., None]] = {
    cost: check_cost,
    scaling_law: check_scaling_law,
    table: check_table,
    train: check_training,
}
"""What says of an objective's options, before anything is evaluated, that they cannot be."""

OBJECTIVES: dict[str, Callable[..., Any]] = {
    f"{__package__}.{objective.__name__}": objective
    for objective in (
        *(cost, grad_norm, grasp, latency, macs, naswot, params, scaling_law, snip, synflow),
        *(table, train, zen),
    )
}
"""The objectives that any config may name, by their paths."""
