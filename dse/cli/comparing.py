"""Two stored candidates side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from typing import Any

from dse.cli.output import OutputFormat, format_cell, print_rows
from dse.costs import COST_NAMES
from dse.store import StoredCandidate, get_candidate, open_for_reading

Layer = tuple[str, str, int, int]
"""Type, output shape, parameters and multiply-accumulates."""


@dataclass(frozen=True)
class Difference:
    """What differs between two candidates."""

    ids: tuple[int, int]
    rows: list[dict[str, Any]]
    """Settings, conditions, costs and measurements that differ, with both values."""
    layers: list[tuple[str, Layer]]
    """The layers with `-` for those of the first alone, `+` for those of the second, else ` `."""


def compare(
    first: int, second: int, store: str, with_layers: bool, allow: Iterable[str]
) -> Difference:
    """Return how two candidates differ.

    Raises:
        DseError: for an unknown id, or a page that resolves to another network by now.
    """
    engine = open_for_reading(store)
    both = get_candidate(engine, first), get_candidate(engine, second)
    engine.dispose()
    rows = []
    for kind, (left, right) in _values(*both).items():
        for name in dict.fromkeys([*left, *right]):
            values = left.get(name), right.get(name)
            if values[0] != values[1]:
                rows.append({"of": kind, "name": name, "first": values[0], "second": values[1]})
    buildable = all(each.row.invalid is None for each in both)
    layers = []
    if with_layers and buildable and both[0].row.key != both[1].row.key:
        layers = _matched(*(_layers(each, store, allow) for each in both))
    return Difference((first, second), [_with_ratio(row) for row in rows], layers)


def print_difference(difference: Difference, output: OutputFormat) -> None:
    """Print a difference: as tables, or its rows and layers in another format."""
    if output is not OutputFormat.table:
        layers = [
            {"of": "layers", "name": layer[0], "first": None, "second": None, "ratio": None}
            | {{"-": "first", "+": "second"}[mark]: f"{layer[1]} {layer[2]} {layer[3]}"}
            for mark, layer in difference.layers
            if mark != " "
        ]
        print_rows([*difference.rows, *layers], output)
        return
    first, second = (f"candidate {id}" for id in difference.ids)
    if not difference.rows:
        print(f"{first} and {second} are the same network under the same conditions")
        return
    shown = [
        {
            "": row["of"],
            "name": row["name"],
            first: format_cell(row["name"], row["first"]),
            second: format_cell(row["name"], row["second"]),
            "ratio": row["ratio"],
        }
        for row in difference.rows
    ]
    print_rows(shown)
    if difference.layers:
        print("\nlayers (type, output, params, macs)")
    for mark, (type, shape, params, macs) in difference.layers:
        print(f"{mark} {type:<20} {shape:<14} {params:>12,} {macs:>16,}".rstrip())


def _values(
    *both: StoredCandidate,
) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
    first, second = both
    return {
        "family": ({"family": first.row.family}, {"family": second.row.family}),
        "settings": (first.row.settings, second.row.settings),
        "conditions": (asdict(first.row.conditions), asdict(second.row.conditions)),
        "costs": (_costs(first), _costs(second)),
        "measured": (_measured(first), _measured(second)),
        "invalid": ({"invalid": first.row.invalid}, {"invalid": second.row.invalid}),
    }


def _costs(stored: StoredCandidate) -> Mapping[str, Any]:
    return {} if stored.row.costs is None else stored.row.costs.as_dict()


def _measured(stored: StoredCandidate) -> Mapping[str, Any]:
    return {m.what: m.value for m in stored.measurements if m.outcome == "done"}


def _with_ratio(row: dict[str, Any]) -> dict[str, Any]:
    numbers = [row["first"], row["second"]]
    if row["name"] in COST_NAMES and all(isinstance(n, int) for n in numbers) and numbers[0]:
        return row | {"ratio": round(numbers[1] / numbers[0], 4)}
    return row | {"ratio": None}


def _layers(stored: StoredCandidate, store: str, allow: Iterable[str]) -> list[Layer]:
    # Torch is loaded only here.
    from dse.cli.candidates import find_candidate, rebuild
    from dse.counting import build_without_weights, count
    from dse.space import build_network

    _, page = find_candidate(stored.id, store)
    candidate = rebuild(stored, page, allow)
    shape = (stored.row.conditions.batch, *candidate.input_shape)
    counted = count(build_without_weights(lambda: build_network(candidate)), shape)
    return [
        (
            layer.type,
            "×".join(map(str, layer.output_shape or ())),
            layer.costs.params,
            layer.costs.macs,
        )
        for layer in counted.layers
    ]


def _matched(first: list[Layer], second: list[Layer]) -> list[tuple[str, Layer]]:
    lines: list[tuple[str, Layer]] = []
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            lines += [(" ", layer) for layer in first[a:b]]
        else:
            lines += [("-", layer) for layer in first[a:b]] + [
                ("+", layer) for layer in second[c:d]
            ]
    return lines
