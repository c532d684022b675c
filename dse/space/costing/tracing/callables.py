"""Networks that a callable returns whole: built, and costed by one trace."""

from __future__ import annotations

import functools
import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from dse.code import foreign_code
from dse.costs import BlockNumbers, Conditions, Costs
from dse.counting import Input, build_without_weights, costs_under
from dse.errors import DseError, RanOnData
from dse.space.blocks import block_of, limited_parts, offline
from dse.space.candidate import Candidate, NamedInput
from dse.space.costing.tracing.chains import ChainPart, parts_of

_log = logging.getLogger("dse.space")

PartsCosting = Callable[[Sequence[ChainPart], tuple[int, ...]], Costs | None]
"""(parts in order, shape of the input without the batch) -> costs, or None where it cannot tell."""


def build_callable(candidate: Candidate) -> nn.Module:
    """Call a candidate's callable with its arguments.

    Raises:
        DseError: where it refuses them, or returns something else than a module.
    """
    with foreign_code(str), limited_parts():
        builder, arguments = callable_of(candidate)
        model = builder(**arguments)
    if not isinstance(model, nn.Module):
        name = candidate.blocks[0].block
        raise DseError(f"{name} builds no torch.nn.Module but {type(model).__name__}")
    return model


def callable_of(candidate: Candidate) -> tuple[Callable[..., nn.Module], dict[str, Any]]:
    """Return a candidate's callable with its arguments."""
    (call,) = candidate.blocks
    return offline(block_of(call.block).build, dict(call.settings))


def network_inputs(
    candidate: Candidate, batch: int, phase: str = "prefill"
) -> tuple[list[Input], dict[str, Input]]:
    """Return the inputs of a candidate's network, by position and by name.

    Args:
        candidate: of any family.
        batch: size of the batch axis.
        phase: one of `dse.costs.cost_conditions.PHASES`; of `decode` one token enters.
    """
    if candidate.given_input is not None:
        given = candidate.given_input
        given = replace(given, shape=(1,)) if phase == "decode" else given
        return [_of_batch(given, batch)], {}
    if not candidate.named_inputs:
        return [Input((batch, *candidate.input_shape))], {}
    return [], {each.name: _of_batch(each, batch) for each in candidate.named_inputs}


def _of_batch(given: NamedInput, batch: int) -> Input:
    shape = (batch, *given.shape) if given.has_batch else given.shape
    return Input(shape, given.dtype, given.values, below=given.below)


def cost_callable(
    candidate: Candidate,
    conditions: Conditions,
    cost_parts: PartsCosting | None = None,
    numbers: BlockNumbers | None = None,
) -> Costs:
    """Return the costs of a candidate's whole network, traced without data where it can be.

    Args:
        candidate: of a callable family.
        conditions: what the costs depend on besides.
        cost_parts: costs a network that runs parts one after the other by these, as far as it can.
        numbers: gives what no trace tells.

    Raises:
        DseError: where it cannot be built or run, or has operators of unknown cost.
    """
    if conditions.context:
        raise DseError("a context is of language models of blocks, such as family=llama")
    if conditions.is_divided or conditions.checkpointing != "none":
        key = "shards" if conditions.is_divided else "checkpointing"
        raise DseError(f"{key}: of networks of blocks, and this family is a callable")
    with warnings.catch_warnings():
        # Some constructors warn of how long they initialise weights, of which there are none here.
        warnings.simplefilter("ignore")
        model = build_without_weights(lambda: build_callable(candidate))
        inputs, named = network_inputs(candidate, conditions.batch)
        parts = parts_of(model)
        if parts is not None and cost_parts is not None and not candidate.named_inputs:
            costs = cost_parts(parts, candidate.input_shape)
            if costs is not None:
                return _with_whole(costs, model, inputs, numbers)
        with warnings.catch_warnings(record=True) as told, torch.random.fork_rng(devices=[]):
            warnings.simplefilter("always", RanOnData)
            # What depends on random data is to be the same every time.
            torch.manual_seed(0)
            costs = costs_under(
                model, inputs, conditions, named, strict=True, real="auto", numbers=numbers
            )
    for each in told:
        if issubclass(each.category, RanOnData):
            _say_once(candidate.blocks[0].block, str(each.message))
    return costs


def _with_whole(
    costs: Costs, model: nn.Module, inputs: list[Input], numbers: BlockNumbers | None
) -> Costs:
    """Return the costs of a network by its parts, with those that the whole alone has."""
    lacking = [] if numbers is None else [n for n in numbers.names if costs[n] is None]
    if numbers is None or not lacking:
        return costs
    found = numbers.of_model(model, inputs, None)
    given = {name: found[name] for name in lacking if name in found}
    return replace(
        costs, declared=(*(d for d in costs.declared if d[0] not in given), *given.items())
    )


@functools.cache
def _say_once(callable: str, what: str) -> None:
    _log.warning("%s: %s", callable, what)
