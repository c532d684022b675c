"""A search by inherited accuracy, beside one by training alone that may take as long.

    python -m tests.benchmarks.supernet_search [SEEDS [BOUND [EPOCHS [SHARED]]]]

Perceptrons with five layers of a width each on digits, within so many multiply-accumulates; each is
trained for some epochs alone, and the supernet for others. The default sampler searches both ways.
One search judges by inherited accuracy and trains the five best; the other trains what it proposes,
until that has taken as much time of the processor. A winner was chosen by one training, which may
have been lucky: what it is worth is the mean of ten further ones.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch

from dse.project.config_groups.sampler_config import sampler_maker
from dse.search import Pool, one_input
from dse.search.evaluations.verdict import TrialVerdict
from dse.search.pools.candidate_pool import feasible_pool
from dse.search.proposing.proposals import Proposer, SeenTrial
from dse.search.samplers import PoolSampler
from dse.space import BlockSpace, Budget, load_family, read_budget, read_grid, space_of
from dse.supernet import SupernetTraining
from dse.supernet.judged_candidates import JudgedCandidates
from tests.benchmarks.supernets import alone, supernet_of

PAGE = Path(__file__).parent / "layered_perceptron.yaml"
WIDTHS = [4, 6, 8, 12, 16, 24, 32]
JUDGED, TRAINED, AGAIN = 200, 5, 10
"""Candidates that are judged, of which so many are trained, and trainings that tell the worth."""


@dataclass
class Comparison:
    """Both ways of searching, from one seed."""

    design: BlockSpace
    budget: Budget
    pool: Pool
    epochs: int
    shared: int
    seed: int
    spent: float = 0.0
    """Seconds of processor that trainings and judgements took so far."""
    trained: dict[int, float] = field(default_factory=dict)

    def by_inheriting(self) -> int:
        """Return the best of those that a supernet finds."""
        training = SupernetTraining(epochs=self.shared, seed=self.seed)
        begun = time.process_time()
        supernet = supernet_of(self.design, training, self.budget)
        self.spent += time.process_time() - begun
        judged = JudgedCandidates(training, "cpu")

        def inherited(index: int) -> float:
            point = self.design.point(self.pool.settings(index))
            return judged.accuracy(supernet.network(point), one_input(point, "inherited"))

        found = self._searched(inherited, lambda number: number >= JUDGED)
        for index in found[:TRAINED]:
            self._timed(self._alone, index)
        return max(self.trained, key=self.trained.__getitem__)

    def by_training(self, seconds: float) -> int:
        """Return the best of those that are trained in so many seconds."""
        return self._searched(self._alone, lambda number: self.spent >= seconds)[0]

    def worth(self, index: int) -> float:
        """Return the mean accuracy of further trainings."""
        point = self.design.point(self.pool.settings(index))
        return sum(alone(point, 100 + each, self.epochs) for each in range(AGAIN)) / AGAIN

    def _alone(self, index: int) -> float:
        point = self.design.point(self.pool.settings(index))
        self.trained[index] = alone(point, self.seed, self.epochs)
        return self.trained[index]

    def _timed(self, value: Callable[[int], float], index: int) -> float:
        begun = time.process_time()
        found = value(index)
        self.spent += time.process_time() - begun
        return found

    def _searched(self, value: Callable[[int], float], is_over: Callable[[int], bool]) -> list[int]:
        """Return the candidates that the default sampler evaluates, the best first."""
        make = sampler_maker(PoolSampler, {})
        asked = Proposer(self.pool, make, ["maximize"], self.seed, lambda choices: -1)
        seen: list[SeenTrial] = []
        values: dict[int, float] = {}
        while not is_over(len(seen)):
            proposal = asked.propose(seen)
            values[proposal.index] = self._timed(value, proposal.index)
            told = TrialVerdict([values[proposal.index]])
            seen.append(SeenTrial(proposal.index, told, len(seen), proposal.notes))
        return sorted(values, key=lambda index: -values[index])


def main(seeds: str = "5", bound: str = "2k", epochs: str = "40", shared: str = "20") -> None:
    """Print what both ways find, seed by seed."""
    torch.set_num_threads(1)
    design = space_of(read_grid(load_family(PAGE), {"width": WIDTHS}))
    assert isinstance(design, BlockSpace)
    budget = read_budget({"macs": bound})
    pool = feasible_pool(design, budget)
    print(f"{len(pool):,} networks within {bound} MACs")
    print("| seed | inherited, five trained | trained alone | of | seconds each |")
    print("|---|---:|---:|---:|---:|")
    for seed in range(int(seeds)):
        given = design, budget, pool, int(epochs), int(shared), seed
        first, second = Comparison(*given), Comparison(*given)
        one = first.by_inheriting()
        other = second.by_training(first.spent)
        print(
            f"| {seed} | {first.worth(one):.2f} | {second.worth(other):.2f} | "
            f"{len(second.trained)} | {first.spent:.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
