"""How well summed blocks tell the latency of whole networks, beside MACs and a roofline.

    python -m tests.benchmarks.latency [FAMILY …]

Of each family every distinct block is timed on this machine, as `dse measure` does it, and then 40
networks that are drawn uniformly, whole. MACs and the roofline have their best line through those
same networks, by relative least squares, which favours them; the sums of blocks were calibrated by
other networks. Times are processor time of one thread.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy
from scipy.stats import spearmanr

import dse
from dse.devices import Timer
from dse.project.block_measuring import timed_module
from dse.space import Budget, draw

FAMILIES = {
    "mobilenet_v2": None,
    "shufflenet_v2": None,
    "resnet": {"width": [0.25, 0.5], "depth": [2, 3], "resolution": [128, 160, 192]},
    "ofa_mobilenet_v3": {"resolution": [160, 192, 224], "kernel": [3, 5, 7], "depth": [2, 3, 4]},
}
NETWORKS = 40
BY = ("sums", "macs", "roofline")


def line_error(values: numpy.ndarray, whole: numpy.ndarray) -> float:
    """Return the mean relative error of the best line through points."""
    sides = numpy.stack([values, numpy.ones(len(values))], axis=1) / whole[:, None]
    found, *_ = numpy.linalg.lstsq(sides, numpy.ones(len(whole)), rcond=None)
    return float(numpy.abs(sides @ found - 1).mean())


def measured(family: str, grid: dict | None, store: Path) -> dict[str, object]:
    """Return the errors and rank correlations of a family."""
    started = time.monotonic()
    project = dse.open(store)
    found = project.measure(dse.design_space(family, grid, device="this"))
    seconds = time.monotonic() - started
    space = dse.design_space(family, grid, device="this", store=store)
    line = dse.design_space(family, grid, device="this", cost={"latency": "roofline"})
    design = space.design
    drawn = draw(design, Budget(), NETWORKS, seed=1).choices.tolist()
    points = [design.point(design.grid.settings(choices)) for choices in drawn]
    timer = Timer()
    whole = numpy.array(
        timer.medians([timed_module(design, p.candidate, timer) for p in points]), float
    )
    sums, macs = (
        numpy.array([p.costs[name] for p in points], float) for name in ("latency", "macs")
    )
    roofline = numpy.array([line.design.point(p.settings).costs["latency"] for p in points], float)
    return {
        "blocks": found.blocks,
        "seconds": seconds,
        "alone": found.raw,
        "sums": float(numpy.abs(sums / whole - 1).mean()),
        "macs": line_error(macs, whole),
        "roofline": line_error(roofline, whole),
        **{
            f"rank {name}": float(spearmanr(values, whole).statistic)
            for name, values in (("sums", sums), ("macs", macs), ("roofline", roofline))
        },
    }


def main() -> None:
    """Print a row a family."""
    heads = ("family", "blocks", "s", "alone / whole")
    heads += tuple(f"{what}: {by}" for what in ("error", "rank") for by in BY)
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    with tempfile.TemporaryDirectory() as directory:
        for family in sys.argv[1:] or FAMILIES:
            row = measured(family, FAMILIES.get(family), Path(directory) / f"{family}.db")
            print(
                f"| {family} | {row['blocks']} | {row['seconds']:.0f} | {row['alone']:.2f} | "
                + " | ".join(f"{row[name]:.1%}" for name in BY)
                + " | "
                + " | ".join(f"{row[f'rank {n}']:.3f}" for n in BY)
                + " |",
                flush=True,
            )


if __name__ == "__main__":
    main()
