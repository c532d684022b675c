"""The best network by a sum of costs, against trying every one."""

import numpy
import pytest

from dse.cost_formulas import shown_terms
from dse.errors import DseError
from dse.space import read_budget
from dse.space.graph.exact_optimum import optimum
from tests.space.graph.test_networks import listed
from tests.space.shipped import CHAINS, small_space

GOALS = (
    {"macs - 20 * params": 1},
    {"params": 1},
    {"activations": 1, "params": -3},
    {"memory_read": -1},
    {"flops": 0.5, "weight_memory": -0.25},
)


def budgets(networks):
    def at(cost, share):
        return int(numpy.quantile(networks.costs[cost], share))

    yield {}
    yield {"macs": at("macs", 0.5)}
    yield {"macs": at("macs", 0.7), "peak_memory": at("peak_memory", 0.6)}
    both = networks.costs["memory_read"] + networks.costs["memory_written"]
    rest = networks.costs["macs"] - 20 * networks.costs["params"]
    yield {"memory_read + memory_written": int(numpy.quantile(both, 0.6))}
    yield {"macs - 20 * params": [int(numpy.quantile(rest, 0.2)), int(numpy.quantile(rest, 0.8))]}
    yield {"macs": [at("macs", 0.3), at("macs", 0.8)], "params": {"min": at("params", 0.2)}}


@pytest.mark.parametrize("name", CHAINS)
def test_no_network_is_better(name):
    space, (networks, _) = small_space(name), listed(name)
    for content in budgets(networks):
        budget = read_budget(content)
        admitted = networks.admitted(budget)
        for goal in GOALS:
            values = sum(
                weight * times * networks.costs[base]
                for cost, weight in goal.items()
                for base, times in shown_terms(cost).items()
            )
            found = optimum(space.graph, goal, budget)
            assert (found is None) == (not admitted.any())
            if found is not None:
                assert found.is_optimal
                assert found.value == pytest.approx(values[admitted].max(), rel=1e-12)
                costs = space.tables.costs(space.graph.choices_at(found.path[None]))
                assert costs.admitted(budget).all()


def test_what_is_no_sum_over_blocks_is_refused():
    graph = small_space("mlp").graph
    with pytest.raises(DseError, match="peak_memory is no sum over blocks"):
        optimum(graph, {"peak_memory": 1}, read_budget({}))
    with pytest.raises(DseError, match="train_memory <= 1MiB is no bound on a sum"):
        optimum(graph, {"params": 1}, read_budget({"train_memory": "1MiB"}))
