"""Networks that a callable returns whole: built, and costed by one trace."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from torch import nn
from torchvision import models

from dse.costs import Costs
from dse.counting import build_without_weights, costs_under, trace
from dse.errors import DseError
from dse.foreign_code import foreign_code
from dse.space.blocks import block_of
from dse.space.candidate import Candidate
from dse.space.chains import parts_of
from dse.space.targets import is_trusted, own_arguments

if TYPE_CHECKING:
    from dse.space.costing import BlockTable


def build_callable(candidate: Candidate) -> nn.Module:
    """Call a candidate's callable with its arguments.

    Raises:
        DseError: where it refuses them, or returns something else than a module.
    """
    (call,) = candidate.blocks
    builder, arguments = block_of(call.block).build, dict(call.settings)
    with foreign_code(str):
        if is_trusted(builder):
            builder, arguments = _offline(builder, arguments)
        model = builder(**arguments)
    if not isinstance(model, nn.Module):
        raise DseError(f"{call.block} builds no torch.nn.Module but {type(model).__name__}")
    return model


def _offline(
    builder: Callable[..., nn.Module], arguments: Mapping[str, Any]
) -> tuple[Callable[..., nn.Module], dict[str, Any]]:
    """Return a call of torchvision or timm that fetches nothing.

    Raises:
        ValueError: for the name of a model on a hub.
    """
    for name, value in arguments.items():
        if isinstance(value, str) and ":" in value:
            raise ValueError(f"{name} {value!r}: models are not fetched from a hub")
    given = dict(arguments)
    if builder is models.get_model:
        builder = models.get_model_builder(given.pop("name"))
    if "weights_backbone" in own_arguments(builder):
        # Segmentation models have trained weights by default.
        given["weights_backbone"] = None
    return builder, given


def cost_callable(candidate: Candidate, table: BlockTable) -> Costs:
    """Return the costs of a candidate's whole network, traced without data or memory.

    A network that runs parts one after the other costs what these cost, which the table may know.

    Raises:
        DseError: where it cannot be built or run, or has operators of unknown cost.
    """
    conditions = table.conditions
    with warnings.catch_warnings():
        # Some constructors warn of how long they initialise weights, of which there are none here.
        warnings.simplefilter("ignore")
        model = build_without_weights(lambda: build_callable(candidate))
        parts = parts_of(model)
        if parts is not None:
            costs = table.cost_parts(parts, candidate.input_shape)
            if costs is not None:
                return costs
        shape = (conditions.batch, *candidate.input_shape)
        unknown = trace(model, shape).unknown
        if unknown:
            raise DseError(f"operators of unknown cost: {', '.join(unknown)}")
        return costs_under(model, shape, conditions)
