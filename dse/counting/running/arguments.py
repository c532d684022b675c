"""The arguments of a model's forward, made of what somebody gives as its inputs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from dse.counting.meta_device import MOST_ELEMENTS
from dse.counting.modules import copied_value
from dse.counting.running.inputs import Input
from dse.counting.tensors import held_tensors, is_sparse, strided_copy, strided_tensor
from dse.errors import DseError, nearest

Inputs = Any
"""What a model runs on.

- A shape such as `(1, 3, 224, 224)`, batch included, an `Input`, a tensor, or anything else that
  its forward takes.
- A list or tuple of these: the positional arguments; None for none of them.
- A mapping of which a key is a parameter of forward: arguments by name, such as
  `{"input_ids": Input((1, 128), "int64"), "pixel_values": (1, 3, 224, 224)}`. A mapping of other
  keys is the one positional argument; `[mapping]` always is.

A tuple or list of whole numbers is a shape where it stands by position or anywhere within what
does, and where it stands at a name itself. In a list that stands at a name (`image_sizes=[(224,
336)]`), and anywhere in `kwargs`, it stays what it is, as do all other values everywhere: None,
booleans, numbers, texts, enumerations, dataclasses, dtypes and devices. An object that holds
tensors, such as a cache, is copied with tensors made like those that it holds.
"""

MakeTensor = Callable[["Input | Tensor", torch.dtype], Tensor]
"""Makes the tensor that a model runs on from a shape or a given tensor, and the model's dtype."""

_Shapes = Literal["everywhere", "at names", "nowhere"]
"""Where tuples of whole numbers are shapes."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What one call of a forward is given."""

    positional: list[Any]
    keywords: dict[str, Any]


def made_arguments(
    model: nn.Module,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None,
    make: Callable[[Input | Tensor], Tensor],
) -> Arguments:
    """Return the arguments of a model's forward with a tensor for each shape, input and tensor.

    Args:
        model: whose forward it is.
        inputs: see `Inputs`.
        kwargs: further arguments by name, of which tensors and `Input` alone are replaced.
        make: how to make each tensor; the same tensor is made once.

    Raises:
        DseError: for a name that forward does not have, or one that is given twice.
    """
    if isinstance(inputs, (Input, Tensor)) and not kwargs:
        # The parts of a network are run on one input, by the thousand.
        return Arguments([make(inputs)], {})
    positional, named = _taken_apart(model, inputs)
    _check_names(model, len(positional), [*named, *(kwargs or {})])
    positional, named, others = copied_value((positional, named, dict(kwargs or {})), make)
    return Arguments(
        [_read(each, "everywhere", make) for each in positional],
        _read(named, "at names", make) | _read(others, "nowhere", make),
    )


def made_labels(labels: Inputs, make: Callable[[Input | Tensor], Tensor]) -> list[Any]:
    """Return the labels of a loss with a tensor for each shape, input and tensor in them."""
    given = [] if labels is None else [copied_value(labels, make)]
    made: list[Any] = _read(given, "everywhere", make)
    return made


def forward_parameters(model: nn.Module) -> dict[str, inspect.Parameter]:
    """Return the parameters of a model's forward by name; none where Python cannot tell them."""
    try:
        return dict(inspect.signature(model.forward).parameters)
    except (TypeError, ValueError):
        return {}


def _taken_apart(model: nn.Module, inputs: Inputs) -> tuple[list[Any], dict[str, Any]]:
    """Return what stands by position, and what by name."""
    if inputs is None:
        return [], {}
    if isinstance(inputs, Mapping) and _is_by_name(model, inputs):
        return [], dict(inputs)
    if type(inputs) in (list, tuple) and not is_shape(inputs):
        return list(inputs), {}
    return [inputs], {}


def _is_by_name(model: nn.Module, inputs: Mapping[Any, Any]) -> bool:
    parameters = forward_parameters(model)
    if not inputs or not all(isinstance(name, str) for name in inputs):
        return False
    is_open = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    return is_open or any(name in parameters for name in inputs)


def _check_names(model: nn.Module, positional: int, names: Iterable[str]) -> None:
    parameters = forward_parameters(model)
    by_position = [p.name for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    taken = set(by_position[:positional])
    known = {*by_position, *(p.name for p in parameters.values() if p.kind is p.KEYWORD_ONLY)}
    is_open = not parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    for name in names:
        if name in taken:
            raise DseError(f"input {name!r} of {type(model).__name__} is given twice")
        taken.add(name)
        if name not in known and not is_open:
            hint = nearest(name, known)
            raise DseError(f"{type(model).__name__} takes no input {name!r}; {hint}")


def _read(value: Any, shapes: _Shapes, make: Callable[[Input | Tensor], Tensor]) -> Any:
    """Return a value with a tensor for each shape and `Input` in it."""
    if isinstance(value, Input):
        return make(value)
    if shapes != "nowhere" and is_shape(value):
        return make(Input(tuple(value)))
    if type(value) is dict:
        return {key: _read(item, shapes, make) for key, item in value.items()}
    within: _Shapes = "everywhere" if shapes == "everywhere" else "nowhere"
    if type(value) in (list, tuple):
        return type(value)(_read(item, within, make) for item in value)
    return value


def is_shape(value: Any) -> bool:
    """Return whether a value is a tuple or list of whole numbers."""
    return (
        isinstance(value, (tuple, list, torch.Size))
        and len(value) > 0
        and all(isinstance(size, int) and not isinstance(size, bool) for size in value)
    )


def holds_sparse(value: Any) -> bool:
    """Return whether a sparse tensor is among inputs: only on real ones do operators run."""
    return any(map(is_sparse, held_tensors(value)))


def meta_tensor(values: list[tuple[Tensor, Tensor]]) -> MakeTensor:
    """Return a maker of tensors on the meta device.

    Args:
        values: takes each tensor that is made, with what it would hold, where that is known.
    """

    def make(value: Input | Tensor, dtype: torch.dtype) -> Tensor:
        made = _without_data(value, dtype)
        if isinstance(value, Tensor):
            values.append((made, value.detach()))
        elif made.numel() <= MOST_ELEMENTS and (value.values is not None or not _is_noise(made)):
            values.append((made, _held(value, dtype, torch.device("cpu"))))
        return made

    return make


def _without_data(value: Input | Tensor, dtype: torch.dtype) -> Tensor:
    if isinstance(value, Tensor):
        return torch.empty_strided(value.size(), value.stride(), dtype=value.dtype, device="meta")
    empty = torch.empty(value.shape, dtype=value.dtype_or(dtype), device="meta")
    if value.stride is None:
        return empty
    return torch.empty_strided(value.shape, value.stride, dtype=empty.dtype, device="meta")


def real_tensor(device: torch.device) -> MakeTensor:
    """Return a maker of real tensors on a device: normal noise, and of integers zeros or ids."""

    def make(value: Input | Tensor, dtype: torch.dtype) -> Tensor:
        if isinstance(value, Tensor):
            return strided_copy(value)
        made = _held(value, dtype, device)
        if value.values is None and _is_noise(made):
            made.normal_()
        elif value.values is None and value.below is not None:
            made.random_(value.below)
        return made if value.stride is None else strided_tensor(made, value.stride)

    return make


def _held(value: Input, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return a tensor of the values of an input, or of zeros."""
    filled = value.filled(dtype, device)
    if filled is not None:
        return filled
    return torch.zeros(value.shape, dtype=value.dtype_or(dtype), device=device)


def _is_noise(tensor: Tensor) -> bool:
    """Return whether a tensor of unnamed values holds noise, and not zeros."""
    return tensor.is_floating_point() or tensor.is_complex()
