"""Small graphs of operations as a single block: what a cell costs follows from its operations.

A cell makes its values one after the other: each is what an operation makes of one value, or the
sum of two. A value is alive until it was used for the last time, the cell's input until its caller
lets go of it. So every operation runs beside the values that are alive then, and a cell is the
fold of its operations (see `part_algebra`), as a network is of its blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dse.costs import Costs, summed_costs
from dse.counting import OutputStorage, together
from dse.space.costing.block_costs import BlockCosts
from dse.space.costing.part_algebra import Part, beside, fold, inference_fields, nothing
from dse.space.costing.placing import caller_holds, placed

Takes = tuple[int, ...]
"""The value that an operation takes, or the two whose sum is made; value 0 is the cell's input, and
value n what the nth operation makes."""


@dataclass(frozen=True)
class CellStorages:
    """Where the values of a cell live: a view shares the storage of what it is a view of."""

    takes: Sequence[Takes]
    of_value: tuple[int, ...]
    """The storage of each value, by number; that of the input is 0."""
    nbytes: tuple[int, ...]
    """Of each storage; 0 for the input's, which is the caller's."""

    def made_by(self, position: int) -> int:
        """Return the storage of what an operation makes."""
        return self.of_value[position + 1]

    def taken_by(self, position: int) -> set[int]:
        """Return the storages that an operation takes."""
        return {self.of_value[value] for value in self.takes[position]}

    def waiting(self, position: int) -> set[int]:
        """Return the storages of values that an operation, or one behind it, takes."""
        made = range(position + 1)
        return {
            self.of_value[value]
            for later in self.takes[position:]
            for value in later
            if value in made
        }

    def bytes_of(self, storages: set[int]) -> int:
        """Return the bytes of some storages."""
        return sum(self.nbytes[storage] for storage in storages)


def storages_of(takes: Sequence[Takes], made: Sequence[int | None]) -> CellStorages:
    """Return the storages of a cell; `made` has the bytes that each operation makes, None if it
    makes a view."""
    of_value, nbytes = [0], [0]
    for taken, made_bytes in zip(takes, made, strict=True):
        if made_bytes is None:
            of_value.append(of_value[taken[0]])
        else:
            of_value.append(len(nbytes))
            nbytes.append(made_bytes)
    return CellStorages(takes, tuple(of_value), tuple(nbytes))


def cell_costs(takes: Sequence[Takes], costs: Sequence[BlockCosts]) -> BlockCosts:
    """Return what a cell costs in inference.

    Args:
        takes: what each operation takes, in order; the last one makes the cell's output.
        costs: of each operation, or sum, alone.
    """
    outputs = [each.output_storages[0] for each in costs]
    storages = storages_of(takes, [None if o.is_input else o.nbytes for o in outputs])

    def parts() -> Iterator[Part[int]]:
        for position, each in enumerate(costs):
            taken = storages.taken_by(position)
            part, _ = placed(each, caller_holds(storages.bytes_of(taken), 0))
            yield beside(part, storages.bytes_of(storages.waiting(position) - taken), 0)

    whole = fold(parts(), nothing(inference_fields()))
    storage = storages.made_by(len(costs) - 1)
    made = OutputStorage(storages.nbytes[storage], is_input=False)
    return BlockCosts(
        additive=replace(Costs.of({name: whole[name] for name in summed_costs()}), peak_memory=0),
        peak_bytes=whole["peak"],
        output=costs[-1].output,
        output_storages=(made if storage else outputs[-1],),
        kernels=together(kernel for each in costs for kernel in each.kernels),
    )
