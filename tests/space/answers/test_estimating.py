"""Estimates of how many networks fit say how far to trust them."""

import numpy
import pytest
from scipy.stats import binomtest

from dse.space import feasible_number, read_budget
from dse.space.answers.estimating import Estimate, estimated, wilson_interval
from dse.space.graph import NetworkCount
from tests.space.shipped import small_space


@pytest.mark.parametrize(("count", "tries"), [(0, 10), (5, 10), (81, 263), (20_000, 20_000)])
def test_an_interval_is_that_of_wilson(count: int, tries: int) -> None:
    expected = binomtest(count, tries).proportion_ci(method="wilson")
    assert wilson_interval(count, tries) == pytest.approx((expected.low, expected.high), abs=1e-7)


def test_the_number_lies_within_nearly_all_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dse.space.answers.estimating.DRAWS", 200)
    monkeypatch.setattr("dse.space.answers.estimating.ROUNDS", 2)
    space = small_space("mobilenet_v2")
    columns = space.tables.costs(space.tables.space.choices_of(numpy.arange(space.grid.size)))
    middle = [int(numpy.median(columns.costs[cost])) for cost in ("macs", "peak_memory")]
    budget = read_budget({"macs": middle[0], "peak_memory": middle[1]})
    number = feasible_number(space, budget)
    assert number.is_exact
    held = [
        each.likely.least <= number.most <= each.likely.most
        for each in (estimated(space, budget, seed) for seed in range(40))
    ]
    assert sum(held) >= 36


def test_a_number_that_is_known_is_its_own_estimate() -> None:
    known = Estimate.of(NetworkCount(7, 7))
    assert (known.number, known.likely) == (7, NetworkCount(7, 7))
