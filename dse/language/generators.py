"""Functions that generate the stages of a network, for lines that run `for_each` of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dse.errors import DseError, nearest
from dse.language.rounding import round_to

Stage = dict[str, int]


@dataclass(frozen=True, slots=True)
class Generator:
    """A function that returns stages, and the names of what each of them has."""

    stages: Callable[..., tuple[Stage, ...]]
    fields: tuple[str, ...]


QUANTUM = 8
"""Widths of a RegNet are multiples of this."""
MOST_BLOCKS = 1000
ROUNDINGS = ("pycls", "torchvision")


@lru_cache(maxsize=65536)
def regnet_stages(
    depth: int,
    w0: int,
    wa: float,
    wm: float,
    group_width: int,
    bottleneck: float = 1.0,
    rounding: str = "pycls",
) -> tuple[Stage, ...]:
    """Return the stages of a RegNet from its numbers (arXiv:2003.13678, section 3.3).

    Widths grow linearly from `w0` by `wa` a block and are quantised to `w0` times a power of `wm`;
    blocks of equal width form a stage. The inner width of a stage is then made a multiple of its
    group width: the nearest as in the authors' code, with `rounding` "pycls", or with "torchvision"
    never more than a tenth down, which gives three of its published models other widths.
    """
    if depth > MOST_BLOCKS:
        raise DseError(f"a RegNet of depth={depth} has more than {MOST_BLOCKS:,} blocks")
    if depth < 1 or group_width < 1 or w0 < QUANTUM or w0 % QUANTUM or wa < 0 or wm <= 1:
        raise DseError(
            f"no RegNet has depth={depth}, w0={w0}, wa={wa}, wm={wm}, group_width={group_width}: "
            f"w0 has to be a positive multiple of {QUANTUM}, wa >= 0, wm > 1, the others >= 1"
        )
    if bottleneck <= 0 or (bottleneck > 1 and bottleneck != int(bottleneck)):
        raise DseError(f"the bottleneck {bottleneck} is neither below 1 nor whole")
    if rounding not in ROUNDINGS:
        raise DseError(f"unknown rounding {rounding!r}; {nearest(rounding, ROUNDINGS)}")
    scale = math.log(wm)
    powers = (round(math.log((w0 + wa * block) / w0) / scale) for block in range(int(depth)))
    # Powers never fall; two of them may give one width.
    blocks: dict[int, int] = {}
    for power, same in itertools.groupby(powers):
        width = round(w0 * wm**power / QUANTUM) * QUANTUM
        blocks[width] = blocks.get(width, 0) + len(list(same))
    return tuple(
        _compatible(width, number, int(group_width), bottleneck, rounding)
        for width, number in blocks.items()
    )


def _compatible(
    width: int, depth: int, group_width: int, bottleneck: float, rounding: str
) -> Stage:
    inner = max(1, int(width * bottleneck))
    group_width = min(group_width, inner)
    multiple = math.lcm(group_width, int(bottleneck)) if bottleneck > 1 else group_width
    if rounding == "pycls":
        inner = max(multiple, round(inner / multiple) * multiple)
    else:
        inner = round_to(inner, multiple)
    return {"channels": int(inner / bottleneck), "depth": depth, "group_width": group_width}


GENERATORS: dict[str, Generator] = {
    "regnet_stages": Generator(regnet_stages, ("channels", "depth", "group_width")),
}
"""The functions that a line may run over."""

GENERATOR_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: generator.stages for name, generator in GENERATORS.items()
}
