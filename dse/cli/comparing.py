"""Two stored candidates side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dse.cli.layer_matching import (
    ComparedLayer,
    LayerPair,
    difference_lines,
    match_layers,
)
from dse.cli.output import OutputFormat, format_cell, print_rows
from dse.cli.terminal import one_line
from dse.costs import COST_NAMES
from dse.store import StoredCandidate, get_candidate, open_for_reading


@dataclass(frozen=True)
class Difference:
    """What differs between two candidates."""

    ids: tuple[int, int]
    rows: list[dict[str, Any]]
    """Settings, conditions, costs and measurements that differ, with both values."""
    layers: list[LayerPair]
    """All layers of both; none where they were not asked for, or cannot differ."""
    inputs: tuple[str, str] = ("", "")
    """What the layers of each were counted at."""


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
    layers, inputs = [], ("", "")
    if with_layers and buildable and both[0].row.key != both[1].row.key:
        (ours, at), (theirs, beside) = (_layers(each, store, allow) for each in both)
        layers, inputs = match_layers(ours, theirs), (at, beside)
    return Difference((first, second), [_with_ratio(row) for row in rows], layers, inputs)


def print_difference(difference: Difference, output: OutputFormat) -> None:
    """Print a difference: as tables, or its rows and layers in another format."""
    if output is not OutputFormat.table:
        layers = [pair for pair in difference.layers if pair.mark != " "]
        print_rows([*difference.rows, *map(_layer_row, layers)], output)
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
        on = " and ".join(dict.fromkeys(difference.inputs))
        print(f"\nlayers (name, type, output, params, macs) on {on}")
    for line in difference_lines(difference.layers):
        print(one_line(line))


def _layer_row(pair: LayerPair) -> dict[str, Any]:
    layer = pair.first or pair.second
    texts = [
        None if one is None else f"{one.type} {one.output} {one.params} {one.macs}" for one in pair
    ]
    name = "" if layer is None else layer.name
    return {"of": "layers", "name": name, "first": texts[0], "second": texts[1], "ratio": None}


def _values(
    *both: StoredCandidate,
) -> dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]]:
    first, second = both
    return {
        "family": ({"family": first.row.family}, {"family": second.row.family}),
        "settings": (first.row.settings, second.row.settings),
        "conditions": (asdict(first.row.conditions), asdict(second.row.conditions)),
        "costs": (_costs(first), _costs(second)),
        "code": ({"code": first.row.code.fingerprint}, {"code": second.row.code.fingerprint}),
        "measured": (_measured(first), _measured(second)),
        "invalid": ({"invalid": first.row.invalid}, {"invalid": second.row.invalid}),
    }


def _costs(stored: StoredCandidate) -> Mapping[str, Any]:
    return {} if stored.row.costs is None else stored.row.costs.as_dict()


def _measured(stored: StoredCandidate) -> Mapping[str, Any]:
    """Return the mean of what was measured, as a question has it."""
    return stored.means


def _with_ratio(row: dict[str, Any]) -> dict[str, Any]:
    numbers = [row["first"], row["second"]]
    if row["name"] in COST_NAMES and all(isinstance(n, int) for n in numbers) and numbers[0]:
        return row | {"ratio": round(numbers[1] / numbers[0], 4)}
    return row | {"ratio": None}


def _layers(
    stored: StoredCandidate, store: str, allow: Iterable[str]
) -> tuple[list[ComparedLayer], str]:
    """Return the layers of a candidate, and what they were counted at."""
    # Torch is loaded only here.
    from dse.cli.found_candidates import find_candidate, rebuild
    from dse.cli.model_inputs import described
    from dse.counting import Shape, build_without_weights, count
    from dse.space import build_network

    _, page = find_candidate(stored.id, store)
    candidate = rebuild(stored, page, allow)
    shape = Shape((stored.row.conditions.batch, *candidate.input_shape))
    counted = count(build_without_weights(lambda: build_network(candidate)), shape)
    return [
        ComparedLayer(
            layer.name,
            layer.type,
            "×".join(map(str, layer.output_shape or ())),
            layer.costs.params,
            layer.costs.macs,
        )
        for layer in counted.layers
    ], described([shape])
