"""The costs of arrays of candidates, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy

from dse.cost_formulas import given_terms, needs_training, shown_terms
from dse.costs import given_costs, lack_of
from dse.language import KnownNumbers
from dse.space.budget import Budget
from dse.space.costing import STEP_FIELDS, Integers, Part, costs_of, fields_for, nothings, then
from dse.space.tables.compiled import Compiled
from dse.space.tables.factors import (
    Booleans,
    Factor,
    is_chained,
    projection,
    row_of,
    union,
)

CHUNK = 32_768
"""Candidates that are costed at a time: their columns stay in a processor's cache."""


@dataclass(frozen=True)
class CostColumns:
    """What candidates cost, each column of shape (candidates,)."""

    costs: Mapping[str, Integers]
    """By their names; of a candidate that is not valid or cannot be trained nothing
    that means anything."""
    is_valid: Booleans
    can_train: Booleans
    """Whether `saved_memory` and `train_memory` mean anything."""
    lacking: Mapping[str, Booleans] = field(default_factory=dict)
    """By a cost that blocks are given: which candidates have a block without a number."""

    def of(self, which: Booleans) -> CostColumns:
        """Return the costs of some of the candidates."""
        costs = {name: values[which] for name, values in self.costs.items()}
        lacking = {name: values[which] for name, values in self.lacking.items()}
        return CostColumns(costs, self.is_valid[which], self.can_train[which], lacking)

    def bears(self, names: Sequence[str]) -> Booleans:
        """Return which candidates are valid and have all these costs."""
        trains = any(map(needs_training, names))
        known = self.is_valid & self.can_train if trains else self.is_valid.copy()
        for base in dict.fromkeys(base for name in names for base in given_terms(name)):
            known &= ~self.lacking[base]
        return known

    def column(self, cost: str) -> KnownNumbers:
        """Return a cost, and which candidates have it."""
        return KnownNumbers(self.values(cost), self.bears([cost]))

    def values(self, cost: str) -> Integers:
        """Return a cost, or a weighted sum of costs, of which the terms are there."""
        if cost in self.costs:
            return self.costs[cost]
        terms = shown_terms(cost).items()
        total = numpy.zeros(len(self.is_valid), dtype=numpy.int64)
        return sum((weight * self.costs[name] for name, weight in terms), start=total)

    def admitted(self, budget: Budget) -> Booleans:
        """Return which candidates are valid and within a budget."""
        admitted = self.bears([bound.cost for bound in budget.bounds])
        for condition in budget.conditions:
            admitted &= condition.holds({name: self.column(name) for name in condition.names})
        for bound in budget.bounds:
            if bound.low is not None:
                admitted &= self.values(bound.cost) >= bound.low
            if bound.high is not None:
                admitted &= self.values(bound.cost) <= bound.high
        return admitted


@dataclass(frozen=True)
class Group:
    """Slots in a row, chained: the fields of parts at each combination of some dimensions."""

    slots: tuple[int, ...]
    """Their positions on the page."""
    dimensions: tuple[int, ...]
    fields: Mapping[str, Integers]
    is_valid: Booleans
    can_train: Booleans

    def spread(self, dimensions: tuple[int, ...], sizes: Sequence[int]) -> Group:
        """Return the same over more dimensions."""
        if dimensions == self.dimensions:
            return self
        rows = projection(dimensions, self.dimensions, sizes)
        return Group(
            self.slots,
            dimensions,
            {name: values[rows] for name, values in self.fields.items()},
            self.is_valid[rows],
            self.can_train[rows],
        )


