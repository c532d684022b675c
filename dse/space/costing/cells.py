"""Small graphs of operations as a single block: what a cell costs follows from its operations.

A cell makes its values one after the other: each is what an operation makes of one value, or joins
several, by their sum or along the channels. A value is alive until it was used for the last time,
what enters the cell until its caller lets go of it. So every operation runs beside the values that
are alive then, and a cell is the fold of its operations (see `part_algebra`), as a network is of
its blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from dse.costs import Costs, summed_costs
from dse.counting import OutputStorage, TensorSpec, handed_on_as, together
from dse.space.blocks import Join
from dse.space.costing.block_costs import BlockCosts
from dse.space.costing.block_step import one_tensor
from dse.space.costing.part_algebra import Part, beside, fold, inference_fields, nothing
from dse.space.costing.placing import caller_holds, placed

Takes = tuple[int, ...]
"""The value that an operation takes, or those that are joined; the first values are what enters the
cell, behind them is what each operation makes."""


class Joining(NamedTuple):
    """Values that are joined."""

    join: Join
    values: tuple[TensorSpec, ...]
    """Those that differ, in the order in which they are first named."""
    places: tuple[int, ...]
    """Of each term, its place among them."""


_JOINED: dict[Join, str] = {"add": "added", "concatenate": "concatenated"}


def not_joined(join: Join, terms: Sequence[TensorSpec]) -> str:
    """Return why values cannot be joined; nothing where they can.

    Values are also added where one of two sizes is 1, as PyTorch does.
    """
    shapes = [each.shape for each in terms]
    if join == "concatenate":
        shapes = [(*shape[:1], *shape[2:]) for shape in shapes]
    alike = len({*map(len, shapes)}) == 1
    for sizes in zip(*shapes, strict=False):
        alike &= len({*sizes} - ({1} if join == "add" else set())) <= 1
    return "" if alike else f"values of different shapes are {_JOINED[join]}"


def is_spread(join: Join, terms: Sequence[TensorSpec]) -> bool:
    """Return whether values of different shapes are added."""
    return join == "add" and len({each.shape for each in terms}) > 1


@dataclass(frozen=True)
class CellStorages:
    """Where the values of a cell live: a view shares the storage of what it is a view of."""

    takes: Sequence[Takes]
    of_value: tuple[int, ...]
    """The storage of each value, by number; the first are those of what enters."""
    nbytes: tuple[int, ...]
    """Of each storage; 0 for those of what enters, which are the caller's."""
    entering: int = 1
    """How many tensors enter, each on a storage of its own."""

    def made_by(self, position: int) -> int:
        """Return the storage of what an operation makes."""
        return self.of_value[position + self.entering]

    def taken_by(self, position: int) -> set[int]:
        """Return the storages that an operation takes."""
        return {self.of_value[value] for value in self.takes[position]}

    def waiting(self, position: int) -> set[int]:
        """Return the storages of values that an operation, or one behind it, takes."""
        made = range(position + self.entering)
        return {
            self.of_value[value]
            for later in self.takes[position:]
            for value in later
            if value in made
        }

    def bytes_of(self, storages: set[int]) -> int:
        """Return the bytes of some storages."""
        return sum(self.nbytes[storage] for storage in storages)


def storages_of(
    takes: Sequence[Takes], made: Sequence[int | None], entering: int = 1
) -> CellStorages:
    """Return the storages of a cell; `made` has the bytes that each operation makes, None if it
    makes a view."""
    of_value, nbytes = [*range(entering)], [0] * entering
    for taken, made_bytes in zip(takes, made, strict=True):
        if made_bytes is None:
            of_value.append(of_value[taken[0]])
        else:
            of_value.append(len(nbytes))
            nbytes.append(made_bytes)
    return CellStorages(takes, tuple(of_value), tuple(nbytes), entering)


def cell_costs(
    takes: Sequence[Takes],
    costs: Sequence[BlockCosts],
    entering: Sequence[TensorSpec],
    keeps: Sequence[int] = (),
) -> BlockCosts:
    """Return what a cell costs in inference.

    Args:
        takes: what each operation takes, in order; the last one makes the cell's output.
        costs: of each operation, or join, alone.
        entering: the tensors that enter.
        keeps: the numbers of those that are handed on in front of what is made.
    """
    outputs = [each.output_storages[0] for each in costs]
    made_bytes = [None if o.is_input else o.nbytes for o in outputs]
    storages = storages_of(takes, made_bytes, len(entering))

    def parts() -> Iterator[Part[int]]:
        for position, each in enumerate(costs):
            taken = storages.taken_by(position)
            part, _ = placed(each, caller_holds(storages.bytes_of(taken), 0))
            yield beside(part, storages.bytes_of(storages.waiting(position) - taken), 0)

    whole = fold(parts(), nothing(inference_fields()))
    storage = storages.made_by(len(costs) - 1)
    if storage < len(entering):
        made = replace(outputs[-1], which=storage)
    else:
        made = OutputStorage(storages.nbytes[storage], is_input=False, which=len(keeps))
    kept = [OutputStorage(entering[number].nbytes, True, number) for number in keeps]
    return BlockCosts(
        additive=replace(Costs.of({name: whole[name] for name in summed_costs()}), peak_memory=0),
        peak_bytes=whole["peak"],
        output=handed_on_as([*(entering[n] for n in keeps), one_tensor(costs[-1].output)]),
        output_storages=(*kept, made),
        kernels=together(kernel for each in costs for kernel in each.kernels),
    )
