"""`dse space`: how large a space is, what its candidates cost, how many fit a budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from dse.cli.composition import Request, print_checked, requested_space, run_hydra_command
from dse.cli.formats import OutputFormat, output_format
from dse.cli.printing import Roles, print_bars, print_rows
from dse.cli.terminal import print_json
from dse.costs import telling, unit_of
from dse.language import Kind, format_quantity
from dse.project import (
    Described,
    SpaceKeys,
    count_of,
    describe_grid,
    described,
    lacking_points,
    range_of,
)
from dse.space import QUANTILES, DesignSpace, End, Overview, by_axis


@dataclass
class SpaceConfig(SpaceKeys):
    """The keys of `conf/space.yaml`."""

    budget: dict[str, Any] = field(default_factory=dict)
    histogram: str | None = None
    bars: int = 12
    seed: int = 0
    format: str = "table"


def run_space(request: Request) -> None:
    """Describe the space of a config; candidates are neither listed nor stored."""
    values = request.values
    output = output_format(values["format"])
    cost, url = values["histogram"], str(values["store"]["url"])
    space = requested_space(request)
    found = described(
        space, space.bounds_on(values["budget"]), url, values["seed"], cost, values["bars"]
    )
    if output is OutputFormat.json:
        print_json(_plain(space.design, found))
        return
    if output is not OutputFormat.table:
        print_rows(list(_ranges(found.overview)), output)
        return
    _print(space.design, found)
    if cost is not None:
        print_bars(cost, found.bars)


def _plain(space: DesignSpace, found: Described) -> dict[str, Any]:
    """Return everything as JSON has it."""
    content: dict[str, Any] = {"family": space.grid.family.name, "points": space.grid.size}
    content |= asdict(found.overview)
    content["budget"] = str(found.budget)
    content["histogram"] = [asdict(bar) for bar in found.bars]
    return content


def _ranges(found: Overview) -> Iterator[dict[str, Any]]:
    """Yield the range of each cost as numbers."""
    for each in found.ranges:
        quantiles = zip(map(_label, QUANTILES), each.quantiles, strict=True)
        ends = {"least": each.least.value, **dict(quantiles), "greatest": each.greatest.value}
        yield {"cost": each.cost, **ends}


def _label(share: float) -> str:
    return "median" if share == 0.5 else f"{share:.0%}"


def _print(space: DesignSpace, told: Described) -> None:
    found = told.overview
    telling_ones = telling({each.cost: each.greatest.value for each in found.ranges})
    found = replace(found, ranges=tuple(r for r in found.ranges if r.cost in telling_ones))
    print(describe_grid(space))
    repeats = found.buildable - found.networks
    print(
        f"{count_of(found.networks)} distinct network{'s' if found.networks > 1 else ''}"
        + (f"; {count_of(repeats)} more points build the same ones" if repeats else "")
        + (f"; {lacking}" if (lacking := lacking_points(space, found.buildable)) else "")
    )
    rows = []
    for each in found.ranges:
        unit = unit_of(each.cost)
        row = {"cost": each.cost, "least": _end(each.least, unit)}
        for share, value in zip(QUANTILES, each.quantiles, strict=True):
            row[_label(share)] = format_quantity(value, unit)
        rows.append(row | {"greatest": _end(each.greatest, unit)})
    # The ends are proven, and what a budget is held against first.
    print_rows(rows, roles=Roles(needed=("least", "median", "greatest")))
    if found.sampled < found.networks:
        print(f"quantiles of {found.sampled:,} uniform draws; the ends are exact")
    _print_ends(space, found)
    if told.budget:
        print(f"budget {told.budget}: {_fitting(found)}")
        print_checked(told.budget)


def _end(end: End, unit: Kind) -> str:
    return ("" if end.is_proven else "~") + format_quantity(end.value, unit)


def _print_ends(space: DesignSpace, found: Overview) -> None:
    """Print the candidates at the ends of costs, each once."""
    held: dict[str, dict[str, list[str]]] = {}
    for each in found.ranges:
        for name, end in (("least", each.least), ("greatest", each.greatest)):
            axes = by_axis(space.grid.family, end.settings)
            shown = ", ".join(f"{axis}={value}" for axis, value in axes.items())
            held.setdefault(shown, {}).setdefault(name, []).append(each.cost)
    for shown, ends in held.items():
        for name, costs in ends.items():
            listed = "of all costs" if len(costs) == len(found.ranges) else ", ".join(costs)
            print(f"{name} {listed}: {shown}")


def _fitting(found: Overview) -> str:
    number = found.feasible
    if number.is_exact:
        share = number.most / found.networks
        return f"{count_of(number.most)} of {count_of(found.networks)} networks fit ({share:.3g})"
    told = f"{range_of(number)} of {count_of(found.networks)} networks fit"
    if count_of(number.least) == count_of(number.most):
        return told
    likely = f"{range_of(found.likely)} at 95 % confidence"
    return f"{told}, about {count_of(round(found.estimate))} ({likely})"


def main(arguments: Sequence[str]) -> None:
    """Run `dse space` with these words."""
    run_hydra_command("space", SpaceConfig, run_space, arguments)
