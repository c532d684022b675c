"""Functions that generate the stages of a network, for lines that run `for_each` of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dse.errors import DseError

Stage = dict[str, int]


@dataclass(frozen=True, slots=True)
class Generator:
    """A function that returns stages, and the names of what each of them has."""

    stages: Callable[..., tuple[Stage, ...]]
    fields: tuple[str, ...]


@lru_cache(maxsize=65536)
def regnet_stages(
    depth: int, w0: int, wa: float, wm: float, group_width: int, bottleneck: float = 1.0
) -> tuple[Stage, ...]:
    """Return the stages of a RegNet from its numbers ("Designing Network Design Spaces", §3.3).

    Widths grow linearly by `wa` a block from `w0`, are quantised to powers of `wm` times `w0`, and
    blocks of equal width form a stage. Its width is made a multiple of the group width, as in
    torchvision, whose generator this calls (arXiv:2003.13678).
    """
    from torchvision.models.regnet import BlockParams

    if depth < 1 or group_width < 1 or bottleneck <= 0:
        raise DseError("depth, group width and bottleneck of a RegNet have to be positive")
    try:
        made = BlockParams.from_init_params(
            depth, w0, wa, wm, group_width, bottleneck_multiplier=bottleneck
        )
    except ValueError as error:
        raise DseError(
            f"no RegNet has w0={w0}, wa={wa}, wm={wm}: w0 is a multiple of 8, wa >= 0 and wm > 1"
        ) from error
    return tuple(
        {"channels": channels, "depth": depth, "group_width": group_width}
        for channels, depth, group_width in zip(
            made.widths, made.depths, made.group_widths, strict=True
        )
    )


GENERATORS: dict[str, Generator] = {
    "regnet_stages": Generator(regnet_stages, ("channels", "depth", "group_width")),
}
"""The functions that a line may run over."""

GENERATOR_FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: generator.stages for name, generator in GENERATORS.items()
}
