"""A sweep as a request, and the one call that runs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from dse.checked_numbers import check_counts
from dse.cost_formulas import is_weighted_sum
from dse.costs import COSTS
from dse.errors import DseError, nearest
from dse.html_tables import FieldsShown
from dse.project.config_groups import read_executor
from dse.project.design_spaces import (
    OF_BLOCKS,
    Space,
    bounds,
    check_draws,
    design_of_blocks,
    recall,
    recorded_space,
    refuse_impossible,
    refuse_strata,
    require_enumerable,
)
from dse.project.run_recording import NotedProgress, recorded_run
from dse.project.told_progress import Progress, silent
from dse.search import (
    FrontGoal,
    Keep,
    SweepSummary,
    completed_of,
    keep_blocks,
    store_choices,
    sweep,
)
from dse.space import (
    BlockSpace,
    Budget,
    CallableSpace,
    DrawnSettings,
    NetworkCount,
    draw,
    draw_settings,
    too_few,
    unbuildable,
)

KEEPS = get_args(Keep)


@dataclass(frozen=True)
class SweepRequest:
    """What is swept, and what is kept of it."""

    space: Space
    budget: Mapping[str, Any] = field(default_factory=dict)
    """Bounds by cost, as on a page of `conf/budget/`."""
    keep: Keep = "all"
    """`feasible` to store only what the budget admits, `pareto` for what nothing dominates."""
    min: tuple[str, ...] = ()
    """For `pareto`: costs that are to be small."""
    max: tuple[str, ...] = ()
    limit: int | None = None
    """Candidates to keep at most."""
    sample: int | None = None
    """Candidates to draw uniformly from all that the budget admits, in place of the grid."""
    seed: int = 0
    """Of the draws."""
    stratify: str | None = None
    strata: int = 10
    executor: Mapping[str, Any] = field(default_factory=dict, compare=False)
    """What stands on a page of `conf/executor/`: where the models of callables are traced."""
    pages: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The name of the page that was chosen from each config group, for the record."""

    @property
    def recorded(self) -> dict[str, Any]:
        """What a store keeps of it, as plain values."""
        of_the_space = recorded_space(self.space)
        return {
            **of_the_space,
            "choices": {**self.pages, **of_the_space["choices"]},
            "budget": dict(self.budget),
            "keep": self.keep,
            "min": list(self.min),
            "max": list(self.max),
            "limit": self.limit,
            "sample": self.sample,
            "seed": self.seed,
            "stratify": self.stratify,
            "strata": self.strata,
            "executor": dict(self.executor),
        }

    def check(self) -> None:
        """Refuse what does not go together, before anything is traced.

        Raises:
            DseError: for the first thing that does not hold.
        """
        _goals(self)
        _check_sample(self)
        is_for_blocks = self.keep == "pareto" or self.limit or self.sample
        if is_for_blocks:
            design_of_blocks(self.space, OF_BLOCKS)
        bounds(self.budget)


@dataclass(frozen=True)
class Swept(FieldsShown):
    """What came of a sweep."""

    run: int
    """The id of its run in the store."""
    points: int
    """Of the grid, or that were drawn."""
    summary: SweepSummary
    budget: Budget
    drawn_of: NetworkCount | None = None
    """Of a sample: how many networks the budget admits."""
    drawn: DrawnSettings | None = None
    """Of a sample of settings, whose networks cannot be listed: the draws."""
    refusal: str = ""
    """Where no candidate can be built: why the first cannot."""


