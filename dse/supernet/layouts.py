"""What a tensor of weights is made of along each of its dimensions, and how smaller ones lie in it.

A dimension is a row of parts, such as what was concatenated, and a part a product of factors, such
as queries, keys and values × heads × features of a head. Of two layouts alike, one lies in the
other where each of its factors takes some of the other's: the leading ones, or those at the centre.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

FIXED = ("places", "group")
"""Kinds of factors that are never cut: places of a map that a linear layer reads, and the channels
of a group of a convolution, which only mean something together."""

RULES: Mapping[str, str] = {
    "channels": "leading",
    "kernel": "centre",
    "heads": "leading",
    "experts": "leading",
    "positions": "own",
    "entries": "leading",
    **dict.fromkeys(FIXED, "own"),
}
"""How each kind of factor is shared, where a page does not say otherwise."""


class SharedFactor(NamedTuple):
    """One of the sizes that a part of a dimension is the product of."""

    size: int
    kind: str = "channels"
    """One of `RULES`."""


Extent = tuple[tuple[SharedFactor, ...], ...]
"""A dimension: its parts, each a product of factors."""
Layout = tuple[Extent, ...]
"""A tensor: its dimensions."""


def extent(size: int, kind: str = "channels") -> Extent:
    """Return a dimension of one part with one factor."""
    return ((SharedFactor(size, kind),),)


def product(*factors: tuple[int, str]) -> Extent:
    """Return a dimension of one part."""
    return (tuple(SharedFactor(size, kind) for size, kind in factors),)


def length(extent: Extent) -> int:
    """Return the size of a dimension."""
    return sum(_size(part) for part in extent)


def shape_of(layout: Layout) -> tuple[int, ...]:
    """Return the shape of a tensor."""
    return tuple(map(length, layout))


def as_a_whole(extent: Extent) -> Extent:
    """Return a dimension whose parts are not told apart, but for places."""
    if any(each.kind in FIXED for part in extent for each in part):
        return extent
    return ((SharedFactor(length(extent), extent[0][0].kind),),)


def own_sizes(layout: Layout, rules: Mapping[str, str]) -> str:
    """Return what two tensors have to be equal in to share a storage, as a text.

    These are the kinds of the factors, and the sizes of those that are not shared.
    """
    told = []
    for number, each in enumerate(layout):
        # Of several parts all are made alike; how many they are may differ.
        kinds = "·".join(factor.kind for factor in each[0])
        owned = [f.size for part in each for f in part if rules[f.kind] == "own"]
        if owned or len(each[0]) > 1:
            told.append(f"{number}:{kinds}={','.join(map(str, owned))}")
    return " ".join(told)


def united(one: Layout, other: Layout) -> Layout:
    """Return the least layout that both of two lie in."""
    return tuple(
        tuple(
            tuple(
                SharedFactor(max(a.size, b.size), a.kind)
                for a, b in zip(first, second, strict=True)
            )
            for first, second in _paired(some, more)
        )
        for some, more in zip(one, other, strict=True)
    )


def _paired(some: Extent, more: Extent) -> Iterable[tuple[Sequence[SharedFactor], ...]]:
    for first, second in itertools.zip_longest(some, more):
        yield (first or second, second or first)


def taken(tensor: Tensor, stored: Layout, wanted: Layout, rules: Mapping[str, str]) -> Tensor:
    """Return what a tensor of one layout holds of another that lies in it.

    It is a view wherever it has strides of its own. Where several parts of a dimension are cut,
    these are views that are joined.
    """
    later = []
    for dimension, (whole, part) in enumerate(zip(stored, wanted, strict=True)):
        if whole == part:
            continue
        runs = _runs(whole, part, rules)
        if len(runs) == 1:
            tensor = tensor.narrow(dimension, *runs[0])
        else:
            later.append((dimension, runs))
    for dimension, runs in later:
        tensor = torch.cat([tensor.narrow(dimension, *run) for run in runs], dimension)
    return tensor


def is_view(stored: Layout, wanted: Layout, rules: Mapping[str, str]) -> bool:
    """Return whether `taken` is a view, and joins nothing."""
    return all(
        whole == part or len(_runs(whole, part, rules)) == 1
        for whole, part in zip(stored, wanted, strict=True)
    )


def _runs(whole: Extent, part: Extent, rules: Mapping[str, str]) -> list[tuple[int, int]]:
    """Return what is taken of a dimension as runs: where each begins, and how long it is."""
    found: list[tuple[int, int]] = []
    start = 0
    for index, factors in enumerate(whole):
        if index < len(part):
            for begin, size in _runs_of_part(factors, part[index], rules):
                if found and sum(found[-1]) == start + begin:
                    found[-1] = (found[-1][0], found[-1][1] + size)
                else:
                    found.append((start + begin, size))
        start += _size(factors)
    return found


def _runs_of_part(
    whole: Sequence[SharedFactor], part: Sequence[SharedFactor], rules: Mapping[str, str]
) -> list[tuple[int, int]]:
    if not whole:
        return [(0, 1)]
    inner = _size(whole[1:])
    begin = (whole[0].size - part[0].size) // 2 if rules[whole[0].kind] == "centre" else 0
    if whole[1:] == part[1:]:
        return [(begin * inner, part[0].size * inner)]
    runs = _runs_of_part(whole[1:], part[1:], rules)
    return [
        ((begin + index) * inner + start, size)
        for index in range(part[0].size)
        for start, size in runs
    ]


def _size(factors: Sequence[SharedFactor]) -> int:
    return math.prod(each.size for each in factors)


def put(
    tensor: Tensor, stored: Layout, wanted: Layout, rules: Mapping[str, str], value: Tensor
) -> None:
    """Write a value over what `taken` gives."""
    places = torch.arange(tensor.numel()).view(tensor.shape)
    chosen = taken(places, stored, wanted, rules).reshape(-1)
    with torch.no_grad():
        tensor.view(-1)[chosen] = value.detach().reshape(-1).to(tensor.dtype)
