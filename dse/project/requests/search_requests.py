"""A search as a request, and the one call that runs it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from dse.checked_numbers import check_counts, checked_seed
from dse.errors import DseError, nearest
from dse.limits import limit
from dse.project.config_groups import (
    check_importable,
    check_objective_on,
    read_executor,
    read_objective,
    read_pruner,
    read_sampler,
    recorded_content,
    refuse_hints_for,
    split_budget,
)
from dse.project.design_spaces import (
    Space,
    bounds,
    recall,
    recorded_space,
    refuse_impossible,
)
from dse.project.requests.budget_steps import read_steps, within_widest
from dse.project.requests.study import Study
from dse.project.run_recording import NotedProgress, recorded_run
from dse.project.told_progress import Progress, silent
from dse.search import (
    TRACKERS,
    Answers,
    Objective,
    Order,
    Retry,
    SearchSettings,
    StudyTerms,
    WantedHints,
    cost_of,
    made_tracker,
    refuse_unanswerable,
    search,
)
from dse.space import BlockSpace, draw_settings, too_few
from dse.store import measured_of_family, readable_store

RETRIES = get_args(Retry)
REUSES = ("same", "any")
ORDERS = get_args(Order)

_UNLESS_ASKED_FOR = ("hints", "warm")
"""Keys that are no part of a search that does not ask for them."""

_NOT_OF_THE_SEARCH = (
    *("trials", "best", "diverse", "steps", "time_limit", "attempts", "retry", "reuse", *TRACKERS),
    "checkpoints",
    *("workers", "executor", "order", "lease", "allow", "choices"),
)
"""What two runs of one search may differ in; more trials continue it."""


@dataclass(frozen=True)
class SearchRequest:
    """What is searched, for what, and how."""

    space: Space
    objective: Mapping[str, Any]
    """What stands on a page of `conf/objective/`; a `_target_` may be a function itself."""
    sampler: Mapping[str, Any]
    """What stands on a page of `conf/sampler/`."""
    objective_name: str = "objective"
    budget: Mapping[str, Any] = field(default_factory=dict)
    """Bounds on costs and on what the objective measures."""
    trials: int = 30
    """Evaluations in all, those that the store has of the same search included."""
    seed: int = 0
    best: int = 5
    """Candidates that are told at the end; of a goal over costs, those that are worked out."""
    diverse: int | None = None
    """In how many choices each of these differs from all others, at least."""
    steps: Mapping[str, Any] = field(default_factory=dict)
    """By a cost, `[first, last, number]`: evenly spaced bounds; the best within each is told."""
    executor: Mapping[str, Any] = field(default_factory=dict)
    """What stands on a page of `conf/executor/`: where evaluations run."""
    workers: int | None = None
    """Evaluations at once; None for as many as the executor's options name."""
    order: Order = "free"
    """`fixed` makes proposals in batches of `workers`, so that a run can be reproduced."""
    lease: float = 60.0
    """Seconds without a sign of life after which others take over what a process holds."""
    time_limit: float | None = None
    """Seconds an evaluation."""
    attempts: int = 2
    retry: Retry = "failed"
    reuse: str = "same"
    """`any` takes measurements by other code of the objective for known."""
    pruner: Any = None
    checkpoints: str | None = None
    """A directory for the states of evaluations that are cut short, and go on later."""
    to_optuna: str | None = None
    """An Optuna storage that the study is written to."""
    mlflow: str | None = None
    """The address or the database of MLflow that it is written to."""
    wandb: str | None = None
    """The project of Weights & Biases that it is written to."""
    tensorboard: str | None = None
    """The directory of events for TensorBoard that it is written to."""
    exact: bool = True
    """Whether goals over costs are worked out, in place of a search."""
    hints: Sequence[str] = ()
    """Measurements of the candidates, in the store, that may tell something of the objective."""
    warm: bool = False
    """Whether what the store has of the objective counts as such: of other candidates of the
    family, and in other contexts."""
    hints_read: Mapping[str, Any] | None = field(default=None, compare=False)
    """What another study read as its hints, in place of what the store has by now."""
    joins: int | None = field(default=None, compare=False)
    """The id of the study that there has to be; None for that of the terms, old or new."""
    pages: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The name of the page that was chosen from each config group, for the record."""

    @property
    def recorded(self) -> dict[str, Any]:
        """What a store keeps of it, as plain values."""
        held = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        of_the_space = recorded_space(self.space)
        choices = {
            **held.pop("pages"),
            **of_the_space["choices"],
            "objective": held.pop("objective_name"),
        }
        del held["space"], held["joins"], held["hints_read"]
        held["hints"] = list(self.hints)
        pages = {key: dict(held[key]) for key in ("sampler", "budget", "steps", "executor")}
        pages["objective"] = recorded_content(self.objective)
        return {**of_the_space, **held, **pages, "choices": choices}

    @property
    def tracked(self) -> dict[str, str]:
        """Where other tools are told of the study, by their keys."""
        places = {key: getattr(self, key) for key in TRACKERS}
        return {key: place for key, place in places.items() if place is not None}

    @property
    def terms(self) -> StudyTerms:
        """What two processes of one study have in common."""
        content = self.recorded
        not_these = {*_NOT_OF_THE_SEARCH, *(k for k in _UNLESS_ASKED_FOR if not content[k])}
        of_all = {key: each for key, each in content.items() if key not in not_these}
        return StudyTerms(of_all, self.joins)

    @property
    def wanted_hints(self) -> WantedHints:
        """What of the store the sampler is told of the candidates."""
        return WantedHints(tuple(self.hints), self.warm, self.hints_read)

    def check(self) -> None:
        """Refuse what does not hold, before anything is read.

        Raises:
            DseError: for a number that is not positive, what is no seed, an unknown word, or a
                function that the processes it needs would not find.
        """
        counts = ("trials", "workers", "attempts", "diverse")
        check_counts({key: getattr(self, key) for key in counts})
        if self.time_limit is not None and self.time_limit <= 0:
            raise DseError(f"time_limit: {self.time_limit} is not positive")
        if self.best < 0:
            raise DseError(f"best: {self.best} is negative")
        checked_seed(self.seed)
        if self.lease < 1:
            raise DseError(f"lease: {self.lease} is less than a second")
        for key, words in (("retry", RETRIES), ("reuse", REUSES), ("order", ORDERS)):
            value = getattr(self, key)
            if value not in words:
                raise DseError(f"{key}: unknown {value!r}; {nearest(value, words)}")
        is_here = self.pages.get("executor", "local") == "local" and self.workers in (None, 1)
        if not is_here or self.time_limit is not None:
            check_importable(self.objective)


def tracked_by(places: Mapping[str, str]) -> dict[str, Any]:
    """Return where other tools are, by their keys.

    Raises:
        DseError: for a key that is none of a tool.
    """
    for key in places:
        if key not in TRACKERS:
            raise DseError(f"track: unknown tool {key!r}; {nearest(str(key), TRACKERS)}")
    return dict(places)


def run_search(
    request: SearchRequest,
    url: str,
    command: str,
    progress: Progress = silent,
    begun: Callable[[], None] = lambda: None,
) -> Study:
    """Evaluate candidates that a sampler proposes, and return the study.

    Args:
        request: what is searched.
        url: of the store.
        command: what the run is known by.
        progress: told of the evaluations that are done.
        begun: called once, when nothing in the request is to be refused any more.

    Raises:
        DseError: for anything in the request that does not hold, before anything is stored, and
            where every evaluation failed.
    """
    request.check()
    allow = request.space.allow
    objective = read_objective(request.objective_name, request.objective, allow)
    costs, limits = split_budget(request.budget, objective)
    objective = dataclasses.replace(objective, limits=limits)
    make_sampler = read_sampler(request.sampler, allow, _known_goals(objective))
    if request.wanted_hints:
        refuse_hints_for(request.sampler, allow)
    pruner = read_pruner(request.pruner, allow, len(objective.goals))
    executor = read_executor(request.pages.get("executor", "local"), request.executor)
    space, steps = request.space.design, read_steps(request.steps)
    check_objective_on(space, objective)
    budget = within_widest(bounds(costs), steps)
    recall(space, url)
    exact = request.exact
    if isinstance(space, BlockSpace) and space.is_drawn_from:
        # What a search proposes has to be listed; what is best of it is so of the draws alone.
        drawn = draw_settings(space, budget, limit("generated_candidates"), request.seed, progress)
        if not len(drawn):
            raise too_few(drawn, 1, budget)
        space, exact = drawn.space, False
    answers = Answers(max(request.best, 1), request.diverse, steps)
    refuse_unanswerable(answers, objective, space, exact)
    if request.joins is None and request.hints_read is None:
        refuse_unknown_hints(request.hints, request.space.family, url)
    asked = (cost_of(each.function, each.options) for each in objective.measures)
    refuse_impossible(space, budget, filter(None, asked))
    begun()
    with recorded_run(url, command, request.recorded, space) as (engine, run):
        noted = NotedProgress(engine, run, request.trials, progress)
        settings = SearchSettings(
            trials=request.trials,
            seed=request.seed,
            executor=executor,
            workers=request.workers,
            time_limit=request.time_limit,
            pruner=pruner,
            checkpoints=None if request.checkpoints is None else Path(request.checkpoints),
            order=request.order,
            lease=request.lease,
            exact=exact,
            answers=answers,
            attempts=request.attempts,
            retry=request.retry,
            any_code=request.reuse == "any",
            trackers=tuple(made_tracker(key, place) for key, place in request.tracked.items()),
            hints=request.wanted_hints,
        )
        result = search(
            space,
            budget,
            objective,
            make_sampler,
            engine,
            run,
            request.terms,
            settings,
            report=noted.advance,
            expect=noted.expect,
        )
    if all(e.values is None for e in result.evaluations) and not result.warm:
        raise DseError(f"all evaluations failed; the first: {result.evaluations[0].error}")
    return Study(run, result, budget, request.best)


def refuse_unknown_hints(names: Sequence[str], family: str, url: str) -> None:
    """Refuse hints that were measured of no network of a family; the store is only read.

    Raises:
        DseError: naming the nearest measurement that there is.
    """
    engine = readable_store(url) if names else None
    known = [] if engine is None else measured_of_family(engine, family)
    if engine is not None:
        engine.dispose()
    for name in names:
        if name not in known:
            raise DseError(
                f"hints: {name!r} was measured of no {family} in the store; {nearest(name, known)}"
            )


def _known_goals(objective: Objective) -> dict[int, str]:
    """Return the goals that are a cost of the candidate, by their numbers."""
    costs = {each.name: cost_of(each.function, each.options) for each in objective.measures}
    found = {}
    for number, goal in enumerate(objective.goals):
        ((name, weight), *others) = goal.weights.items()
        cost = costs.get(name)
        if cost is not None and weight == 1 and not others:
            found[number] = cost
    return found
