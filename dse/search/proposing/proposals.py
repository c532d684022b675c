"""Candidates that an Optuna sampler proposes, feasible and new ones only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, IntDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from dse.errors import DseError
from dse.search.evaluations import TrialVerdict
from dse.search.pools import Pool, is_ordered
from dse.search.proposing.seen_trials import SeenTrials, running_trial
from dse.search.samplers import (
    CANDIDATE,
    CandidateSampler,
    NoCandidateLeftError,
)
from dse.space import Dimension

if TYPE_CHECKING:
    from dse.search.objective import Direction

REDRAWS = 30
"""Proposals in a row that may be infeasible or known before the nearest candidate is taken."""

SamplerMaker = Callable[[Pool, int], optuna.samplers.BaseSampler]
"""Makes a sampler for a pool from a seed; those of Optuna do not look at the pool."""

CHOICES = "choices"
"""Noted of a trial whose candidate is not listed by its pool: the choices of the dimensions."""

_FIRST_RESULT = datetime(2000, 1, 1)
"""Results are told apart by their order alone: each ends a second after the one before."""

_STATES = {"done": TrialState.COMPLETE, "failed": TrialState.FAIL, "pruned": TrialState.PRUNED}


@dataclass(frozen=True, slots=True)
class SeenTrial:
    """A trial as a proposal sees it."""

    index: int
    """The candidate in the pool."""
    verdict: TrialVerdict | None = None
    """What came of it; None while it is evaluated."""
    place: int = 0
    """Its place among the results; numbers of any kind that grow."""
    notes: Mapping[str, Any] = field(default_factory=dict)
    """What sampler and pruner keep with it."""
    steps: Mapping[int, float] = field(default_factory=dict)
    """What it reported."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A candidate to evaluate."""

    index: int
    """In the pool."""
    notes: dict[str, Any]
    """What the sampler keeps with the trial and with the study; plain values."""


