"""Two stored candidates side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dse.html_tables import html_facts, html_panel
from dse.language import numbered
from dse.project.networks.layer_matching import ComparedLayer, LayerPair, match_layers
from dse.shown_values import html_rows, shown_value
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

    def _repr_html_(self) -> str:
        first, second = self.ids
        rows = [
            {
                "of": row["of"],
                "name": row["name"],
                f"candidate {first}": shown_value(row["name"], row["first"]),
                f"candidate {second} ": shown_value(row["name"], row["second"]),
                "ratio": row["ratio"],
            }
            for row in self.rows
        ]
        changed = sum(pair.mark != " " for pair in self.layers)
        told = f"{changed:,} of {numbered(len(self.layers), 'layer')}" if self.layers else ""
        facts = html_facts({"layers that differ": told})
        return html_panel(f"Difference of candidates {first} and {second}", facts, html_rows(rows))


def difference_of(
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
    if row["of"] == "costs" and all(isinstance(n, int) for n in numbers) and numbers[0]:
        return row | {"ratio": round(numbers[1] / numbers[0], 4)}
    return row | {"ratio": None}


def _layers(
    stored: StoredCandidate, store: str, allow: Iterable[str]
) -> tuple[list[ComparedLayer], str]:
    """Return the layers of a candidate, and what they were counted at."""
    # Torch is loaded only here.
    from dse.project.networks.rebuilding import counted_layers, find_candidate, rebuild

    _, page = find_candidate(stored.id, store)
    counted, on = counted_layers(stored, rebuild(stored, page, allow))
    return [
        ComparedLayer(
            layer.name,
            layer.type,
            "×".join(map(str, layer.output_shape or ())),
            layer.costs.params,
            layer.costs.macs,
        )
        for layer in counted.layers
    ], str(on)
