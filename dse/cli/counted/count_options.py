"""Which options what `dse count` prints has no room for: they are refused, not passed over."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass

from dse.cli.formats import CountFormat
from dse.errors import DseError

_OF_A_STEP = frozenset({"precision", "optimizer", "loss", "label"})
_OF_OUR_COSTS = _OF_A_STEP | {
    *("dtype", "kernels", "device", "runtime", "budget", "strict", "backward"),
    *("depth", "collapse", "memory", "training", "picture"),
}
_OF_A_MODEL = _OF_OUR_COSTS | {"compare", "cost", "batch", "input", "inputs", "no_batch", "time"}


@dataclass(frozen=True, slots=True)
class AskedOfCount:
    """What the words after `dse count` ask for."""

    options: Set[str]
    """Those that were given, by their parameter's name."""
    format: CountFormat
    convention: str | None
    """Whose table is asked for."""

    @property
    def follows_memory(self) -> bool:
        """Whether it is asked how memory goes."""
        return not self.options.isdisjoint({"memory", "training"})

    @property
    def bounds_nothing(self) -> bool:
        """Whether no budget reads the totals."""
        return "budget" not in self.options


@dataclass(frozen=True, slots=True)
class CountView:
    """One of the things that `dse count` prints."""

    asked_by: str
    """The words that ask for it."""
    shows: str
    """What it tells, for who asks for something else."""
    has_no_room_for: Set[str]
    """The options that make no difference to it, by their parameter's name."""
    is_shown: Callable[[AskedOfCount], bool]


VIEWS = (
    CountView(
        "--rules",
        "prints what another counter counts, of whatever model",
        _OF_A_MODEL,
        lambda asked: "rules" in asked.options,
    ),
    CountView(
        "--compare",
        "sets other counters' totals side by side",
        _OF_OUR_COSTS | {"time"},
        lambda asked: "compare" in asked.options,
    ),
    CountView(
        "--convention",
        "prints another counter's table",
        _OF_OUR_COSTS,
        lambda asked: asked.convention is not None,
    ),
    CountView(
        "--convention",
        "prints another counter's table, and of these torchstat's alone has times",
        {"time"},
        lambda asked: asked.convention not in (None, "torchstat"),
    ),
    CountView(
        "--memory",
        "follows what is alive, and prints nothing else as a table; --format json has all",
        {"backward", "collapse", "device", "time"},
        lambda asked: asked.follows_memory and asked.format is CountFormat.table,
    ),
    CountView(
        "--memory",
        "follows the model as PyTorch runs it; --format json has what it takes deployed too",
        {"runtime"},
        lambda asked: (
            asked.follows_memory and asked.format is CountFormat.table and asked.bounds_nothing
        ),
    ),
    CountView(
        "--memory",
        "follows inference; a training step is followed with --training",
        _OF_A_STEP,
        lambda asked: (
            asked.follows_memory
            and asked.format is CountFormat.table
            and "training" not in asked.options
            and asked.bounds_nothing
        ),
    ),
    CountView(
        "--format github",
        "is a line of totals and a table of the budget",
        {"backward", "collapse", "depth", "time"},
        lambda asked: asked.format is CountFormat.github,
    ),
    CountView(
        "--format github",
        "tells the memory of training where a --budget bounds it",
        _OF_A_STEP,
        lambda asked: asked.format is CountFormat.github and asked.bounds_nothing,
    ),
    CountView(
        "--format csv",
        "has layers, and no totals",
        {"backward"},
        lambda asked: asked.format is CountFormat.csv,
    ),
    CountView(
        "--format csv",
        "has layers, and no totals",
        {"runtime"},
        lambda asked: asked.format is CountFormat.csv and asked.bounds_nothing,
    ),
    CountView(
        "--format csv",
        "has layers, and no totals; --depth 0 has those of training, json all",
        _OF_A_STEP,
        lambda asked: (
            asked.format is CountFormat.csv
            and asked.bounds_nothing
            and "depth" not in asked.options
        ),
    ),
    CountView(
        "--collapse",
        "adds up layers that this tells apart",
        {"device", "time"},
        lambda asked: "collapse" in asked.options,
    ),
)
"""What is printed, the more particular before the more general."""


def check_options(asked: AskedOfCount) -> None:
    """Refuse options that would make no difference to what is printed.

    Raises:
        DseError: for an option that has no effect; it says beside which.
    """
    for view in VIEWS:
        if view.is_shown(asked):
            for name in sorted(view.has_no_room_for & asked.options):
                option = f"--{name.replace('_', '-')}"
                raise DseError(f"{option}: {view.asked_by} {view.shows}; leave out one of them")
