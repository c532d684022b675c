"""Which of the tensors that are handed on a block takes, and which it hands on itself.

Most blocks take one tensor and hand on what they make of it. Where a page says `keeps`, a block
hands on tensors that entered as well, in front of what it makes: an encoder's output goes on beside
what a decoder makes, a cell's output beside that of the cell before. Where several tensors enter, a
block takes the last one and keeps the others, unless its line says which it `takes` and `keeps`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from dse.language import Value

TAKES, KEEPS = "takes", "keeps"
ROUTE_SETTINGS = (TAKES, KEEPS)
"""What any block takes besides its own settings: the numbers of tensors that enter, as a text."""
MOST_TENSORS = 4
"""That one block hands on."""

Shape = tuple[int, ...]
Shapes = Shape | tuple[Shape, ...]
"""Of what enters a block, without the batch: one tensor's, or those of several."""


class Route(NamedTuple):
    """What a block takes, and what goes on beside what it makes, by number."""

    takes: tuple[int, ...]
    keeps: tuple[int, ...]

    @property
    def is_plain(self) -> bool:
        """Whether it takes the first tensor and hands on nothing else."""
        return self.takes == (0,) and not self.keeps


def shapes_of(shapes: Shapes) -> tuple[Shape, ...]:
    """Return the shape of each tensor that enters."""
    several: tuple[Any, ...] = shapes
    return several if several and isinstance(several[0], tuple) else (several,)


def route_text(numbers: tuple[int, ...]) -> str:
    """Return numbers of tensors as a setting."""
    return ",".join(map(str, numbers))


def route_of(settings: Mapping[str, Value], entering: int) -> Route:
    """Return the route of a block.

    Args:
        settings: of the block; what they do not say is taken from the number of tensors.
        entering: how many tensors enter.

    Raises:
        ValueError: for a tensor that does not enter, or more than one block may hand on.
    """
    takes = _numbers(settings, TAKES, entering)
    if takes is None:
        takes = (entering - 1,)
    keeps = _numbers(settings, KEEPS, entering)
    if keeps is None:
        keeps = tuple(number for number in range(entering) if number not in takes)
    if len(keeps) >= MOST_TENSORS:
        raise ValueError(f"it hands on {len(keeps) + 1} tensors, at most {MOST_TENSORS} are")
    return Route(takes, keeps)


def _numbers(settings: Mapping[str, Value], name: str, entering: int) -> tuple[int, ...] | None:
    text = settings.get(name)
    if text is None:
        return None
    numbers = tuple(int(number) for number in str(text).split(",") if number)
    for number in numbers:
        if number >= entering:
            raise ValueError(f"{name} {number}: {_told(entering)} at this place, counted from 0")
    return numbers


def _told(entering: int) -> str:
    return "one tensor enters" if entering == 1 else f"{entering} tensors enter"


def is_routed(settings: Mapping[str, Value], shapes: Shapes) -> bool:
    """Return whether a block has a route of its own, or several tensors to take one of."""
    return len(shapes_of(shapes)) > 1 or any(name in settings for name in ROUTE_SETTINGS)
