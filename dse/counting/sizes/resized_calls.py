"""What operators make of tensors of other sizes, and what that costs: each call worked out once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dse.counting.meta_device import CallCosts, Uncacheable, run_known
from dse.counting.operators import costs_of_call, operator_call
from dse.counting.running import NotedOperator, NotFollowed, TensorNumber
from dse.counting.tensors import LiveStorages, TensorSpec, dtype_of_name, spec_of

MOST_CALLS = 50_000
"""Distinct operator calls to remember, about a kilobyte each."""


class Called(NamedTuple):
    """An operator call."""

    made: tuple[TensorSpec, ...]
    """What it returns."""
    costs: CallCosts


_CALLED: dict[Any, Called] = {}


def called(step: NotedOperator, sizes: Mapping[int, Any], takes: Sequence[TensorSpec]) -> Called:
    """Return what an operator does as in a step, on tensors of other sizes.

    Args:
        step: its call.
        sizes: arguments that are other ones there, by their places.
        takes: the tensors in place of `NotedOperator.takes`.

    Raises:
        NotFollowed: where it cannot be told from these.
    """
    key = (step.form, *takes, *sizes.values())
    known = _CALLED.get(key)
    if known is None:
        if len(_CALLED) >= MOST_CALLS:
            _CALLED.clear()
        known = _CALLED[key] = _run(step, sizes, takes)
    return known


def _run(step: NotedOperator, sizes: Mapping[int, Any], takes: Sequence[TensorSpec]) -> Called:
    specs = iter(takes)
    args = [_with(each, specs) for each in step.args]
    named = {name: _with(each, specs) for name, each in step.kwargs}
    for place, value in sizes.items():
        args[place] = value
    operands: list[Tensor] = []
    args, named = (_tensors(each, operands, step.apart) for each in (args, named))
    try:
        output, known = run_known(step.operator, args, named)
    except (RuntimeError, Uncacheable) as error:
        raise NotFollowed from error
    call = operator_call(step.operator, args, named, output)
    costs = costs_of_call(call, LiveStorages(()), known)
    return Called(tuple(map(spec_of, call.made)), costs)


def _with(value: Any, specs: Iterator[TensorSpec]) -> Any:
    """Return an argument with the next specs for its places."""
    if type(value) is TensorNumber:
        return next(specs)
    if type(value) is tuple:
        return tuple(_with(each, specs) for each in value)
    return value


def _tensors(value: Any, operands: list[Tensor], apart: tuple[Any, ...]) -> Any:
    """Return arguments with a tensor without data for each spec, which is an operand more."""
    if isinstance(value, TensorSpec):
        first = apart[len(operands)][0] if apart else len(operands)
        if first < len(operands):
            operands.append(operands[first])
            if spec_of(operands[first]) != value:
                raise NotFollowed
        else:
            dtype = dtype_of_name(value.dtype)
            made = torch.empty_strided(value.shape, value.stride, dtype=dtype, device="meta")
            operands.append(made)
        return operands[-1]
    if isinstance(value, (list, tuple)):
        return [_tensors(each, operands, apart) for each in value]
    if isinstance(value, dict):
        return {name: _tensors(each, operands, apart) for name, each in value.items()}
    return value
