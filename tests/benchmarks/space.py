"""Costing of whole design spaces beside building and tracing one network after the other.

    python -m tests.benchmarks.space [--largest 100000000]

Everything is measured in one run, and printed as ratios: `dse sweep` of a million candidates in a
new process; arrays of candidates in memory; grids of up to 10⁸ points under a budget, with the
memory that this takes; and a space of 5·10²⁰ networks, described and drawn from.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy

from dse.configs.config_places import config_directory
from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import COST_NAMES, summed_costs
from dse.counting import build_without_weights, costs_under
from dse.space import (
    BlockSpace,
    BlockTable,
    build_network,
    read_budget,
    read_family,
    read_grid,
    space_of,
)
from dse.space.pages.catalogue import load_page
from dse.space.tables import CostTables, compile_space, scan
from tests.space.shipped import inputs_of

STAGES = ((24, 2), (32, 2), (64, 2), (96, 1), (160, 2))
PAGE = {
    "axes": {
        "resolution": 224,
        "width": 1.0,
        "expansion": {"per": "stage", "default": 6},
        "depth": {"per": "stage", "default": 2},
    },
    "input": [3, "resolution", "resolution"],
    "blocks": [
        {"block": "conv_norm_act", "channels": "round_to(32 * width, 8)", "stride": 2},
        {"block": "inverted_residual", "channels": "round_to(16 * width, 8)", "expansion": 1},
        *(
            {
                "block": "inverted_residual",
                "channels": f"round_to({channels} * width, 8)",
                "repeat": "depth",
                "stride": stride,
                "expansion": "expansion",
            }
            for channels, stride in STAGES
        ),
        {"block": "inverted_residual", "channels": "round_to(320 * width, 8)"},
        {"block": "conv_norm_act", "channels": "round_to(1280 * max(1, width), 8)", "kernel": 1},
        {"block": "classifier", "classes": 1000},
    ],
}
"""MobileNetV2 with an expansion and a depth in every stage."""

MILLION = {
    "resolution": [128, 160, 192, 224],
    "width": [0.5, 0.75, 1.0, 1.25],
    "expansion": [3, 4, 6],
    "depth": [1, 2, 3],
    "depth_5": [1, 2, 3, 4],
}
"""1,259,712 points, each a network of its own."""

WIDTHS = [0.35, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.4]
LARGE = {
    "resolution": [128, 160, 192, 224],
    "width": WIDTHS,
    "expansion": [2, 3, 4, 5, 6],
    "depth": [1, 2, 3, 4],
}
"""102,400,000 points."""


def space(grid: dict[str, list[float]]) -> BlockSpace:
    family = read_family("mobile_stages", PAGE, "the benchmark's page")
    return space_of(read_grid(family, grid), BlockTable(Conditions()))


def traced_a_second(networks: int = 15) -> float:
    """Build and trace networks one by one, as other tools do; return how many a second."""
    some, random = space(MILLION), numpy.random.default_rng(0)
    started = time.perf_counter()
    for _ in range(networks):
        choices = [int(random.integers(size)) for size in some.grid.sizes]
        candidate = some.grid.family.resolve(some.grid.settings(choices))
        network = build_without_weights(lambda c=candidate: build_network(c, BlockTable()))
        costs_under(network, inputs_of(candidate, 1), Conditions())
    return networks / (time.perf_counter() - started)


def swept(directory: Path) -> tuple[int, float, float]:
    """Sweep a million candidates in a new process; return their number and the seconds.

    The last number is the seconds of the same rows in a bare table of `sqlite3`.
    """
    for group, content in (("family", PAGE), ("grid", MILLION)):
        (directory / "my" / group).mkdir(parents=True)
        (directory / "my" / group / "mobile_stages.yaml").write_text(json.dumps(content))
    words = [sys.executable, "-m", "dse.cli.main", "sweep", "--config-dir", "my"]
    environment = os.environ | {"PYTHONPATH": str(config_directory().parent)}
    started = time.perf_counter()
    subprocess.run(
        [*words, "family=mobile_stages"], cwd=directory, env=environment, check=True,
        capture_output=True,
    )  # fmt: skip
    seconds = time.perf_counter() - started
    number, bare = _copied(directory / "outputs" / "dse.db", directory / "bare.db")
    return number, seconds, bare


def _copied(store: Path, path: Path) -> tuple[int, float]:
    import sqlite3

    with sqlite3.connect(store) as database:
        rows = database.execute("select * from candidate").fetchall()
    names = [f"c{index}" for index in range(len(rows[0]))]
    with sqlite3.connect(path) as database:
        database.execute(f"create table bare ({', '.join(names)})")
        started = time.perf_counter()
        database.executemany(f"insert into bare values ({','.join('?' * len(names))})", rows)
        database.commit()
        return len(rows), time.perf_counter() - started


def gathered(tables: CostTables, number: int, names: tuple[str, ...]) -> float:
    """Return how many candidates a second are costed in memory."""
    random = numpy.random.default_rng(0)
    sizes = tables.space.sizes
    choices = numpy.stack([random.integers(0, size, number) for size in sizes], axis=1)
    tables.costs(choices[:1000], names)
    started = time.perf_counter()
    tables.costs(choices, names)
    return number / (time.perf_counter() - started)


def scanned(tables: CostTables, budget: dict[str, str]) -> tuple[int, float]:
    """Go through a grid; return how many points are within a budget, and points a second."""
    started = time.perf_counter()
    found = sum(len(each.indices) for each in scan(tables, read_budget(budget)))
    return found, tables.space.grid.size / (time.perf_counter() - started)


def grown(largest: int) -> None:
    """Print how the scan of a grid grows with its points, and tracing with distinct blocks."""
    print(f"{'points':>12} {'blocks':>7} {'tracing s':>9} {'scan M/s':>9} {'fit':>11} {'MiB':>6}")
    for widths, expansions, depths in (
        (1, 2, 2), (2, 3, 2), (2, 2, 4), (4, 3, 3), (8, 3, 4), (8, 5, 4)
    ):  # fmt: skip
        grid = {
            "resolution": LARGE["resolution"],
            "width": WIDTHS[-widths:],
            "expansion": LARGE["expansion"][-expansions:],
            "depth": LARGE["depth"][:depths],
        }
        some = space(grid)
        if some.grid.size > largest:
            continue
        started = time.perf_counter()
        tables = CostTables(compile_space(some.grid, some.blocks))
        tracing = time.perf_counter() - started
        fit, rate = scanned(tables, {"macs": "100M", "params": "2.5M"})
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        blocks = len(some.blocks)
        print(
            f"{some.grid.size:>12,} {blocks:>7,} {tracing:>9.1f} {rate / 1e6:>9.1f} {fit:>11,}"
            f" {memory:>6.0f}",
            flush=True,
        )


def described(directory: Path) -> None:
    """Print the seconds of commands on a space that is too large to list."""
    family = load_page(config_directory() / "family" / "ofa_mobilenet_v3.yaml", "family")
    assert family["axes"]["depth"]["default"] == 4
    for command in (
        "space family=ofa_mobilenet_v3",
        "sweep family=ofa_mobilenet_v3 sample=100000 budget.macs=[300M,315M]",
        "space family=ofa_mobilenet_v3 budget.macs=[300M,315M]",
        "search family=ofa_mobilenet_v3 objective=params budget.macs=150M",
    ):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "dse.cli.main", *command.split()], cwd=directory, check=True,
            capture_output=True, env=os.environ | {"PYTHONPATH": str(config_directory().parent)},
        )  # fmt: skip
        print(f"{time.perf_counter() - started:6.1f} s  dse {command}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=math.prod((4, 8, 5**5, 4**5)))
    largest = parser.parse_args().largest
    one_by_one = traced_a_second()
    print(f"built and traced one by one: {one_by_one:.1f} networks/s")
    with tempfile.TemporaryDirectory() as directory:
        number, seconds, bare = swept(Path(directory))
    rate = number / seconds
    print(
        f"dse sweep in a new process: {number:,} candidates in {seconds:.1f} s, "
        f"{rate / one_by_one:,.0f} times the rate; the same rows into a bare table: {bare:.1f} s"
    )
    grown(largest)
    some = space(MILLION)
    tables = CostTables(compile_space(some.grid, some.blocks))
    additive = gathered(tables, 2_000_000, (*summed_costs(), "flops"))
    every = gathered(tables, 1_000_000, COST_NAMES)
    print(
        f"in memory: {additive / 1e6:.1f} million candidates/s in the additive costs, "
        f"{every / 1e6:.1f} in all ({additive / one_by_one:,.0f} and {every / one_by_one:,.0f} "
        "times)"
    )
    with tempfile.TemporaryDirectory() as directory:
        described(Path(directory))


if __name__ == "__main__":
    main()
