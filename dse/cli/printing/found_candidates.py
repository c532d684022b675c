"""Prints a stored candidate, rebuilt from the page that its run recorded, with its layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dse.cli.formats import LayerFormat
from dse.cli.printing.output import print_rows
from dse.cli.printing.printed_layers import (
    as_json,
    print_layers,
    print_totals,
    read_layers,
    with_given,
    write_layers,
)
from dse.cli.printing.printed_memory import (
    check_memory,
    draw_timeline,
    memory_as_json,
    print_memory,
    timeline_of,
)
from dse.cli.terminal import aside, one_line, print_json
from dse.costs import Conditions, Costs
from dse.counting import Count, Timeline
from dse.project import counted_layers, find_candidate, planned_arena, rebuild
from dse.report import check_memory_picture
from dse.store import NO_TRAINING, Measurement, StoredCandidate


@dataclass(frozen=True, slots=True)
class Look:
    """What is to be seen of a candidate."""

    format: LayerFormat
    memory: bool = False
    training: bool = False
    """Of a training step in place of inference."""
    picture: Path | None = None
    depth: int | None = None
    """Of the module tree, to which layers are put together; None for all of it."""


def print_candidate(id: int, store: str, look: Look, allow: Iterable[str] = ()) -> None:
    """Print a candidate's settings, costs, measurements and layers, or its memory.

    Raises:
        DseError: for an unknown id, or a family that has since changed.
    """
    if look.memory or look.training:
        check_memory(look.format.value)
    if look.picture is not None:
        check_memory_picture(look.picture)
    stored, page = find_candidate(id, store)
    if stored.row.invalid is not None:
        _print_invalid(stored, look.format)
        return
    with aside():
        candidate = rebuild(stored, page, allow)
        counted, on = counted_layers(stored, candidate)
        planned = planned_arena(stored, candidate)
    title = f"candidate {id} on {on}"
    timeline = None
    if look.memory or look.training or look.picture is not None:
        timeline = timeline_of(counted, look.training)
    if timeline is not None and look.picture is not None:
        draw_timeline(timeline, title, look.training, look.picture)
    seen = timeline if look.memory or look.training else None
    costs = with_given(stored.row.costs or counted.with_training(), **planned)
    _print(stored, counted, costs, look, seen, title, on.sizes)


_OF_A_MEASUREMENT = ("what", "value", "source", "label", "outcome", "error")


def _telling_options(one: Measurement, measurements: Sequence[Measurement]) -> str | None:
    """Return the options that tell a measurement from others of its kind; None where none do.

    What lies in a file is told by the first letters of its digest.
    """
    alike = [m for m in measurements if (m.what, m.source) == (one.what, one.source)]
    others = [_options_of(each) for each in alike]
    told = []
    for name, value in _options_of(one).items():
        if any(each.get(name, value) != value for each in others):
            told.append(f"{name}={str(value).removeprefix('data ')[:_DIGITS]}")
    return " ".join(told) or None


def _options_of(one: Measurement) -> Mapping[str, Any]:
    found = one.of.content.get("options")
    return found if isinstance(found, Mapping) else {}


_DIGITS = 8
"""Of the value of an option that are told."""


def _print_invalid(stored: StoredCandidate, format: LayerFormat) -> None:
    if format is LayerFormat.json:
        print_json({**_identity(stored), "invalid": stored.row.invalid})
        return
    _print_pairs(stored.row.settings)
    print(one_line(f"cannot be built: {stored.row.invalid}"))


def _identity(stored: StoredCandidate) -> dict[str, Any]:
    row = stored.row
    return {
        "id": stored.id,
        "key": row.key,
        "family": row.family,
        "code": row.code.fingerprint,
        **asdict(row.conditions),
        "settings": dict(row.settings),
    }


def _print(
    stored: StoredCandidate,
    counted: Count,
    costs: Costs,
    look: Look,
    timeline: Timeline | None,
    title: str,
    sizes: Any,
) -> None:
    layers = read_layers(counted, look.depth)
    measurements = [
        {
            **{name: getattr(m, name) for name in _OF_A_MEASUREMENT},
            "options": _telling_options(m, stored.measurements),
            "training": None if m.training == NO_TRAINING else m.training,
            "code": "changed since" if m.of.is_outdated else None,
        }
        for m in stored.measurements
    ]
    if look.format is LayerFormat.json:
        content = {**_identity(stored), "costs": costs.as_dict(), "measurements": measurements}
        content["input"] = sizes
        if timeline is not None:
            content["memory"] = memory_as_json(timeline)
        print_json({**content, "layers": list(map(as_json, layers))})
    elif timeline is not None:
        print_memory(timeline, title, look.depth)
    elif look.format is LayerFormat.csv:
        write_layers(layers)
    else:
        _print_tables(stored, costs, measurements)
        print(f"\nlayers of {title}")
        print_layers(layers)


def _print_tables(
    stored: StoredCandidate, costs: Costs, measurements: list[dict[str, Any]]
) -> None:
    """Print all but the layers, which follow."""
    row = stored.row
    print(f"candidate {stored.id} of family {row.family}, key {row.key}")
    print("\nsettings")
    _print_pairs(row.settings)
    print(f"\ncosts ({_described(row.conditions)})")
    if not row.scope.is_current:
        print(f"worked out by other code, {row.code.fingerprint}; a sweep works them out anew")
    print_totals(costs.as_dict(), costs.arithmetic_intensity)
    if measurements:
        print("\nmeasurements")
        print_rows(measurements)


def _described(conditions: Conditions) -> str:
    named = [f"{name} {value}" for name, value in asdict(conditions).items() if value != ""]
    return ", ".join(named)


def _print_pairs(pairs: Any) -> None:
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        print(one_line(f"  {name:<{width}}  {value}"))
