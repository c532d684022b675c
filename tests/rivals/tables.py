"""The tables of the contest and the budgets on them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from dse.search import read_measured
from dse.search.table_bounds import Bounds
from tests.rivals.measured import ScoredTable
from tests.rivals.synthetic import SYNTHETIC

DATA = "DSE_REFERENCE_DATA"
"""The variable that names the folder of published tables."""

QUANTILES = (20, 50, 90)
WINDOW = (40, 60)
"""Percent of the candidates that cost less: upper bounds, and the ends of a window."""

SEED = 0
"""Of the laws of our own tables."""


@dataclass(frozen=True)
class MeasuredFile:
    """A file of measured candidates."""

    name: str
    file: str
    """In the folder of published tables."""
    value: str
    costs: tuple[str, ...] = ()
    budget: str = ""
    """The cost that is bounded; empty for no bounds."""
    axes: tuple[str, ...] = ()
    characters: str | None = None
    minimize: bool = False
    scored: str | None = None
    """The column that regret is taken in, where that is not the one that is seen."""

    def read(self) -> ScoredTable:
        seen, *scored = (
            read_measured(
                Path(os.environ[DATA]) / self.file,
                value,
                self.costs,
                self.axes,
                self.characters,
                self.minimize,
            )
            for value in filter(None, (self.value, self.scored))
        )
        return ScoredTable(seen, scored[0].values if scored else None)


_LAYERS = tuple(f"op{layer}" for layer in range(1, 23))
_FBNET = "search/fbnet_latency.csv"
_MLP = "search/mlp_segment.csv"
_MLP_AXES = ("alpha", "batch_size", "depth", "lr", "width")

FILES = (
    MeasuredFile(
        "macro",
        "nas-bench-macro/nas_bench_macro.csv",
        "mean_acc",
        ("params", "flops"),
        "flops",
        characters="arch",
    ),
    MeasuredFile("fbnet", _FBNET, "lat_pixel3", axes=_LAYERS, minimize=True),
    MeasuredFile(
        "fbnet_eyeriss",
        _FBNET,
        "lat_pixel3",
        ("lat_eyeriss",),
        "lat_eyeriss",
        _LAYERS,
        minimize=True,
    ),
    MeasuredFile("mlp", _MLP, "acc", ("params", "macs"), "macs", _MLP_AXES),
    MeasuredFile("mlp_one_seed", _MLP, "acc1", ("params", "macs"), "macs", _MLP_AXES, scored="acc"),
    MeasuredFile(
        "graph",
        "search/graph_cora.csv",
        "acc",
        ("params", "latency_us"),
        "latency_us",
        ("link", "op1", "op2", "op3", "op4"),
    ),
)

_BY_NAME = {each.name: each for each in FILES}
NAMES = (*_BY_NAME, *SYNTHETIC)


@dataclass(frozen=True)
class Case:
    """A table and a budget on it."""

    table: str
    budget: str
    """In words, such as `flops ≤ 20 %`."""
    bounds: Bounds

    def __str__(self) -> str:
        return f"{self.table}, {self.budget}"


@cache
def read(name: str) -> ScoredTable:
    """Return a table by its name."""
    return SYNTHETIC[name](SEED) if name in SYNTHETIC else _BY_NAME[name].read()


def unavailable(name: str) -> str | None:
    """Return why a table cannot be read, or None."""
    if name in SYNTHETIC:
        return None
    if not os.environ.get(DATA):
        return f"{DATA} names no folder of published tables"
    file = Path(os.environ[DATA]) / _BY_NAME[name].file
    return None if file.exists() else f"{file} is not there"


def cases(name: str) -> Iterator[Case]:
    """Yield the budgets on a table: at quantiles of its cost, and a window between two."""
    column = "cost" if name in SYNTHETIC else _BY_NAME[name].budget
    if not column:
        yield Case(name, "no bounds", Bounds({}))
        return
    costs = read(name).seen.pool.costs[column]
    for percent in QUANTILES:
        yield Case(name, f"{column} ≤ {percent} %", Bounds({column: (None, _at(costs, percent))}))
    low, high = WINDOW
    ends = (_at(costs, low), _at(costs, high))
    yield Case(name, f"{column} {low}–{high} %", Bounds({column: ends}))


def _at(costs: np.ndarray, percent: int) -> float:
    # A cost that a candidate has: whole where costs are.
    return float(np.percentile(costs, percent, method="nearest"))
