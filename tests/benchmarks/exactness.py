"""Costs by blocks beside the trace of each built network, at random points of every family.

    python -m tests.benchmarks.exactness [--candidates 100] [FAMILY …]

Each candidate is built, and inference and a training step of the whole network are traced; every
cost of it has to be the integer that the tables give, or the sum over its blocks where a space is
too large for tables. Prints a line a family, and fails at once where one differs.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Mapping

import numpy
from numpy.typing import NDArray

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.counting import build_without_weights, costs_under
from dse.space import BlockSpace, BlockTable, Settings, build_network, space_of
from tests.space.shipped import CHAINS, default_grid, inputs_of


def costed(
    space: BlockSpace, choices: NDArray[numpy.int64]
) -> Iterator[tuple[Settings, Mapping[str, int | None] | None]]:
    """Yield settings with their costs by name; None for what cannot be built."""
    settings = map(space.grid.settings, choices.tolist())
    if space.is_drawn_from:
        for each in settings:
            costs = space.point(each).costs
            yield each, costs.as_dict() if isinstance(costs, Costs) else None
        return
    columns = space.tables.costs(choices)
    for row, each in enumerate(settings):
        values = {cost: int(values[row]) for cost, values in columns.costs.items()}
        yield each, values if columns.is_valid[row] else None


def checked(name: str, candidates: int) -> tuple[int, int, float]:
    """Return how many candidates are equal, how many are invalid, and the seconds that it took."""
    space = space_of(default_grid(name), BlockTable())
    random = numpy.random.default_rng(0)
    choices = numpy.stack(
        [random.integers(0, size, candidates) for size in space.grid.sizes], axis=1
    )
    started = time.perf_counter()
    equal = invalid = 0
    for settings, told in costed(space, choices):
        if told is None:
            assert not isinstance(space.point(settings).costs, Costs), settings
            invalid += 1
            continue
        candidate = space.grid.family.resolve(settings)
        network = build_without_weights(lambda c=candidate: build_network(c, space.blocks))
        whole = costs_under(network, inputs_of(candidate, 1), Conditions()).as_dict()
        found = {cost: None if whole[cost] is None else value for cost, value in told.items()}
        assert found == whole, (name, settings)
        equal += 1
    return equal, invalid, time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("families", nargs="*", default=CHAINS)
    parser.add_argument("--candidates", type=int, default=100)
    arguments = parser.parse_args()
    total = 0
    for name in arguments.families or CHAINS:
        equal, invalid, seconds = checked(name, arguments.candidates)
        total += equal
        print(f"{name:<22} {equal:>5} equal, {invalid} invalid, {seconds:.0f} s", flush=True)
    print(f"{total:,} candidates equal in every cost")


if __name__ == "__main__":
    main()
