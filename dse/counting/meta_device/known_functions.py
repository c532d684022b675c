"""Functions of PyTorch that carry values to or from tensors without dispatching an operator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from dse.counting.meta_device.known_values import KnownValues, Unknown, has_data
from dse.counting.meta_device.recurrent_kernels import padded
from dse.counting.torch_internals import PAD_PACKED, is_fake, without_modes

Function = Callable[..., Any]


def functions_of_values(known: KnownValues) -> dict[Function, Function]:
    """Return what is called in place of such functions, by function.

    `torch.tensor(values, device=…)` puts values on a device, and so does `tensor[[0, 2]]`;
    `tensor.numpy()` takes them away. `one_hot` compares with every class where there is no data,
    and writes to the places of the classes where there is. Packed sequences are padded by a kernel
    that writes to memory.
    """
    makers: tuple[Function, ...] = (torch.tensor, torch.as_tensor, torch.asarray, Tensor.new_tensor)
    takers: tuple[Function, ...] = (Tensor.numpy, Tensor.__array__, Tensor.tolist)
    indexers: tuple[Function, ...] = (Tensor.__getitem__, Tensor.__setitem__)
    return {
        **{function: partial(_made, known, function) for function in makers},
        **{function: partial(_taken, known, function) for function in takers},
        **{function: partial(_indexed, known, function) for function in indexers},
        F.one_hot: _one_hot,
        PAD_PACKED: partial(_padded, known),
    }


def _made(known: KnownValues, function: Function, *args: Any, **kwargs: Any) -> Any:
    place = 1 if function is Tensor.new_tensor else 0
    if len(args) <= place or isinstance(args[place], Tensor):
        return function(*args, **kwargs)
    data, is_known = _numbers(args[place], known)
    given = (*args[:place], data, *args[place + 1 :])
    made = function(*given, **kwargs)
    if not isinstance(made, Tensor) or has_data(made):
        return made
    with without_modes():
        values = torch.tensor(data, dtype=made.dtype)
    if made.is_meta:
        # Nothing was dispatched, but a device would have to keep it.
        made = torch.empty(values.shape, dtype=made.dtype, device=made.device)
    if is_known:
        known.tell(made, values)
    return made


def _numbers(data: Any, known: KnownValues) -> tuple[Any, bool]:
    """Return nested values with a number for each tensor in them, and whether all are known."""
    if isinstance(data, Tensor):
        with without_modes():
            try:
                return known.of(data).tolist(), True
            except Unknown:
                return torch.zeros(data.shape, dtype=data.dtype).tolist(), False
    if isinstance(data, (list, tuple)):
        items = [_numbers(item, known) for item in data]
        return [item for item, _ in items], all(is_known for _, is_known in items)
    return data, True


def _taken(known: KnownValues, function: Function, tensor: Tensor, *args: Any, **kw: Any) -> Any:
    if not has_data(tensor):
        try:
            with without_modes():
                return function(known.of(tensor).clone(), *args, **kw)
        except Unknown:
            pass
    return function(tensor, *args, **kw)


def _indexed(
    known: KnownValues, function: Function, tensor: Tensor, index: Any, *value: Any
) -> Any:
    if not has_data(tensor):
        place = partial(_made, known, torch.tensor, device=tensor.device)
        if isinstance(index, tuple):
            index = tuple(place(each) if _is_list(each) else each for each in index)
        elif _is_list(index):
            index = place(index)
    return function(tensor, index, *value)


def _one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    if has_data(tensor) or tensor.dtype is not torch.int64:
        return F.one_hot(tensor, num_classes)
    classes = int(tensor.max()) + 1 if num_classes == -1 else num_classes
    made = tensor.new_zeros((*tensor.shape, classes))
    return made.scatter_(-1, tensor.unsqueeze(-1), 1)


def _padded(
    known: KnownValues,
    steps: Tensor,
    sizes: Tensor,
    batch_first: bool,
    padding: float,
    most_steps: int,
) -> tuple[Tensor, Tensor]:
    if not is_fake(steps) or not has_data(sizes):
        made: tuple[Tensor, Tensor] = PAD_PACKED(steps, sizes, batch_first, padding, most_steps)
        return made
    with without_modes():
        counted = sizes.tolist()
    output, told, lengths = padded(steps, counted, batch_first, padding, most_steps)
    with without_modes():
        values = torch.tensor(lengths)
    known.tell(told, values)
    return output, told


def _is_list(index: Any) -> bool:
    return (
        isinstance(index, list)
        and len(index) > 0
        and all(isinstance(each, (int, list)) for each in index)
    )
