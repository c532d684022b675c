"""Which candidate of a pool to evaluate next, given what was observed: no Optuna here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dse.search.samplers.ascent import ascend
from dse.search.samplers.design import first_candidates
from dse.search.samplers.like_axes import LikeAxes
from dse.search.samplers.observations import Observations
from dse.search.samplers.pool_columns import PoolColumns
from dse.search.samplers.pool_graph import PoolGraph
from dse.search.samplers.pool_rows import Floats, Indices
from dse.search.samplers.promise import Forecast, KnownGoal, Promise, widening
from dse.search.samplers.readings import cost_columns, readings, spread_columns, tree_columns
from dse.search.samplers.robust_scores import robust_scores, standard
from dse.search.samplers.surrogate import USED, Evidence, Surrogate, learning_sizes

MOST_ROWS = 4e6
"""Candidates that are looked at times observations: of a larger pool some are drawn."""

WHOLE = 20_000
"""Candidates of a pool that is looked at whole, where the observations are few enough."""

SOME = 8000
"""Candidates that are looked at of a larger one."""

FRESH_ROWS = 2e5
"""Further candidates that are scored for one suggestion times observations, where not all are."""

MOST_FRESH = 1000
"""Such candidates, however few the observations."""

STARTS = 6
"""The most promising candidates from which local search starts, and the best observed ones."""

NEIGHBOURS_OF = 5
"""The best candidates whose neighbours are always looked at."""

PATIENCE = 8.0
"""Evaluations without an improvement after which variances are taken to be twice as large."""

WIDEST = 9.0
"""How much larger they are taken to be at most: three times the deviations."""


@dataclass
class Suggester:
    """Suggests candidates of one pool.

    Of a pool of any size some candidates are looked at, all where they are few. Of more, or where
    not all are listed, the most promising ones and the best observed are where a local search
    starts along the graph of the pool, so that every candidate may be reached.

    Args:
        graph: of the pool, with the choices and the costs of each candidate.
        ordered: whether the choices of each axis stand in an order.
        alike: axes that choose from one set.
        seed: of the first candidates and of all other draws.
        initial: how many candidates stand for the whole pool before a surrogate is asked.
    """

    graph: PoolGraph
    ordered: Sequence[bool]
    alike: Sequence[LikeAxes]
    seed: int
    initial: int
    _surrogates: dict[tuple[str, int], Surrogate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        candidates = self.graph.candidates
        spread = spread_columns(candidates, self.ordered)
        self._kernels = readings(candidates, self.ordered, self.alike)
        self._trees = tree_columns(candidates, self.ordered, self.alike)
        self._looked_at: Indices = np.arange(0)
        self._looked_from: tuple[int, ...] = ()
        costs = cost_columns(candidates)
        by_cost = PoolColumns(costs) if costs else None
        self._design = first_candidates(spread, by_cost, self.initial, self.seed)

    @property
    def choices(self) -> NDArray[np.integer]:
        """Those of each candidate that is listed, of shape (candidates, axes)."""
        return self.graph.candidates.choices[: self.graph.candidates.listed]

    def suggest(self, known: Observations) -> int | Indices | None:
        """Return a candidate that is neither known nor pending, or None.

        Returns:
            its index, or its choices where it is not listed.
        """
        # Matrices this small are slower on several threads, by far where others use the processors.
        with _one_thread(), self.graph.looking_around():
            found = self._suggest(known)
            if found is None or found < self.graph.candidates.listed:
                return found
            return np.asarray(self.graph.candidates.choices[found], dtype=np.int64)

    def _suggest(self, known: Observations) -> int | None:
        taken = known.is_taken(len(self.graph.candidates))
        if taken[: len(self.choices)].all() and not self.graph.is_open:
            return None
        rng = np.random.default_rng((self.seed, len(known.points), len(known.pending)))
        if len(known.points) + len(known.pending) < self.initial or len(known.points) < 2:
            for index in self._design:
                if not taken[index]:
                    return int(index)
        if len(known.points) < 2:
            return self._drawn(taken, rng)
        self._looked_at = self._look(known)
        promise = self._promise(known, rng)
        scores = promise.scores()
        scores[taken[self._looked_at]] = -np.inf
        best, score = int(self._looked_at[np.argmax(scores)]), float(scores.max())
        if len(self._looked_at) < len(self.choices) or self.graph.is_open:
            best, score = self._climbed(known, promise, scores, taken, rng)
        # All that were looked at may be taken.
        return self._drawn(taken, rng) if np.isneginf(score) else best

    def _drawn(self, taken: NDArray[np.bool_], rng: np.random.Generator) -> int | None:
        """Return any candidate of the list, or None where all are taken."""
        left = np.flatnonzero(~taken[: len(self.choices)])
        return int(rng.choice(left)) if len(left) else None

    def _climbed(
        self,
        known: Observations,
        promise: Promise,
        scores: Floats,
        taken: NDArray[np.bool_],
        rng: np.random.Generator,
    ) -> tuple[int, float]:
        """Return the best candidate that local search finds, and its score."""

        def score(at: Indices) -> Floats:
            # What was reached just now is not taken.
            is_taken = np.append(taken, False)[np.minimum(at, len(taken))]
            return np.where(is_taken, -np.inf, promise.scores(at))

        promising = np.argpartition(-scores, min(STARTS, len(scores) - 1))[:STARTS]
        observed = known.points[np.argsort(-known.values[:, 0], kind="stable")[: STARTS // 2]]
        starts = np.concatenate([self._looked_at[promising], observed])
        first = np.concatenate([scores[promising], np.full(len(observed), -np.inf)])
        most = int(min(MOST_FRESH, FRESH_ROWS / min(len(known.points), USED)))
        return ascend(self.graph, starts.tolist(), first, score, most, rng)

    def _promise(self, known: Observations, rng: np.random.Generator) -> Promise:
        """Return what scores candidates, given what is known."""
        met = _is_met(known.violations)
        number = known.values.shape[1]
        goals: list[Forecast | KnownGoal] = []
        for goal in range(number) if met.any() else ():
            exact = known.exact.get(goal)
            if exact is None:
                goals.append(self._forecast("goal", goal, known, met))
            else:
                goals.append(KnownGoal(exact, known.values[:, goal], self._looked_at))
        scaled = np.stack([_scaled(known, each) for each in range(number)], axis=1)
        allowed = scaled[met] if met.any() else scaled
        spans = np.maximum(np.ptp(allowed, axis=0), 1e-9)
        return Promise(
            self._looked_at,
            goals,
            self._limits(known),
            widening(known.values[:, 0], met, PATIENCE, WIDEST),
            allowed,
            scaled.min(axis=0) - 0.1,
            rng.dirichlet(np.ones(number)) / spans,
            rng.standard_normal((64, number)),
        )

    def _limits(self, known: Observations) -> list[tuple[Forecast, float]]:
        """Return what is predicted of the limits on measurements, each with its bound."""
        limits = []
        for number, column in enumerate(known.violations.T):
            seen = np.isfinite(column)
            if seen.sum() < 2 or column[seen].std() < 1e-12:
                continue
            centre = _limit_scores(column[seen]).mean()
            part = known.only(seen)
            limits.append((self._forecast("limit", number, part, seen[seen]), -centre))
        return limits

    def _look(self, known: Observations) -> Indices:
        """Return the candidates to look at: all, or the neighbours of the best ones and others.

        They stay the same until the surrogates learn anew, so that predictions only grow.
        """
        size = learning_sizes(len(known.points), self.initial)[-1]
        number = len(self.choices)
        most = int(MOST_ROWS / min(size, USED))
        if number <= min(most, WHOLE):
            if len(self._looked_at) < number:
                self._looked_from, self._looked_at = (), np.arange(number)
            return self._looked_at
        most = min(most, SOME)
        then = known.first(size)
        best = then.points[np.argsort(-then.values[:, 0])[:NEIGHBOURS_OF]]
        if self._looked_from == (size, *best.tolist()):
            return self._looked_at
        self._looked_from = (size, *best.tolist())
        each = most // (4 * NEIGHBOURS_OF)
        near = [
            np.argpartition((self.choices != at).sum(axis=1), each)[:each]
            for at in self.graph.candidates.choices[best]
        ]
        drawn = np.random.default_rng((self.seed, size)).choice(number, size=most, replace=False)
        return np.unique(np.concatenate([drawn, *near]))

    def _forecast(
        self, what: str, number: int, known: Observations, met: NDArray[np.bool_]
    ) -> Forecast:
        """Return what each model predicts, and the models' weights."""
        place, evidence = (what, number), _EVIDENCE[what]
        if place not in self._surrogates:
            self._surrogates[place] = Surrogate(self._kernels, self._trees, self.seed, self.initial)
        averaged_over = self._surrogates[place].models(
            len(known.points),
            lambda size: evidence(known.first(size), number),
            self._looked_at,
        )
        used = averaged_over.used
        values, among = evidence(known, number).values[used], met[used]
        among |= not among.any()
        bests = [float(model.fitted(values)[among].max()) for model in averaged_over.models]
        return Forecast(averaged_over.models, averaged_over.weights, values, known.pending, bests)


