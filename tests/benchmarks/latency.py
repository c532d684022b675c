"""How well summed blocks tell the latency of whole networks, beside MACs and a roofline.

    python -m tests.benchmarks.latency [FAMILY …]

Of each family every distinct block is timed on this machine, as `dse measure` does it, and 80
networks that are drawn uniformly in the same rounds. Sums of blocks are calibrated by the first 40
and compared with the others, of which the figures are. MACs and the roofline have their best line
through those very others, by relative least squares, which favours them. Times are processor time
of one thread.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy
from scipy.stats import spearmanr

import dse

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
    found = dse.open(store).measure(
        dse.design_space(family, grid, device="this"), networks=2 * NETWORKS
    )
    seconds = time.monotonic() - started
    line = dse.design_space(family, grid, device="this", cost={"latency": "roofline"}).design
    whole, sums, macs, roofline = numpy.array(
        [
            (
                *(each.whole, each.latency, each.point.costs["macs"]),
                line.point(each.point.settings).costs["latency"],
            )
            for each in found.checked
        ],
        float,
    ).T
    by = dict(zip(BY, (sums, macs, roofline), strict=True))
    return {
        "blocks": found.blocks,
        "seconds": seconds,
        "alone": found.raw,
        "sums": found.error,
        **{name: line_error(by[name], whole) for name in BY[1:]},
        **{f"rank {name}": float(spearmanr(each, whole).statistic) for name, each in by.items()},
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
