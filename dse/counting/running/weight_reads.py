"""What a run reads of the weights of a model and of the keys and values that it keeps.

Of a weight that operators take as a whole, all of it, once however often. Of an embedding the rows
that are looked up, each another; of a module of experts the weights of those that are visited, each
of another; of a weight that another part of the network reads whole (`lent_weights`), nothing here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from dse.counting.modules import (
    attribute_of,
    experts_visited,
    held_weights,
    kept_names,
    lent_weights,
    modules_within,
    tensors_held,
)
from dse.counting.tensors import bits_of, bytes_of, storage_id
from dse.counting.trace_records import Call, Read, counted_in


def weight_reads(
    model: nn.Module,
    elements: Mapping[int, int],
    calls: Sequence[Call],
    counted_as: Mapping[str, torch.dtype],
) -> tuple[Read, ...]:
    """Return what a run read of each parameter and buffer, a shared one once.

    Args:
        model: that ran.
        elements: by the id of a storage, the elements of it that operators took.
        calls: of the model's modules.
        counted_as: as `Trace.counted_as`.
    """
    visited = {call.name: experts_visited(call) for call in calls}
    # A shared one is read by its last holder, such as the head that it is lent to.
    return tuple(dict(_reads(model, elements, visited, counted_as)).values())


def _reads(
    model: nn.Module,
    elements: Mapping[int, int],
    visited: Mapping[str, int | None],
    counted_as: Mapping[str, torch.dtype],
) -> Iterator[tuple[int, Read]]:
    modules = modules_within(model)
    packed = {*map(id, tensors_held(modules))}
    lent = lent_weights(model)
    # What is packed is made anew whenever it is asked for, and an id is unique among the living.
    held: list[Tensor] = []
    for name, module in modules:
        kept = kept_names(module)
        for weight, tensor, _ in held_weights(module):
            if id(tensor) in lent:
                continue
            held.append(tensor)
            is_packed = id(tensor) not in packed
            taken = tensor.numel() if is_packed else elements.get(storage_id(tensor), 0)
            if is_packed and name not in visited:
                taken = 0
            most = _visited_elements(module, tensor, visited.get(name))
            counted = counted_in(name, counted_as) if counted_as else None
            floating = tensor.is_floating_point()
            bits = bits_of(counted if counted and floating else tensor.dtype)
            yield id(tensor), Read(name, bytes_of(min(taken, most), bits), weight in kept)


def _visited_elements(module: nn.Module, weight: Tensor, visited: int | None) -> int:
    """Return the elements of a weight that can be read at most."""
    if visited is None or weight.dim() < 2:
        return weight.numel()
    experts = attribute_of(module, "num_experts")
    if weight.shape[0] != experts:
        return weight.numel()
    return weight[0].numel() * min(visited, weight.shape[0])
