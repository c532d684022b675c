"""The ends of every cost that a network has, and what is told of one that none has."""

import pytest

import dse
from dse.costs.cost_list import COSTS

SPACE = dse.design_space("mlp", {"width": [8, 16], "resolution": 8, "norm": ["none", "batch"]})


def values_of(cost):
    points = [point.costs for point in SPACE.design.points()]
    return [value for costs in points if (value := costs[cost]) is not None]


@pytest.mark.parametrize("cost", COSTS)
def test_they_are_those_of_all_points(cost):
    known = values_of(cost)
    if not known:
        with pytest.raises(dse.DseError, match=f"no network (of mlp )?has {cost}"):
            SPACE.extremes(cost)
        return
    assert tuple(end.value for end in SPACE.extremes(cost)) == (min(known), max(known))


@pytest.mark.parametrize("ask", [SPACE.fits, lambda budget: SPACE.sample(1, budget)])
@pytest.mark.parametrize("budget", ["latency <= 5ms", "latency <= 5ms or macs > 0"])
def test_a_budget_on_what_no_network_has_is_refused(ask, budget):
    with pytest.raises(dse.DseError, match="no network has latency: name a device"):
        ask(budget)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: SPACE.overview(seed=-1),
        lambda: SPACE.fits("macs > 0", seed=-1),
        lambda: SPACE.sample(1, seed=-1),
    ],
)
def test_a_seed_is_not_negative(ask):
    with pytest.raises(dse.DseError, match="seed: -1 is negative"):
        ask()


def test_a_seed_is_one_that_pytorch_takes():
    with pytest.raises(dse.DseError, match=f"seed: {2**65} is none that PyTorch takes"):
        dse.build("mlp", seed=2**65)
