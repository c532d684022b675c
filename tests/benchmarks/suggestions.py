"""What one suggestion costs: `python -m tests.benchmarks.suggestions`.

- `own`: seconds of processor of a suggestion of the default sampler, after 10, 100 and 1,000 trials
  over pools of 10³ to 10⁶ candidates, beside a bound of NumPy alone; by Optuna's `ask` and `tell`.
- `peers`: the same trials for Optuna's samplers, which see the axes and no pool.
- `found`: what is found in a pool of 10⁶, beside what is found in 20,000 candidates drawn from it,
  and by whoever goes on from these to others.
- `once_for_all`: likewise in the 10²⁰ networks of a space, of which no list can be made.

A suggestion is the mean of several in a row, a tenth of the trials that there were before or five;
of a hundred after 1,000 trials, one learns hyperparameters anew. Beside it stands the first of a
process, which learns what another process learned before, and what making the sampler takes.
"""

from __future__ import annotations

import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution, IntDistribution

from dse.project.config_groups.sampler_config import sampler_maker
from dse.search.samplers import CandidateTable, PoolSampler

Floats = NDArray[np.float64]

ORDERED, NAMED = 5, 5
"""Axes of a law: numbers in order, and names."""

TRIALS = (10, 100, 1000)
POOLS = (1_000, 10_000, 100_000, 1_000_000)
REPEATS = 5
DRAWN = 20_000
SEEDS = 5
AFTER = (25, 50, 100)


@dataclass(frozen=True)
class Law:
    """A value over ten axes of four choices: peaks of numbers, effects of names and of pairs."""

    optimum: Floats
    effects: Floats
    pairs: Floats

    @classmethod
    def of(cls, seed: int) -> Law:
        rng = np.random.default_rng(seed)
        shape = (NAMED, 4), (NAMED - 1, 4, 4)
        return cls(rng.uniform(0, 3, ORDERED), rng.normal(size=shape[0]), rng.normal(size=shape[1]))

    def __call__(self, choices: NDArray[np.int64]) -> Floats:
        numbers, names = choices[:, :ORDERED], choices[:, ORDERED:]
        total = -0.5 * ((numbers - self.optimum) ** 2).sum(axis=1)
        for axis in range(NAMED):
            total += self.effects[axis][names[:, axis]]
        for axis in range(NAMED - 1):
            total += self.pairs[axis][names[:, axis], names[:, axis + 1]]
        return np.asarray(total)


def grid(number: int) -> NDArray[np.int64]:
    """Return so many distinct choices of the ten axes, at random places of all 4¹⁰."""
    places = np.random.default_rng(0).permutation(4 ** (ORDERED + NAMED))[:number]
    return np.stack(np.unravel_index(places, [4] * (ORDERED + NAMED)), axis=1)


def parameters(row: NDArray[np.int64]) -> dict[str, Any]:
    numbers = {f"n{axis}": int(row[axis]) for axis in range(ORDERED)}
    return numbers | {f"k{axis}": "abcd"[row[ORDERED + axis]] for axis in range(NAMED)}


def choices_of(rows: Sequence[Mapping[str, Any]]) -> NDArray[np.int64]:
    numbers = [[row[f"n{axis}"] for axis in range(ORDERED)] for row in rows]
    names = [["abcd".index(row[f"k{axis}"]) for axis in range(NAMED)] for row in rows]
    return np.concatenate([numbers, names], axis=1)


DISTRIBUTIONS = {f"n{axis}": IntDistribution(0, 3) for axis in range(ORDERED)} | {
    f"k{axis}": CategoricalDistribution("abcd") for axis in range(NAMED)
}


def study_after(
    sampler: optuna.samplers.BaseSampler, rows: NDArray[np.int64], values: Floats
) -> optuna.Study:
    """Return a study to which trials were added."""
    study = optuna.create_study(sampler=sampler, direction="maximize")
    study.add_trials(
        optuna.create_trial(params=parameters(row), distributions=DISTRIBUTIONS, value=float(value))
        for row, value in zip(rows, values, strict=True)
    )
    return study


