import pytest

from dse.costs.cost_list import COST_NAMES, Costs
from dse.errors import DseError
from dse.space import read_budget


@pytest.mark.parametrize("cost", COST_NAMES)
def test_every_cost_can_be_bounded_on_both_sides(cost):
    budget = read_budget({cost: [10, 20]})
    admitted = [value for value in (9, 10, 20, 21) if budget.admits(Costs(**{cost: value}))]
    assert admitted == [10, 20]


@pytest.mark.parametrize(
    ("content", "admitted"),
    [
        ({"macs": "300M"}, [0, 1000, 300_000_000]),
        ({"macs": 300_000_000}, [0, 1000, 300_000_000]),
        ({"macs": {"min": "1k"}}, [1000, 300_000_000, 300_000_001]),
        ({"macs": {"min": "1k", "max": "1M"}}, [1000]),
        ({"macs": [None, "1k"]}, [0, 1000]),
        ({"macs": None}, [0, 1000, 300_000_000, 300_000_001]),
        ({}, [0, 1000, 300_000_000, 300_000_001]),
    ],
)
def test_ways_to_write_a_bound(content, admitted):
    budget = read_budget(content)
    values = (0, 1000, 300_000_000, 300_000_001)
    assert [value for value in values if budget.admits(Costs(macs=value))] == admitted


def test_bytes_have_binary_units():
    budget = read_budget({"peak_memory": "64MiB"})
    assert budget.admits(Costs(peak_memory=64 * 2**20))
    assert not budget.admits(Costs(peak_memory=64 * 2**20 + 1))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"mac": 1}, "budget: unknown cost 'mac'; did you mean 'macs'?"),
        ({"macs": "3Q"}, "budget.macs: unknown unit 'Q' in '3Q'"),
        ({"macs": "64MiB"}, "budget.macs: unknown unit 'MiB'"),
        ({"peak_memory": "64M"}, "budget.peak_memory: unknown unit 'M' in '64M'; did you mean"),
        ({"macs": "many"}, "budget.macs: 'many' is not a number"),
        ({"macs": [5, 3]}, "budget.macs: nothing lies between"),
        ({"macs": [1, 2, 3]}, "budget.macs: expected [lower, upper]"),
        ({"macs": {"low": 3}}, "budget.macs: unknown key 'low'"),
        ({"macs": True}, "budget.macs: True is not a number"),
    ],
)
def test_a_mistake_in_a_budget(content, message):
    with pytest.raises(DseError) as caught:
        read_budget(content)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["top5_error", "accuracy", "q"])
def test_a_name_like_no_cost_is_perhaps_that_of_a_measurement(name):
    with pytest.raises(DseError, match="a search bounds what its objective measures too; valid: "):
        read_budget({name: 3})


@pytest.mark.parametrize("name", ["mac", "parms", "peak_mem"])
def test_a_name_like_a_cost_is_told_that_cost(name):
    with pytest.raises(DseError) as caught:
        read_budget({name: 3})
    assert "did you mean" in str(caught.value)
    assert "search" not in str(caught.value)
