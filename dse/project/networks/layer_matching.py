"""The layers of two networks side by side: which are the same, which changed, which are new."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple


class ComparedLayer(NamedTuple):
    """What a difference says of a layer."""

    name: str
    type: str
    output: str
    """Its shape, such as `1×64×56×56`."""
    params: int
    macs: int

    @property
    def content(self) -> tuple[str, str, int, int]:
        """All but the name, which shifts where a layer comes in before."""
        return self.type, self.output, self.params, self.macs


class LayerPair(NamedTuple):
    """A layer of the first network and the one in its place in the second; None where it has none.

    There is always one of the two.
    """

    first: ComparedLayer | None
    second: ComparedLayer | None

    @property
    def mark(self) -> str:
        """`-` for a layer of the first alone, `+` of the second, `~` for a changed one, or ` `."""
        if self.first is None:
            return "+"
        if self.second is None:
            return "-"
        return " " if self.first.content == self.second.content else "~"


def match_layers(
    first: Sequence[ComparedLayer], second: Sequence[ComparedLayer]
) -> list[LayerPair]:
    """Return the layers of two networks in pairs.

    Equal layers are matched first; between those, layers of one type.
    """
    found: list[LayerPair] = []
    for is_equal, one, other in _stretches(first, second, lambda layer: layer.content):
        if is_equal:
            found += map(LayerPair, one, other)
            continue
        for is_of_one_type, some, others in _stretches(one, other, lambda layer: layer.type):
            if is_of_one_type:
                found += map(LayerPair, some, others)
            else:
                found += [LayerPair(layer, None) for layer in some]
                found += [LayerPair(None, layer) for layer in others]
    return found


def _stretches(
    first: Sequence[ComparedLayer],
    second: Sequence[ComparedLayer],
    key: Callable[[ComparedLayer], Hashable],
) -> Iterator[tuple[bool, Sequence[ComparedLayer], Sequence[ComparedLayer]]]:
    matcher = SequenceMatcher(None, [*map(key, first)], [*map(key, second)], autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        yield what == "equal", first[a:b], second[c:d]


def difference_lines(pairs: Sequence[LayerPair]) -> list[str]:
    """Return a line for each layer that differs, and one for each stretch of equal ones."""
    rows: list[tuple[str, ...]] = []
    for is_equal, group in groupby(pairs, lambda pair: pair.mark == " "):
        members = list(group)
        if is_equal:
            rows.append((f"  … {len(members)} the same",))
        else:
            rows += map(_row, members)
    widths = [max((len(row[n]) for row in rows if len(row) > n and n), default=1) for n in range(6)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _row(pair: LayerPair) -> tuple[str, ...]:
    first, second = pair.first or pair.second, pair.second or pair.first
    assert first is not None
    assert second is not None
    shown = (
        (first.name, second.name),
        (first.type, second.type),
        (first.output, second.output),
        (f"{first.params:,}", f"{second.params:,}"),
        (f"{first.macs:,}", f"{second.macs:,}"),
    )
    cells = (one if one == other else f"{one} → {other}" for one, other in shown)
    return pair.mark, *cells