def seconds_each(study: optuna.Study, law: Law, repeats: int) -> Iterator[float]:
    """Yield the seconds of processor of one suggestion after the other."""
    for _ in range(repeats):
        started = time.process_time()
        trial = study.ask(DISTRIBUTIONS)
        yield time.process_time() - started
        study.tell(trial, float(law(choices_of([trial.params]))[0]))


def bound(candidates: int, trials: int) -> float:
    """Return the seconds of the means of a linear surrogate: one product, and its maximum."""
    columns = np.random.default_rng(0).normal(size=(candidates, 20)).astype(np.float32)
    weights = np.ones(20, dtype=np.float32)
    known = np.random.default_rng(0).normal(size=(trials, trials))
    started = time.process_time()
    _ = known @ np.ones(trials)
    _ = int((columns @ weights).argmax())
    return time.process_time() - started


def slope(sizes: tuple[int, ...], seconds: list[float]) -> float:
    return float(np.polyfit(np.log(sizes), np.log(np.maximum(seconds, 1e-6)), 1)[0])


def own() -> None:
    law = Law.of(0)
    print("| pool | trials | made | learns | a suggestion | bound | MiB |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    found: dict[tuple[int, int], float] = {}
    for number in POOLS:
        choices = grid(number)
        candidates = [parameters(row) for row in choices]
        macs = np.exp(choices.sum(axis=1) / 5)[:, None]
        for trials in TRIALS:
            if trials * 2 > number:
                continue
            started = time.process_time()
            sampler = PoolSampler(candidates, macs, seed=0)
            made = time.process_time() - started
            order = np.random.default_rng(1).permutation(number)[:trials]
            study = study_after(sampler, choices[order], law(choices[order]))
            first, *others = seconds_each(study, law, 1 + max(REPEATS, trials // 10))
            found[number, trials] = float(np.mean(others))
            least = min(bound(number, trials) for _ in range(3))
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"| {number:,} | {trials:,} | {made:.2f} | {first:.2f} | "
                f"{found[number, trials]:.3f} | {least:.4f} | {memory:.0f} |",
                flush=True,
            )
    for trials in TRIALS:
        sizes = tuple(n for n in POOLS if (n, trials) in found)
        print(f"slope over pools, {trials:,} trials:", end=" ")
        print(f"{slope(sizes, [found[n, trials] for n in sizes]):.2f}")
    for number in POOLS:
        sizes = tuple(t for t in TRIALS if (number, t) in found)
        print(f"slope over trials, {number:,} candidates:", end=" ")
        print(f"{slope(sizes, [found[number, t] for t in sizes]):.2f}")


def peers() -> None:
    law, choices = Law.of(0), grid(100_000)
    samplers: Mapping[str, Callable[[], optuna.samplers.BaseSampler]] = {
        "TPE": lambda: optuna.samplers.TPESampler(seed=0, multivariate=True),
        "GP": lambda: optuna.samplers.GPSampler(seed=0),
    }
    for name, make in samplers.items():
        for trials in TRIALS:
            order = np.random.default_rng(1).permutation(len(choices))[:trials]
            study = study_after(make(), choices[order], law(choices[order]))
            first, *others = seconds_each(study, law, 3)
            print(f"| {name} | {trials:,} | {first:.2f} | {np.mean(others):.3f} |", flush=True)


def found() -> None:
    """Best of a million by searches of the whole and by searches of what was drawn from it."""
    choices = grid(POOLS[-1])
    print("| evaluations | regret, whole pool | of 20,000 drawn | from these | of the best drawn |")
    print("|---:|---:|---:|---:|---:|")
    regrets: dict[str, list[Floats]] = {"whole": [], "drawn": [], "beyond": [], "best": []}
    for seed in range(SEEDS):
        values = Law.of(seed)(choices)
        macs = macs_of(choices)
        drawn = np.random.default_rng(seed).permutation(len(choices))[:DRAWN]
        whole = np.arange(len(choices))
        for name, places in (("whole", whole), ("drawn", drawn), ("beyond", drawn)):
            candidates = CandidateTable.of([parameters(row) for row in choices[places]])
            others = any_choices if name == "beyond" else None
            sampler = PoolSampler(candidates, macs[places], seed=seed, beyond=others)
            study = optuna.create_study(sampler=sampler, direction="maximize")
            of_place: list[float] = []
            for _ in range(max(AFTER)):
                trial = study.ask(DISTRIBUTIONS)
                (row,) = choices_of([trial.params])
                of_place.append(float(Law.of(seed)(row[None, :])[0]))
                study.tell(trial, of_place[-1])
            regrets[name].append(values.max() - np.maximum.accumulate(of_place))
        regrets["best"].append(np.full(max(AFTER), values.max() - values[drawn].max()))
    for after in AFTER:
        means = [np.mean([one[after - 1] for one in regrets[name]]) for name in regrets]
        print(f"| {after} | " + " | ".join(f"{mean:.3f}" for mean in means) + " |")


def macs_of(choices: NDArray[np.int64]) -> Floats:
    return np.asarray(np.exp(choices.sum(axis=1) / 5))[:, None]


def any_choices(candidates: CandidateTable) -> tuple[NDArray[np.bool_], Floats]:
    """Tell a sampler that all choices make a candidate."""
    return np.ones(len(candidates), dtype=bool), macs_of(choices_of(list(candidates)))


def once_for_all() -> None:
    """Best by sums of costs, whose optimum is known; the sampler knows neither."""
    import dse
    from dse.search.evaluations.verdict import TrialVerdict
    from dse.search.exact_answers.exact import best_of_costs
    from dse.search.pools.candidate_pool import feasible_pool
    from dse.search.proposing.proposals import Proposer, SeenTrial
    from dse.space import read_budget

    design = dse.design_space("ofa_mobilenet_v3").design
    print("| goal | evaluations | of 20,000 drawn | from these | of the best drawn | seconds |")
    print("|---|---:|---:|---:|---:|---:|")
    for weights, content in (
        ({"params": 1.0, "macs": -0.02}, {"macs": "300M"}),
        ({"activations": 1.0, "params": 0.5}, {"macs": {"min": "228M", "max": "240M"}}),
        ({"params": 1.0, "activations": -1.0}, {"peak_memory": "45MiB"}),
    ):
        budget = read_budget(content)
        (optimum,) = best_of_costs(design, budget, weights, True, 1)
        regrets: dict[str, list[Floats]] = {"drawn": [], "beyond": [], "best": []}
        seconds = []

        def value(choices: Sequence[int], weights: Mapping[str, float] = weights) -> float:
            costs = design.tables.costs(np.array([choices]), tuple(weights)).costs
            return float(sum(weight * costs[name][0] for name, weight in weights.items()))

        for seed in range(SEEDS):
            pool = feasible_pool(design, budget, seed)
            drawn = sum(weight * pool.costs[name] for name, weight in weights.items())
            # A sampler that is told of these costs need not search.
            unknown = {name: c for name, c in pool.costs.items() if name not in weights}
            for name, outside in (("drawn", None), ("beyond", pool.outside)):
                assert pool.outside is not None
                searched = replace(
                    pool,
                    costs=unknown,
                    outside=outside and replace(pool.outside, costs=tuple(unknown)),
                )
                make = sampler_maker(PoolSampler, {})
                asked = Proposer(searched, make, ["maximize"], seed, lambda choices: -1)
                seen: list[SeenTrial] = []
                started = time.process_time()
                for place in range(max(AFTER)):
                    one = asked.propose(seen)
                    told = TrialVerdict([value(searched.choices_at(one.index))])
                    seen.append(SeenTrial(one.index, told, place, one.notes))
                if name == "beyond":
                    seconds.append((time.process_time() - started) / max(AFTER))
                of_place = [each.verdict.values[0] for each in seen if each.verdict]
                regrets[name].append(optimum.value - np.maximum.accumulate(of_place))
            regrets["best"].append(np.full(max(AFTER), optimum.value - drawn.max()))
        spread = float(np.std(drawn))
        for after in AFTER:
            means = [np.mean([one[after - 1] for one in regrets[name]]) for name in regrets]
            told = " | ".join(f"{mean / spread:.3f}" for mean in means)
            print(f"| {weights}, {content} | {after} | {told} | {np.mean(seconds):.2f} |")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    {each.__name__: each for each in (own, peers, found, once_for_all)}[sys.argv[1]]()