class Proposer:
    """Asks an Optuna sampler for candidates of a pool, each of them once.

    A proposal follows from what is seen and from the seed, and from nothing else: whoever sees the
    same trials makes the same one, so that any number of processes may propose for one study, and
    one that was cut short goes on as it would have.

    A sampler that knows the pool has the values of the settings for its parameters. Any other sees
    the dimensions of the grid: the index of an ordered choice, a category for an unordered one. It
    is asked until its proposal is feasible and new; where it does not get there or repeats itself,
    the new candidate nearest to its last proposal takes the place. For samplers that draw blindly a
    candidate is drawn in place. Candidates that the pool does not list come to it as proposed.

    Args:
        pool: the candidates.
        make_sampler: makes the sampler.
        directions: `maximize` or `minimize`, for each objective.
        seed: of all draws.
        key_of: the key of the network at some choices, which other choices may build as well; None
            where no others do.
        pruner: tells which evaluations are given up, from the values they report.
        name: of the study.
    """

    def __init__(
        self,
        pool: Pool,
        make_sampler: SamplerMaker,
        directions: Sequence[Direction],
        seed: int,
        key_of: Callable[[Sequence[int]], int] | None,
        pruner: optuna.pruners.BasePruner | None = None,
        name: str = "study",
    ) -> None:
        if optuna.logging.get_verbosity() < optuna.logging.WARNING:
            optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.pool = pool
        self._make, self._seed, self._key_of = make_sampler, seed, key_of
        sampler = make_sampler(pool, seed)
        self._storage = SeenTrials(name, [StudyDirection[d.upper()] for d in directions])
        pruner = pruner or optuna.pruners.NopPruner()
        self._study = optuna.Study(name, self._storage, sampler, pruner)
        self._knows_pool = isinstance(sampler, CandidateSampler)
        blind = optuna.samplers.RandomSampler | optuna.samplers.QMCSampler
        self._is_blind = isinstance(sampler, blind)
        # One sequence of points for all proposals; how far it is stands with the study.
        self._is_kept = self._knows_pool or isinstance(sampler, optuna.samplers.QMCSampler)
        self._shown: list[tuple[SeenTrial, FrozenTrial]] = []
        if self._knows_pool:
            self._distributions = value_distributions(pool)
        else:
            self._distributions = index_distributions(pool)

    def propose(self, seen: Sequence[SeenTrial]) -> Proposal:
        """Return the candidate to evaluate next; there must be one that no trial has.

        Args:
            seen: the trials so far, by their numbers.

        Raises:
            DseError: where the sampler fails, as it may at options that do not go together.
        """
        taken = {each.index for each in seen}
        kept = self._show(seen)
        if not self._is_kept:
            mixed = np.random.SeedSequence((self._seed, len(seen))).generate_state(1)
            self._study.sampler = self._make(self.pool, int(mixed[0] >> 1))
        trial = self._asked()
        index = self._index_of(trial)
        before = None
        for _ in range(REDRAWS - 1):
            if (index is not None and index not in taken) or trial.params == before:
                # Asked again it says the same; some samplers take long to say it.
                break
            before = trial.params
            self._storage.set_trial_state_values(trial.number, TrialState.FAIL)
            trial = self._asked()
            index = self._index_of(trial)
        if index is None or index in taken:
            index = self._in_place(trial, taken, len(seen))
        attributes = self._storage.get_study_system_attrs(0)
        of_study = {key: value for key, value in attributes.items() if kept.get(key) != value}
        notes: dict[str, Any] = {"trial": _own(trial.system_attrs), "study": of_study}
        if index >= len(self.pool.keys):
            notes[CHOICES] = self.pool.choices_at(index)
        return Proposal(index, notes)

    def prunes(
        self, seen: Sequence[SeenTrial], number: int, notes: Mapping[str, Any] | None = None
    ) -> tuple[bool, dict[str, Any]]:
        """Return whether a trial is given up after its last report, and its notes from then on.

        Args:
            seen: the trials, by their numbers.
            number: of the trial.
            notes: in place of the trial's own.
        """
        self._show(seen)
        if notes is not None:
            self._storage.replace_attributes(number, notes.get("trial", {}))
        given_up = self._study.pruner.prune(self._study, self._storage.get_trial(number))
        attributes = _own(self._storage.get_trial(number).system_attrs)
        return given_up, {**seen[number].notes, "trial": attributes}

    def _show(self, seen: Sequence[SeenTrial]) -> dict[str, Any]:
        """Let the sampler see the trials; return what is kept with the study."""
        attributes: dict[str, Any] = {}
        for number, each in enumerate(seen):
            if number == len(self._shown):
                self._shown.append((each, self._frozen(number, each)))
            elif self._shown[number][0] is not each:
                self._shown[number] = each, self._frozen(number, each)
            attributes |= each.notes.get("study", {})
        self._storage.show((frozen for _, frozen in self._shown[: len(seen)]), attributes)
        return attributes

    def _frozen(self, number: int, seen: SeenTrial) -> FrozenTrial:
        trial = running_trial(number)
        trial.params, trial.distributions = self._params(seen.index), self._distributions
        trial.system_attrs = dict(seen.notes.get("trial", {}))
        trial.intermediate_values = dict(seen.steps)
        verdict = seen.verdict
        if verdict is None:
            return trial
        trial.state = _STATES[verdict.state]
        trial.datetime_complete = _FIRST_RESULT + timedelta(seconds=seen.place)
        if verdict.values is not None:
            trial.values = verdict.values
        for name, violation in verdict.violations.items():
            trial.set_constraint(name, violation)
        if verdict.spread is not None:
            trial.user_attrs = verdict.spread.attributes()
        return trial

    def _asked(self) -> FrozenTrial:
        try:
            asked = self._study.ask(self._distributions)
        except NoCandidateLeftError:
            # There are others, which local search did not come to.
            return self._storage.get_all_trials(0, deepcopy=False)[-1]
        except ModuleNotFoundError as error:
            sampler = type(self._study.sampler).__name__
            needs = f"{sampler} needs {error.name}, which is not installed"
            raise DseError(f"sampler: {needs}: pip install {error.name}") from error
        except Exception as error:
            reason = " ".join(str(error).split())
            raise DseError(f"sampler: {type(error).__name__}: {reason}") from error
        return self._storage.get_trial(asked.number)

    def _index_of(self, trial: FrozenTrial) -> int | None:
        if self._knows_pool:
            found = trial.system_attrs.get(CANDIDATE)
            if found is None:
                return None
            return found if isinstance(found, int) else self.pool.take(self._unlisted(trial))
        choices = self._choices(trial)
        index = self.pool.listed_at(choices)
        if index is not None:
            return index
        known = None
        if self._key_of is not None:
            known = self.pool.index_of_key.get(self._key_of(choices))
        # What is drawn blindly is drawn from the list, where all networks are as likely.
        return self.pool.take(choices) if known is None and not self._is_blind else known

    def _unlisted(self, trial: FrozenTrial) -> list[int]:
        """Return the choices of a candidate that a sampler found beyond the list."""
        assert isinstance(self._study.sampler, CandidateSampler)
        chosen = self._study.sampler.parameters(trial)
        return [
            next(n for n, choice in enumerate(each.choices) if choice.items() <= chosen.items())
            for each in self.pool.dimensions
        ]

    def _choices(self, trial: FrozenTrial) -> list[int]:
        return [trial.params[dimension.name] for dimension in self.pool.dimensions]

    def _in_place(self, trial: FrozenTrial, taken: set[int], number: int) -> int:
        is_left = np.ones(len(self.pool), dtype=bool)
        is_left[list(taken)] = False
        left = np.flatnonzero(is_left[: len(self.pool.keys)])
        if not len(left):
            return self.pool.take_any((self._seed, number))
        if self._is_blind or self._knows_pool:
            return int(np.random.default_rng((self._seed, number)).choice(left))
        return self.pool.nearest(self._choices(trial), left)

    def _params(self, index: int) -> dict[str, Any]:
        if self._knows_pool:
            return self.pool.parameters(index)
        names = [dimension.name for dimension in self.pool.dimensions]
        return dict(zip(names, self.pool.choices_at(index), strict=True))


def _own(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a sampler or a pruner noted, without what says which candidate a trial is."""
    return {name: value for name, value in attributes.items() if name != CANDIDATE}


def value_distributions(pool: Pool) -> dict[str, BaseDistribution]:
    """Return the distribution of each column of a pool: its values as categories."""
    return {name: CategoricalDistribution(own) for name, own in pool.candidates.values.items()}


def index_distributions(pool: Pool) -> dict[str, BaseDistribution]:
    """Return the distribution of each dimension of a pool: the index of its choice."""
    return {dimension.name: _distribution(dimension) for dimension in pool.dimensions}


def _distribution(dimension: Dimension) -> BaseDistribution:
    size = len(dimension.choices)
    if is_ordered(dimension):
        return IntDistribution(0, size - 1)
    return CategoricalDistribution(list(range(size)))
