"""The tables of the contest and the budgets on them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dse.search import Case, MeasuredTable, TableColumns, parse_bounds, read_measured
from tests.rivals import trained
from tests.rivals.synthetic import SYNTHETIC

DATA = "DSE_REFERENCE_DATA"
"""The variable that names the folder of published tables."""

BUDGETS = ("{0} <= q20", "{0} <= q50", "{0} <= q90", "q40 <= {0} <= q60")
"""Of a cost: at quantiles over the candidates, and a window between two."""

SEED = 0
"""Of the laws of our own tables."""


@dataclass(frozen=True)
class MeasuredFile:
    """A file of measured candidates."""

    name: str
    file: str | None
    """In the folder of published tables; None of one that is trained here."""
    columns: TableColumns
    bounded: str = ""
    """The cost that is bounded; empty for no bounds."""

    @property
    def place(self) -> Path:
        """Where it lies."""
        if self.file is None:
            return trained.file_of(self.name)
        return Path(os.environ[DATA]) / self.file

    @property
    def missing(self) -> str | None:
        """Why it cannot be read, or None."""
        if self.file is not None and not os.environ.get(DATA):
            return f"{DATA} names no folder of published tables"
        if self.place.exists():
            return None
        trains = f": python -m tests.rivals train {self.name}" if self.file is None else ""
        return f"{self.place} is not there{trains}"

    def read(self) -> MeasuredTable:
        return read_measured(self.place, self.columns, self.name)


_LAYERS = tuple(f"op{layer}" for layer in range(1, 23))
_PIXEL = ("lat_pixel3",)
_FBNET = "search/fbnet_latency.csv"
_MLP = "search/mlp_segment.csv"
_MLP_AXES = ("alpha", "batch_size", "depth", "lr", "width")

FILES = (
    MeasuredFile(
        "macro",
        "nas-bench-macro/nas_bench_macro.csv",
        TableColumns(("mean_acc",), ("params", "flops"), characters="arch"),
        "flops",
    ),
    MeasuredFile("fbnet", _FBNET, TableColumns(_PIXEL, axes=_LAYERS, minimize=_PIXEL)),
    MeasuredFile(
        "fbnet_eyeriss",
        _FBNET,
        TableColumns(_PIXEL, ("lat_eyeriss",), _LAYERS, minimize=_PIXEL),
        "lat_eyeriss",
    ),
    MeasuredFile("mlp", _MLP, TableColumns(("acc",), ("params", "macs"), _MLP_AXES), "macs"),
    MeasuredFile(
        "mlp_one_seed",
        _MLP,
        TableColumns(("acc1",), ("params", "macs"), _MLP_AXES, score="acc"),
        "macs",
    ),
    MeasuredFile(
        "graph",
        "search/graph_cora.csv",
        TableColumns(("acc",), ("params", "latency_us"), axes=("link", "op1", "op2", "op3", "op4")),
        "latency_us",
    ),
)

TRAINED = tuple(
    MeasuredFile(name, None, TableColumns(("acc",), (each.cost,), tuple(each.axes)), each.cost)
    for name, each in trained.TRAINED.items()
)
"""What scikit-learn trains."""

_BY_NAME = {each.name: each for each in (*FILES, *TRAINED)}
NAMES = (*_BY_NAME, *SYNTHETIC)


@dataclass(frozen=True)
class CaseName:
    """A table and a budget on it, in words that any process can read them by."""

    table: str
    budget: str
    """Such as `flops <= q20`; empty for no bounds."""

    def __str__(self) -> str:
        return f"{self.table}, {self.budget or 'no bounds'}"

    def read(self) -> Case:
        """Return the table with the bounds; read once in a process."""
        return _case(self)


@cache
def _case(name: CaseName) -> Case:
    table = read(name.table)
    costs = table.pool.costs
    return Case(table, parse_bounds(name.budget, costs, costs))


@cache
def read(name: str) -> MeasuredTable:
    """Return a table by its name."""
    return SYNTHETIC[name](SEED) if name in SYNTHETIC else _BY_NAME[name].read()


def unavailable(name: str) -> str | None:
    """Return why a table cannot be read, or None."""
    return None if name in SYNTHETIC else _BY_NAME[name].missing


def cases(name: str) -> list[CaseName]:
    """Return the budgets on a table."""
    cost = "cost" if name in SYNTHETIC else _BY_NAME[name].bounded
    return [CaseName(name, budget.format(cost)) for budget in BUDGETS if cost] or [
        CaseName(name, "")
    ]
