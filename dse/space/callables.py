"""Networks that a callable returns whole: built, and costed by one trace."""

from __future__ import annotations

import warnings

from torch import nn

from dse.costs import Conditions, Costs
from dse.counting import build_without_weights, costs_under, trace
from dse.errors import DseError
from dse.space.blocks import block_of
from dse.space.candidate import Candidate
from dse.space.targets import BUILD_ERRORS


def build_callable(candidate: Candidate) -> nn.Module:
    """Call a candidate's callable with its arguments.

    Raises:
        DseError: where it refuses them, or returns something else than a module.
    """
    (call,) = candidate.blocks
    try:
        model = block_of(call.block).build(**dict(call.settings))
    except BUILD_ERRORS as error:
        raise DseError(f"{type(error).__name__}: {error}") from error
    if not isinstance(model, nn.Module):
        raise DseError(f"{call.block} builds no torch.nn.Module but {type(model).__name__}")
    return model


def cost_callable(candidate: Candidate, conditions: Conditions) -> Costs:
    """Return the costs of a candidate's whole network, traced without data or memory.

    Raises:
        DseError: where it cannot be built or run, or has operators of unknown cost.
    """
    with warnings.catch_warnings():
        # Some constructors warn of how long they initialise weights, of which there are none here.
        warnings.simplefilter("ignore")
        model = build_without_weights(lambda: build_callable(candidate))
        shape = (conditions.batch, *candidate.input_shape)
        unknown = trace(model, shape).unknown
        if unknown:
            raise DseError(f"operators of unknown cost: {', '.join(unknown)}")
        return costs_under(model, shape, conditions)
