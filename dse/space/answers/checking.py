"""Checks what a page stands for: builds, costs and runs its networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from dse.code import foreign_code
from dse.costs import Costs
from dse.counting import (
    Bundle,
    HandedOn,
    build_without_weights,
    costs_under,
    held_tensors,
    real_tensor,
)
from dse.errors import DseError
from dse.html_tables import FieldsShown
from dse.space.candidate import Candidate
from dse.space.costing import (
    BlockTable,
    Invalid,
    build_network,
    left_over,
    network_inputs,
    part_dtypes,
)
from dse.space.design_space import CallableSpace, DesignSpace, space_of
from dse.space.pages import Dimension, Family, Grid, Problems, Settings, block_places


@dataclass(frozen=True, slots=True)
class Checked:
    """A network that was built and costed in both ways."""

    what: str
    """Which one it is: `the defaults`, `variant resnet18`, or `depth_1=2`."""
    candidate: Candidate
    costs: Costs


@dataclass(frozen=True, slots=True)
class Checks(FieldsShown):
    """What was found about a family."""

    checked: tuple[Checked, ...]
    """Each distinct network that can be built."""
    invalid: dict[str, str]
    """The extremes that cannot be built, with the reason."""
    smallest: Checked
    """The one of the fewest MACs, which ran on data."""
    output_shapes: tuple[tuple[int, ...], ...]
    """Of each tensor that the run made, batch included."""


def check_family(family: Family, grid: Grid) -> Checks:
    """Build the defaults, each variant and the extremes of a grid, and compare what they cost.

    For each, the sum over its blocks has to equal the trace of the whole network in every cost; the
    smallest runs on data. Extremes that cannot be built are no error, as a sweep records them.

    Raises:
        PageError: for defaults and variants that cannot be built, with the line of the block, and
            for networks whose costs disagree.
        DseError: for a smallest network that fails on data.
    """
    problems, space = Problems(), space_of(grid)
    checked: dict[int, Checked] = {}
    invalid: dict[str, str] = {}
    for what, page in [("the defaults", family), *_variants(family)]:
        with problems.collected():
            candidate = page.resolve(page.defaults)
            _require_buildable(page, candidate, space, f" {what}:")
            checked.setdefault(candidate.key, _compared(what, candidate, space))
    problems.settle()
    for what, settings in _extremes(grid):
        with problems.collected():
            try:
                candidate = family.resolve(settings)
                _require_buildable(family, candidate, space)
            except DseError as error:
                invalid[what] = str(error)
                continue
            checked.setdefault(candidate.key, _compared(what, candidate, space))
    problems.settle()
    smallest = min(checked.values(), key=lambda each: each.costs.macs)
    return Checks(tuple(checked.values()), invalid, smallest, _run(smallest, space.blocks))


def _variants(family: Family) -> Iterator[tuple[str, Family]]:
    for name in family.variants:
        yield f"variant {name}", family.variant(name)


def _extremes(grid: Grid) -> Iterator[tuple[str, Settings]]:
    """Yield the ends of each dimension, the others at their defaults, then of all at once."""
    ends = [_ends(dimension) for dimension in grid.dimensions]
    corners: list[Settings] = [{}, {}]
    for choices in ends:
        for corner, choice in zip(corners, (choices[0], choices[-1]), strict=True):
            corner |= choice
    for choice in [*(choice for choices in ends for choice in choices), *corners]:
        settings = {**grid.family.defaults, **choice}
        if choice and grid.excluded_by(settings) is None:
            yield ", ".join(f"{name}={value}" for name, value in choice.items()), settings


def _ends(dimension: Dimension) -> list[Settings]:
    """Return the least and the greatest choice of a number, the outer ones of zipped axes, or all.

    Words have no ends.
    """
    choices = list(dimension.choices)
    values = [next(iter(choice.values())) for choice in choices]
    if len(choices[0]) > 1:
        return [choices[0], choices[-1]]
    if any(isinstance(value, (str, bool)) for value in values):
        return choices
    ordered = sorted(zip(values, range(len(choices)), strict=True))
    return [choices[ordered[0][1]], choices[ordered[-1][1]]]


def _require_buildable(
    page: Family, candidate: Candidate, space: DesignSpace, what: str = ""
) -> None:
    """Raise a `DseError` that names the line of the block that cannot be built or run."""
    if isinstance(space, CallableSpace):
        costs = space.cost(candidate)
        if isinstance(costs, Invalid):
            raise DseError(f"{page.place / 'target'}:{what} {costs.reason}")
        return
    table = space.blocks
    spec: HandedOn = table.input_of(candidate)
    places = block_places(page, {**page.defaults, **candidate.settings})
    for block, place in zip(candidate.blocks, places, strict=True):
        of_block = table.block_costs(block, spec)
        if isinstance(of_block, Invalid):
            raise DseError(f"{place}:{what} {of_block.reason}")
        spec = of_block.output
    if isinstance(spec, Bundle):
        raise DseError(f"{page.place / 'blocks'}:{what} {left_over(spec)}")


def _compared(what: str, candidate: Candidate, space: DesignSpace) -> Checked:
    costs, table = space.cost(candidate), space.blocks
    assert isinstance(costs, Costs), "it was found to be buildable"
    if isinstance(space, CallableSpace):
        return Checked(what, candidate, costs)
    network = build_without_weights(lambda: build_network(candidate, table))
    inputs, _ = network_inputs(candidate, table.conditions.batch, table.conditions.phase)
    whole = costs_under(network, inputs, table.conditions, part_dtypes=part_dtypes(candidate))
    for name, value in whole.as_dict().items():
        if value != costs[name]:
            raise DseError(
                f"{candidate.family}: {what}: {name} is {costs[name]} by its blocks but "
                f"{value} by a trace of the whole: its blocks share something"
            )
    return Checked(what, candidate, costs)


def _run(checked: Checked, table: BlockTable) -> tuple[tuple[int, ...], ...]:
    """Return the shapes of what a network makes of random data."""
    network = build_network(checked.candidate, table).eval()
    make = real_tensor(torch.device("cpu"))
    inputs, named = network_inputs(checked.candidate, 1)
    data = [make(each, torch.float32) for each in inputs]
    named_data = {name: make(each, torch.float32) for name, each in named.items()}
    with foreign_code(lambda reason: f"{checked.what} fails on data: {reason}"), torch.no_grad():
        output = network(*data, **named_data)
    made = (*held_tensors(output),)
    if not made:
        raise DseError(f"{checked.what} makes no tensor of data but {type(output).__name__}")
    if not all(each.isfinite().all() for each in made):
        raise DseError(f"{checked.what} makes numbers of data that are not finite")
    return tuple(tuple(each.shape) for each in made)
