"""How close bounds on numbers of networks are: `python -m tests.benchmarks.counts [CLUSTERS]`.

For budgets over spaces of 10²⁰ networks: the upper bound by the lower one, as ranges of amounts
tell them that are followed in bins, and as means and variances of clusters do, with the seconds of
processor of the latter. Given a number, so many clusters are followed at a level.
"""

from __future__ import annotations

import math
import sys
import time

import dse
from dse.project.design_spaces.question_checks import bounds
from dse.space import BlockSpace
from dse.space.graph import NetworkCount, certain_count

BUDGETS = {
    "ofa_mobilenet_v3": (
        *("macs <= 300M", "220M <= macs <= 240M", "macs <= 300M and peak_memory <= 45MiB"),
        *("macs <= 300M and params <= 5M", "macs <= 230M and params <= 4.5M"),
        *("150M <= macs <= 160M and params <= 6M", "macs <= 300M and train_memory <= 100MiB"),
    ),
    "fbnet": (
        *("macs <= 300M and params <= 4M",),
        *("macs <= 250M and params <= 4M and activations <= 6M",),
    ),
}


def ratio(count: NetworkCount) -> float:
    """Return the upper bound by the lower one."""
    return count.most / count.least if count.least else math.inf


def main(clusters: int | None) -> None:
    """Print a table."""
    print("| space | budget | ranges | clusters | seconds |")
    print("|---|---|---:|---:|---:|")
    for family, texts in BUDGETS.items():
        space = dse.design_space(family)
        design = space.design
        assert isinstance(design, BlockSpace)
        for text in texts:
            budget = bounds(space.bounds_on(text))
            graph = design.graph_of(budget.costs)
            before = design.ways(budget).number()
            begun = time.process_time()
            now = certain_count(graph, budget, clusters)
            seconds = time.process_time() - begun
            print(
                f"| {family} | {text} | {ratio(before):.3f} | {ratio(now):.3f} | {seconds:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else None)