@dataclass(frozen=True)
class CostTables:
    """Gathers the costs of candidates from a compiled space."""

    space: Compiled

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """All slots, as few groups of them as fit into tables."""
        sizes = self.space.sizes
        groups: list[Group] = []
        for slot in self._slots():
            if groups:
                dimensions = union(groups[-1].dimensions, slot.dimensions)
                if is_chained(groups[-1].dimensions, slot.dimensions, sizes):
                    groups[-1] = _joined(groups[-1], slot, dimensions, sizes)
                    continue
            groups.append(slot)
        return tuple(groups)

    def _slots(self) -> Iterator[Group]:
        space, arrays = self.space, self.space.part_arrays()
        for position, slot in enumerate(space.slots):
            dimensions = union(slot.transitions.dimensions, slot.segments.dimensions)
            done = slot.transitions.over(dimensions, space.sizes)
            step = slot.segments.over(dimensions, space.sizes)
            is_valid = (done >= 0) & ~space.has_problem[done]
            yield Group((position,), dimensions, arrays.at(done, step), is_valid, step > 0)

    @cached_property
    def inputs(self) -> tuple[Factor, Factor, Factor]:
        """The bytes of the network's input in inference and in a step; whether there is one."""
        shape, states = self.space.shape, self.space.table.states
        plain = [state.entering.network_input for state in states]
        step = [0 if s.step is None else sum(s.step.entering.nbytes) for s in states]
        known = shape.values >= 0
        first, second = (
            numpy.where(known, _column(each)[shape.values], 0) for each in (plain, step)
        )
        return (
            Factor(shape.dimensions, first),
            Factor(shape.dimensions, second),
            Factor(shape.dimensions, known),
        )

    def costs(self, choices: Integers, names: Sequence[str] | None = None) -> CostColumns:
        """Return costs of candidates.

        Args:
            choices: an index for each dimension of the grid, of shape (candidates, dimensions).
            names: which costs; all that rows show by default.
        """
        names = self.space.blocks.shown_costs if names is None else names
        number = len(choices)
        columns = {name: numpy.empty(number, dtype=numpy.int64) for name in names}
        is_valid, can_train = numpy.empty((2, number), dtype=numpy.bool_)
        given = tuple(dict.fromkeys(base for name in names for base in given_terms(name)))
        lacking = {name: numpy.empty(number, dtype=numpy.bool_) for name in given}
        for start in range(0, number, CHUNK):
            piece = slice(start, start + CHUNK)
            found = self._costs(choices[piece], names)
            is_valid[piece], can_train[piece] = found.is_valid, found.can_train
            for name in names:
                columns[name][piece] = found.costs[name]
            for name in given:
                lacking[name][piece] = found.lacking[name]
        return CostColumns(columns, is_valid, can_train, lacking)

    @cached_property
    def lacked(self) -> frozenset[str]:
        """The costs that blocks are given, of which some block of the space has no number."""
        part = self.space.part_arrays().of_transition
        return frozenset(name for name in given_costs() if (part[lack_of(name)] > 0).any())

    def _costs(self, choices: Integers, names: Sequence[str]) -> CostColumns:
        sizes, fields = self.space.sizes, fields_for(names)
        trains = any(name in STEP_FIELDS for name in fields)
        plain, step, known = (factor.at(choices, sizes) for factor in self.inputs)
        is_valid: Booleans = known
        can_train = numpy.full(len(choices), trains)
        parts: Part[Integers] | None = None
        if not self.groups:
            parts = nothings(fields, len(choices))
        for group in self.groups:
            rows = row_of(group.dimensions, choices, sizes)
            is_valid = is_valid & group.is_valid[rows]
            if trains:
                can_train &= group.can_train[rows]
            found = {name: group.fields[name][rows] for name in fields}
            parts = found if parts is None else then(parts, found)
        assert parts is not None
        costs = costs_of(parts, names, plain, step)
        lacking = {name: parts[lack_of(name)] > 0 for name in given_costs() if name in fields}
        return CostColumns(costs, is_valid, can_train & is_valid, lacking)


def _joined(
    first: Group, second: Group, dimensions: tuple[int, ...], sizes: Sequence[int]
) -> Group:
    first, second = first.spread(dimensions, sizes), second.spread(dimensions, sizes)
    return Group(
        (*first.slots, *second.slots),
        dimensions,
        then(first.fields, second.fields),
        first.is_valid & second.is_valid,
        first.can_train & second.can_train,
    )


def _column(values: Iterator[int] | Sequence[int]) -> Integers:
    return numpy.array(list(values), dtype=numpy.int64)
