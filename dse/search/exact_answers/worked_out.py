"""What of a search is worked out before it begins: the best candidates, a front, or steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy

from dse.errors import DseError
from dse.search.exact_answers.exact import (
    Best,
    best_of_costs,
    front_of_costs,
    goal_of_costs,
    goals_of_costs,
)
from dse.search.objective import Objective
from dse.search.pools import Integers
from dse.space import BlockSpace, Bound, Budget, DesignSpace


@dataclass(frozen=True, slots=True)
class Answers:
    """What is asked of a goal that is worked out."""

    number: int = 1
    """The best candidates, so many at most."""
    apart: int | None = None
    """In how many choices each differs from all before it, at least."""
    steps: tuple[Bound, ...] = ()
    """Upper bounds on a cost, the least first; the best candidate within each is asked for."""

    def plain(self, objective: Objective) -> dict[str, Any]:
        """Return it as plain values: studies of other answers are other studies."""
        if len(objective.goals) > 1:
            return {"front": True}
        return {"best": self.number, "diverse": self.apart, "steps": [str(b) for b in self.steps]}


@dataclass(frozen=True, slots=True)
class Step:
    """The best candidate within one of several bounds."""

    bound: Bound
    place: int | None
    """Among the candidates that were worked out; None where none meets the bound."""
    is_proven: bool


@dataclass(frozen=True)
class Solved:
    """Candidates that were worked out, in place of a search."""

    choices: Integers
    """Of distinct networks, the best first; of shape (candidates, dimensions)."""
    proven: int
    """How many of the first are proven to belong there: no other of the whole space does."""
    bound: float | None = None
    """No candidate but those that are proven is better than this; None where all are proven."""
    steps: tuple[Step, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether all of them are proven."""
        return self.proven == len(self.choices)


def refuse_unanswerable(
    answers: Answers, objective: Objective, space: DesignSpace, is_exact: bool
) -> None:
    """Refuse what is asked of a goal that is searched for, before anything is stored.

    Raises:
        DseError: naming the key.
    """
    goals, is_worked_out = len(objective.goals), isinstance(space, BlockSpace) and is_exact
    for key, asked in (("diverse", answers.apart is not None), ("steps", bool(answers.steps))):
        if asked and goals > 1:
            raise DseError(f"{key}: goes with one goal, and there are {goals}")
        if asked and (not is_worked_out or goal_of_costs(objective) is None):
            raise _searched(key)
    most = len(space.grid.sizes)
    if answers.apart is not None and answers.apart > most:
        raise DseError(
            f"diverse: {answers.apart} is more than the {most} choices that the grid has"
        )


def _searched(key: str) -> DseError:
    return DseError(
        f"{key}: only a goal over costs that is worked out exactly has it, such as minimize=macs; "
        "this one is searched for"
    )


def solved(
    space: DesignSpace, budget: Budget, objective: Objective, answers: Answers
) -> Solved | None:
    """Return what can be worked out of a search; None where the candidates have to be searched.

    Args:
        space: of any family.
        budget: bounds on costs, that something meets.
        objective: what to optimise.
        answers: what is asked.

    Raises:
        DseError: for a front that takes too many ways, and where something is asked that a search
            cannot tell.
    """
    if not isinstance(space, BlockSpace):
        return None
    if len(objective.goals) > 1:
        return _front(space, budget, objective)
    found = _best(space, budget, objective, answers)
    if found is None and (answers.apart is not None or answers.steps):
        raise _searched("steps" if answers.steps else "diverse")
    return found


def _front(space: BlockSpace, budget: Budget, objective: Objective) -> Solved | None:
    goals = goals_of_costs(objective)
    choices = None if goals is None else front_of_costs(space, budget, goals)
    return None if choices is None else Solved(choices, len(choices))


def _best(
    space: BlockSpace, budget: Budget, objective: Objective, answers: Answers
) -> Solved | None:
    weights = goal_of_costs(objective)
    if weights is None:
        return None
    maximize = objective.goals[0].direction == "maximize"
    if answers.steps:
        return _stepped(space, budget, weights, maximize, answers.steps)
    found = best_of_costs(space, budget, weights, maximize, answers.number, answers.apart)
    if not found:
        return None
    open_ones = [place for place, each in enumerate(found) if not each.is_optimal]
    return Solved(
        numpy.stack([each.choices for each in found]),
        open_ones[0] if open_ones else len(found),
        found[open_ones[0]].bound if open_ones else None,
    )


def _stepped(
    space: BlockSpace,
    budget: Budget,
    weights: Mapping[str, float],
    maximize: bool,
    steps: tuple[Bound, ...],
) -> Solved | None:
    """Return the best candidate within each bound, from the widest on.

    What was best within a wider bound, and meets the next one, is the best there as well.
    """
    best: Best | None = None
    candidates: list[Best] = []
    found: list[Step] = []
    for bound in reversed(steps):
        within = with_upper(budget, bound)
        if best is None or within is None or not _admits(space, within, best):
            listed = [] if within is None else best_of_costs(space, within, weights, maximize)
            if listed is None:
                return None
            best = next(iter(listed), None)
            candidates += listed
        place = None if best is None else len(candidates) - 1
        found.append(Step(bound, place, best is None or best.is_optimal))
    if not candidates:
        return None
    choices = numpy.stack([each.choices for each in candidates])
    proven = len(candidates) if all(step.is_proven for step in found) else 0
    return Solved(choices, proven, None, tuple(reversed(found)))


def _admits(space: BlockSpace, budget: Budget, best: Best) -> bool:
    columns = space.tables.costs(best.choices[None], budget.costs)
    return bool(columns.admitted(budget).all())


def with_upper(budget: Budget, bound: Bound) -> Budget | None:
    """Return a budget with one more upper bound; None where it leaves nothing."""
    assert bound.high is not None
    same = next((each for each in budget.bounds if each.cost == bound.cost), bound)
    high = bound.high if same.high is None else min(bound.high, same.high)
    if same.low is not None and same.low > high:
        return None
    others = tuple(each for each in budget.bounds if each.cost != bound.cost)
    return replace(budget, bounds=(*others, replace(bound, low=same.low, high=high)))