def run_sweep(
    request: SweepRequest,
    url: str,
    command: str,
    progress: Progress = silent,
    begun: Callable[[], None] = lambda: None,
) -> Swept:
    """Cost and store the candidates of a space, or a sample of them.

    Args:
        request: what is swept.
        url: of the store.
        command: what the run is known by.
        progress: told of the points that are done.
        begun: called once, when nothing in the request is to be refused any more.

    Raises:
        DseError: for anything in the request that does not hold, before anything is stored.
    """
    request.check()
    budget, goals = bounds(request.budget), _goals(request)
    space = request.space.design
    if isinstance(space, CallableSpace):
        executor = read_executor(request.pages.get("executor", "local"), request.executor)
        space = replace(space, executor=executor)
    recall(space, url)
    if isinstance(space, BlockSpace) and space.is_drawn_from and request.sample is not None:
        begun()
        return _run_settings(request, space, request.sample, budget, url, command, progress)
    asked = [goal.cost for goal in goals] + list(filter(None, [request.stratify]))
    refuse_impossible(space, budget, asked)
    if request.sample is not None:
        begun()
        return _run_sample(request, request.sample, budget, url, command, progress)
    require_enumerable(space)
    begun()
    points = space.grid.size
    with recorded_run(url, command, request.recorded, space) as (engine, run):
        noted = NotedProgress(engine, run, points, progress)
        limit, advance = request.limit, noted.advance
        summary = sweep(space, budget, engine, run, request.keep, goals, limit, advance)
    is_refused = 0 < summary.candidates == summary.invalid
    return Swept(run, points, summary, budget, refusal=unbuildable(space) if is_refused else "")


def _run_sample(
    request: SweepRequest, number: int, budget: Budget, url: str, command: str, progress: Progress
) -> Swept:
    """Store candidates that are drawn uniformly from all that the budget admits."""
    space = design_of_blocks(request.space, OF_BLOCKS)
    drawn = draw(space, budget, number, request.seed, request.stratify, request.strata)
    found = len(drawn.choices)
    with recorded_run(url, command, request.recorded, space) as (engine, run):
        keep_blocks(space, engine)
        stored = store_choices(space, drawn.choices, engine, run)
        NotedProgress(engine, run, found, progress).advance(found)
    completed = completed_of(space, found, stored.present, stored.stored)
    summary = SweepSummary(
        candidates=found,
        present=stored.present + completed,
        completed=completed,
        stored=stored.stored,
        feasible=found,
    )
    return Swept(run, found, summary, budget, drawn.feasible)


def _run_settings(
    request: SweepRequest,
    space: BlockSpace,
    number: int,
    budget: Budget,
    url: str,
    command: str,
    progress: Progress,
) -> Swept:
    """Store the networks of settings that are drawn uniformly from all that the budget admits."""
    refuse_strata(request.stratify)
    drawn = draw_settings(space, budget, number, request.seed, progress)
    if len(drawn) < number:
        raise too_few(drawn, number, budget)
    with recorded_run(url, command, request.recorded, space) as (engine, run):
        keep_blocks(drawn.space, engine)
        stored = store_choices(drawn.space, drawn.choices, engine, run)
    completed = completed_of(space, number, stored.present, stored.stored)
    summary = SweepSummary(
        candidates=number,
        present=stored.present + completed,
        completed=completed,
        stored=stored.stored,
        feasible=number,
    )
    return Swept(run, number, summary, budget, drawn=drawn)


def _check_sample(request: SweepRequest) -> None:
    """Refuse what does not go with a sample, before anything is traced."""
    check_counts({"limit": request.limit})
    number = 1 if request.sample is None else request.sample
    check_draws(number, request.stratify, request.strata, request.seed)
    if request.sample is None and request.stratify is not None:
        raise DseError("stratify goes with a sample, as in sample=1000 stratify=macs")
    if request.sample is not None and (request.keep != "all" or request.limit is not None):
        raise DseError("sample draws what the budget admits; keep and limit are for whole grids")


def _goals(request: SweepRequest) -> list[FrontGoal]:
    """Return the costs by which `pareto` compares.

    Raises:
        DseError: for a word or a cost that is not known, and for `pareto` without costs.
    """
    if request.keep not in KEEPS:
        raise DseError(f"keep: unknown {request.keep!r}; {nearest(request.keep, KEEPS)}")
    goals = [FrontGoal(cost, "min") for cost in request.min]
    goals += [FrontGoal(cost, "max") for cost in request.max]
    for goal in goals:
        if not is_weighted_sum(goal.cost):
            hint = nearest(goal.cost, COSTS)
            raise DseError(f"{goal.direction}: unknown cost {goal.cost!r}; {hint}")
    for cost, number in Counter(goal.cost for goal in goals).items():
        if number > 1:
            raise DseError(f"{cost} is named twice among the goals")
    if (request.keep == "pareto") != bool(goals):
        raise DseError("keep=pareto goes with costs to compare by, as in min=[macs] max=[params]")
    return goals
