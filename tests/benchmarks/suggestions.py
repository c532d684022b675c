"""What one suggestion costs: `python -m tests.benchmarks.suggestions [own|peers|found]`.

- `own`: seconds of processor of a suggestion of the default sampler, after 10, 100 and 1,000 trials
  over pools of 10³ to 10⁶ candidates, beside a bound of NumPy alone; by Optuna's `ask` and `tell`.
- `peers`: the same trials for Optuna's samplers, which see the axes and no pool.
- `found`: what is found in a pool of 10⁶, beside what 20,000 candidates drawn from it hold.

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
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from numpy.typing import NDArray
from optuna.distributions import CategoricalDistribution, IntDistribution

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
    print("| evaluations | regret, whole pool | of 20,000 drawn | of the best drawn |")
    print("|---:|---:|---:|---:|")
    regrets: dict[str, list[Floats]] = {"whole": [], "drawn": [], "best": []}
    for seed in range(SEEDS):
        values = Law.of(seed)(choices)
        macs = np.exp(choices.sum(axis=1) / 5)[:, None]
        drawn = np.random.default_rng(seed).permutation(len(choices))[:DRAWN]
        for name, places in (("whole", np.arange(len(choices))), ("drawn", drawn)):
            candidates = CandidateTable.of([parameters(row) for row in choices[places]])
            sampler = PoolSampler(candidates, macs[places], seed=seed)
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


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    {"own": own, "peers": peers, "found": found}[sys.argv[1]]()
