"""Uniform draws of the candidates of a space that are within a budget, however large it is."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy

from dse.cost_formulas import formula_unit
from dse.errors import DseError
from dse.language import format_quantity, numbered
from dse.limits import limit
from dse.space.answers.feasibility import unbuildable
from dse.space.budget import Bound, Budget
from dse.space.design_space import BlockSpace
from dse.space.graph import NetworkCount, Ways, extreme
from dse.space.tables import Integers, scan

MOST_DRAWS = 50
"""Rounds of draws in a row that bring nothing new before giving up."""


@dataclass(frozen=True)
class Drawn:
    """Candidates that were drawn."""

    choices: Integers
    """Of shape (candidates, dimensions), in the order in which they were drawn."""
    feasible: NetworkCount
    """How many candidates are within the budget."""


def feasible_number(space: BlockSpace, budget: Budget) -> NetworkCount:
    """Return how many distinct networks are within a budget: exactly where they can be listed."""
    ways = space.ways(budget)
    number = ways.number()
    if number.is_exact:
        return number
    if number.most <= limit("listed_networks"):
        found = len(_listed(space, budget, ways))
        return NetworkCount(found, found)
    graph = space.graph
    if space.grid.size <= limit("counted_points") and graph.count() == graph.choices.count():
        # Every point is a network of its own.
        found = sum(len(scanned.indices) for scanned in scan(space.tables, budget))
        return NetworkCount(found, found)
    return number


def draw(
    space: BlockSpace,
    budget: Budget,
    number: int,
    seed: int,
    stratify: str | None = None,
    strata: int = 10,
) -> Drawn:
    """Draw distinct candidates uniformly from all that are within a budget.

    Args:
        space: of a family of blocks.
        budget: bounds on any costs.
        number: how many.
        seed: of the draws.
        stratify: a cost; equally many candidates are drawn from each of `strata` ranges of it, of
            equal width. A range that has fewer gives all it has.
        strata: how many ranges.

    Raises:
        DseError: where fewer candidates are within the budget, or none can be built.
    """
    if stratify is not None:
        return _stratified(space, budget, number, seed, stratify, strata)
    ways = space.ways(budget)
    feasible = ways.number()
    if not budget and not feasible.most:
        raise DseError(unbuildable(space))
    if number > feasible.most:
        raise _too_many(number, budget, feasible)
    random = numpy.random.default_rng(seed)
    if feasible.most <= limit("listed_networks"):
        choices = _listed(space, budget, ways)
        feasible = NetworkCount(len(choices), len(choices))
        if number > len(choices):
            raise _too_many(number, budget, feasible)
        return Drawn(choices[random.permutation(len(choices))[:number]], feasible)
    return Drawn(_drawn(space, budget, ways, number, random, feasible), feasible)


def _too_many(number: int, budget: Budget, feasible: NetworkCount) -> DseError:
    some = f"{feasible.most:,}" if feasible.is_exact else f"at most {feasible.most:,}"
    those = f"{some} meet {budget}" if budget else f"there are {some}"
    return DseError(f"sample: {number:,} candidates are asked for, and {those}")


def _listed(space: BlockSpace, budget: Budget, ways: Ways) -> Integers:
    if not len(ways.roots):
        return numpy.empty((0, len(space.grid.sizes)), dtype=numpy.int64)
    choices = ways.graph.choices_at(ways.all())
    names = budget.costs
    return choices[space.tables.costs(choices, names).admitted(budget)]


def _drawn(
    space: BlockSpace,
    budget: Budget,
    ways: Ways,
    number: int,
    random: numpy.random.Generator,
    feasible: NetworkCount,
) -> Integers:
    names = budget.costs
    width = int(ways.graph.level.max(initial=0))
    paths = numpy.empty((0, width), dtype=numpy.int64)
    choices = numpy.empty((0, len(space.grid.sizes)), dtype=numpy.int64)
    size, rounds, tried = number + number // 8 + 64, 0, 0
    while len(choices) < number:
        drawn = ways.draw(size, random)
        tried += size
        drawn = numpy.pad(drawn, ((0, 0), (0, width - drawn.shape[1])), constant_values=-1)
        made = ways.graph.choices_at(drawn)
        # Bins may be coarser than the bounds.
        admitted = space.tables.costs(made, names).admitted(budget)
        before = len(choices)
        both = numpy.concatenate([paths, drawn[admitted]])
        # Drawing on until all are new draws uniformly from all sets of so many.
        firsts = numpy.sort(numpy.unique(both, axis=0, return_index=True)[1])
        paths, choices = both[firsts], numpy.concatenate([choices, made[admitted]])[firsts]
        rounds = 0 if len(choices) > before else rounds + 1
        if rounds > MOST_DRAWS:
            raise DseError(
                f"sample: only {len(choices):,} of {number:,} candidates were found in {tried:,} "
                f"draws; between {feasible.least:,} and {feasible.most:,} meet {budget}"
            )
        accepted = max(len(choices), 1) / tried
        size = min(int((number - len(choices)) / accepted * 1.1) + 64, 200_000)
    return choices[:number]


def _stratified(
    space: BlockSpace, budget: Budget, number: int, seed: int, cost: str, strata: int
) -> Drawn:
    low, high = _range(space, budget, cost)
    edges = [low + (high + 1 - low) * i // strata for i in range(strata + 1)]
    found, least, most = [], 0, 0
    for index, (first, end) in enumerate(itertools.pairwise(edges)):
        if first == end:
            continue
        within = _with_bound(budget, Bound(cost, first, end - 1))
        some = feasible_number(space, within)
        least, most = least + some.least, most + some.most
        wanted = number * (index + 1) // strata - number * index // strata
        wanted = min(wanted, some.most)
        if wanted:
            found.append(draw(space, within, wanted, seed + index).choices)
    if not found and most:
        raise DseError(
            f"stratify: {numbered(number, 'candidate')} of {strata:,} ranges of {cost} would be "
            f"of ranges that hold none; ask for {strata:,} or more"
        )
    if not found:
        raise _too_many(number, budget, NetworkCount(least, most))
    return Drawn(numpy.concatenate(found), NetworkCount(least, most))


def _range(space: BlockSpace, budget: Budget, cost: str) -> tuple[int, int]:
    """Return the ends of a cost in a space, as far as a budget admits them."""
    graph = space.graph_of([cost])
    ends = [extreme(graph, cost, "min"), extreme(graph, cost, "max")]
    if ends[0] is None or ends[1] is None:
        raise DseError(f"stratify: no candidate has {cost}")
    low, high = ends[0].value, ends[1].value
    for bound in budget.bounds:
        if bound.cost == cost:
            low = low if bound.low is None else max(low, bound.low)
            high = high if bound.high is None else min(high, bound.high)
    if low > high:
        unit = formula_unit(cost)
        shown = f"{format_quantity(low, unit)} to {format_quantity(high, unit)}"
        raise DseError(f"stratify: nothing lies within {shown} of {cost}")
    return low, high


def _with_bound(budget: Budget, bound: Bound) -> Budget:
    others = tuple(each for each in budget.bounds if each.cost != bound.cost)
    return replace(budget, bounds=(*others, bound))