def _one_thread() -> AbstractContextManager[Any]:
    threads = _threads()
    return nullcontext() if threads is None else threads.limit(limits=1, user_api="blas")


@cache
def _threads() -> Any:
    """Return what sets the number of threads; None where it is not installed."""
    if find_spec("threadpoolctl") is None:
        return None
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _scaled(known: Observations, number: int) -> Floats:
    """Return what was observed of a goal on the scale that improvements are measured on."""
    values = known.values[:, number]
    return standard(values) if number in known.exact else robust_scores(values)


def _of_goal(known: Observations, number: int) -> Evidence:
    """Return what the surrogate of a goal learns from."""
    scaled = robust_scores(known.values[:, number])
    noise = _scaled_noise(known, number, scaled)
    return Evidence(known.points, scaled, noise)


def _of_limit(known: Observations, number: int) -> Evidence:
    """Return what the surrogate of a violation learns from."""
    scores = _limit_scores(known.violations[:, number])
    return Evidence(known.points, scores - scores.mean())


_EVIDENCE = {"goal": _of_goal, "limit": _of_limit}


def _limit_scores(violations: Floats) -> Floats:
    spread = violations.std()
    return np.asarray(np.clip(violations / (spread if spread > 1e-12 else 1.0), -3, 3))


def _scaled_noise(known: Observations, number: int, scaled: Floats) -> Floats | None:
    """Return the variances of scores, as far as replicates tell those of the values."""
    if known.noise is None:
        return None
    centred = known.values[:, number] - known.values[:, number].mean()
    squares = (centred**2).sum()
    # How much a score changes with its value, on average: scores are a bent scale.
    slope = (centred * scaled).sum() / (squares if squares > 0 else 1.0)
    return np.asarray(known.noise[:, number] * slope**2)


def _is_met(violations: Floats) -> NDArray[np.bool_]:
    return np.asarray((np.nan_to_num(violations, nan=0.0) <= 0).all(axis=1))
