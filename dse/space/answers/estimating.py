"""How many networks are within a budget, as uniform draws tell it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy

from dse.space.budget import Budget
from dse.space.design_space import BlockSpace
from dse.space.graph import NetworkCount

DRAWS = 20_000
"""Of a round."""
ROUNDS = 10
"""At most."""
CLOSE = 1.05
"""Times the lower end of the interval that its upper end is at most, where so many rounds do."""
_NORMAL = 1.959964
"""Standard deviations within which 95 % of a normal distribution lie."""


@dataclass(frozen=True)
class Estimate:
    """A number of networks, estimated."""

    number: float
    likely: NetworkCount
    """Where it is with a confidence of 95 %."""

    @classmethod
    def of(cls, count: NetworkCount) -> Estimate:
        """Return a number that is known as an estimate."""
        return cls(count.most, count)


def estimated(space: BlockSpace, budget: Budget, seed: int) -> Estimate:
    """Estimate how many networks are within a budget, by draws from those that may be.

    Args:
        space: of a family of blocks.
        budget: its ways hold all that are within it.
        seed: of the draws.
    """
    ways, random = space.ways(budget), numpy.random.default_rng(seed)
    certain = ways.number()
    admitted = drawn = 0
    for _ in range(ROUNDS):
        choices = ways.graph.choices_at(ways.draw(DRAWS, random))
        admitted += int(space.tables.costs(choices, budget.costs).admitted(budget).sum())
        drawn += DRAWS
        low, high = wilson_interval(admitted, drawn)
        if high <= CLOSE * low:
            break
    likely = (max(certain.least, math.floor(low * certain.most)), math.ceil(high * certain.most))
    number = admitted / drawn * certain.most
    return Estimate(max(number, certain.least), NetworkCount(*likely))


def wilson_interval(successes: int, tries: int) -> tuple[float, float]:
    """Return where a probability is with a confidence of 95 % (Wilson, JASA 22, 1927)."""
    share, weight = successes / tries, _NORMAL**2 / tries
    middle = share + weight / 2
    half = _NORMAL * math.sqrt(share * (1 - share) / tries + weight / (4 * tries))
    return (middle - half) / (1 + weight), (middle + half) / (1 + weight)
