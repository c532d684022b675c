"""All of NAS-Bench-201, and its distinct networks: `python -m tests.benchmarks.cells`.

Every setting is costed, memory of inference and training included, from nothing: no store, and no
trace of before. Then the keys are compared with the forms of the cells by hand, and the costs of
some networks with a trace of the whole.
"""

from __future__ import annotations

import itertools
import random
import time

from dse.counting import build_without_weights, costs_under
from dse.search.pools.row_maker import RowMaker
from dse.space import BlockTable, build_network, space_of
from tests.space.cells_of_nas_bench_201 import COLUMNS, EDGES, OPERATIONS, form_of, formula_of
from tests.space.shipped import default_grid, family

COMPARED = 20
"""Networks that are built, and traced whole."""


def main() -> None:
    """Print what was found, and how long it took."""
    grid, wall, processor = default_grid("nas_bench_201"), time.time(), time.process_time()
    space = space_of(grid, BlockTable())
    choices = space.tables.space.choices_of(range(grid.size))
    columns = space.tables.costs(choices)
    keys = RowMaker(space.tables).keys(choices).tolist()
    spent = time.time() - wall, time.process_time() - processor
    print(f"{len(keys):,} settings, {columns.is_valid.sum():,} of them costed, in all costs")
    print(f"{spent[0]:.1f} s, {spent[1]:.1f} s of processor, from nothing")
    print(f"{len(space.blocks.traced_blocks())} blocks traced")

    cells = [tuple(settings[column] for column in COLUMNS) for settings in grid]
    assert sorted(cells) == sorted(itertools.product(OPERATIONS, repeat=len(EDGES)))
    forms = list(map(form_of, cells))
    pairs = set(zip(keys, forms, strict=True))
    assert len(pairs) == len(set(keys)) == len(set(forms))
    print(f"{len(set(keys)):,} distinct networks; {len(set(map(formula_of, cells))):,} formulas")

    for row in random.Random(0).sample(range(grid.size), COMPARED):
        candidate = family("nas_bench_201").resolve(grid.settings(choices[row].tolist()))
        network = build_without_weights(lambda made=candidate: build_network(made))
        whole = costs_under(network, (1, 3, 32, 32), space.conditions)
        assert candidate.key == keys[row]
        assert space.cost(candidate) == whole
        assert int(columns.costs["train_memory"][row]) == whole.train_memory
    print(f"{COMPARED} networks cost what a trace of the whole does")


if __name__ == "__main__":
    main()
