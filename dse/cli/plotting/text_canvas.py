"""Points and lines as characters, for a terminal that shows no pictures."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dse.language import format_count

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

WIDTH, HEIGHT = 66, 16
"""Characters of the area in which points lie: with its labels it has room in 80 columns."""

MARKS = "·ox+*#@%&$"
"""Of each trace, in turn."""


@dataclass(frozen=True)
class _Axis:
    """From values to places along an axis, from 0 to 1."""

    low: float
    high: float
    is_log: bool
    is_turned: bool
    words: tuple[str, ...]
    title: str

    def place(self, value: Any) -> float | None:
        number = self._number(value)
        if number is None:
            return None
        share = (number - self.low) / ((self.high - self.low) or 1.0)
        return 1 - share if self.is_turned else share

    def _number(self, value: Any) -> float | None:
        if self.words:
            return float(self.words.index(value)) if value in self.words else None
        if value is None or not math.isfinite(value) or (self.is_log and value <= 0):
            return None
        return math.log10(value) if self.is_log else float(value)

    def label(self, share: float) -> str:
        """Return what stands at a place."""
        at = 1 - share if self.is_turned else share
        value = self.low + at * (self.high - self.low)
        if self.words:
            return self.words[round(value)]
        value = 10**value if self.is_log else value
        return format_count(float(f"{value:.4g}"))


@dataclass(frozen=True)
class _Trace:
    name: str
    x: Sequence[Any]
    y: Sequence[Any]
    is_line: bool
    is_step: bool
    is_named: bool
    """Whether it is in the legend."""


def text_picture(figure: Figure) -> list[str]:
    """Return a figure of points and lines as lines of text, of 80 characters at most.

    Text from outside comes back as it was before it was made safe for a picture; whoever prints it
    makes it safe for a terminal.
    """
    traces = list(_traces(figure))
    axes = [
        _axis(figure, name, [v for trace in traces for v in getattr(trace, name)]) for name in "xy"
    ]
    rows = [[" "] * WIDTH for _ in range(HEIGHT)]
    for number, trace in enumerate(traces):
        mark = MARKS[number % len(MARKS)]
        for x, y in _points(trace, *axes):
            rows[HEIGHT - 1 - min(HEIGHT - 1, int(y * HEIGHT))][min(WIDTH - 1, int(x * WIDTH))] = (
                mark
            )
    return [_plain(figure.layout.title.text), *_framed(rows, *axes), *_legend(traces)]


def _traces(figure: Figure) -> Iterator[_Trace]:
    for trace in figure.data:
        if trace.x is None or trace.y is None or (getattr(trace, "xaxis", None) or "x") != "x":
            continue
        # What nothing is told of is the edge of a band, or joins points that are there already.
        if trace.hoverinfo == "skip" and trace.name not in ("roof", "front"):
            continue
        is_line = "lines" in (trace.mode or "")
        step = getattr(trace, "line", None)
        is_step = is_line and getattr(step, "shape", None) == "hv"
        x, y = list(trace.x), list(trace.y)
        heights = _stacked(figure, trace, y)
        is_named = trace.showlegend is not False
        yield _Trace(_plain(trace.name), x, heights, is_line, is_step, is_named)


def _stacked(figure: Figure, trace: Any, y: list[Any]) -> list[Any]:
    """Return the upper edge of a trace that lies upon others."""
    if not getattr(trace, "stackgroup", None):
        return y
    total = [0.0] * len(y)
    for other in figure.data:
        total = [a + b for a, b in zip(total, other.y, strict=True)]
        if other is trace:
            break
    return list(total)


def _axis(figure: Figure, name: str, values: Sequence[Any]) -> _Axis:
    layout = figure.layout[f"{name}axis"]
    if figure.layout.scene[f"{name}axis"].title.text:
        layout = figure.layout.scene[f"{name}axis"]
    title = _plain(layout.title.text)
    is_log, is_turned = layout.type == "log", layout.autorange == "reversed"
    if layout.type == "category":
        words = tuple(dict.fromkeys(values))
        ordered = tuple(word for word in layout.categoryarray or words if word in words)
        return _Axis(0.0, float(len(ordered) - 1), False, False, ordered, title)
    numbers = [v for v in values if v is not None and math.isfinite(v) and (v > 0 or not is_log)]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    if is_log:
        low, high = math.log10(low), math.log10(high)
    return _Axis(low, high, is_log, is_turned, (), title)


def _points(trace: _Trace, x_axis: _Axis, y_axis: _Axis) -> Iterator[tuple[float, float]]:
    before: tuple[float, float] | None = None
    for x, y in zip(trace.x, trace.y, strict=False):
        place = x_axis.place(x), y_axis.place(y)
        if place[0] is None or place[1] is None:
            before = None
            continue
        here = place[0], place[1]
        if trace.is_line and before is not None:
            yield from _line(before, here, trace.is_step)
        yield here
        before = here


def _line(
    start: tuple[float, float], end: tuple[float, float], is_step: bool
) -> Iterator[tuple[float, float]]:
    if is_step:
        corner = (end[0], start[1])
        yield from _line(start, corner, False)
        yield from _line(corner, end, False)
        return
    steps = int(max(abs(end[0] - start[0]) * WIDTH, abs(end[1] - start[1]) * HEIGHT)) * 2 + 1
    for step in range(steps):
        share = step / steps
        yield start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _framed(rows: Sequence[Sequence[str]], x_axis: _Axis, y_axis: _Axis) -> Iterator[str]:
    labels = {0: y_axis.label(1), HEIGHT // 2: y_axis.label(0.5), HEIGHT - 1: y_axis.label(0)}
    margin = min(12, max(map(len, labels.values())))
    yield y_axis.title[:78]
    for number, row in enumerate(rows):
        label = labels.get(number, "")[:margin]
        yield f"{label:>{margin}} |{''.join(row)}".rstrip()
    yield f"{'':>{margin}} +{'-' * WIDTH}"
    left, middle, right = (x_axis.label(share) for share in (0, 0.5, 1))
    ends = f"{left[:20]:<22}{middle[:20]:^22}{right[:20]:>22}"
    yield f"{'':>{margin}}  {ends}".rstrip()
    yield f"{x_axis.title[:78]:>{margin + 2 + WIDTH}}"[-80:]


def _legend(traces: Sequence[_Trace]) -> list[str]:
    if len(traces) < 2:
        return []
    shown = {
        trace.name: MARKS[number % len(MARKS)]
        for number, trace in enumerate(traces)
        if trace.is_named
    }
    return [f"{mark} {name}"[:80] for name, mark in shown.items()]


def _plain(text: str | None) -> str:
    """Return the text of a picture as a terminal shows it."""
    return html.unescape((text or "").replace("<br>", " "))
