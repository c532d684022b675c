import optuna
import pytest

from dse.search.proposals import Proposer
from dse.space import BlockTable, DesignSpace, read_budget, read_grid
from tests.space.shipped import family

GRID = {
    "width": [0.35, 0.5, 0.75],
    "zip": {"depth": [1.0, 2.0], "resolution": [128, 96]},
    "exclude": ["width > 0.7 and depth > 1"],
}


@pytest.fixture(scope="module")
def space():
    return DesignSpace(read_grid(family("mobilenet_v2"), GRID), BlockTable())


def proposer(space, feasible, seed=0):
    sampler = optuna.samplers.RandomSampler(seed=seed)
    return Proposer(
        space.grid, feasible, sampler, "maximize", seed, lambda s: space.point(dict(s)).key
    )


def test_every_feasible_candidate_is_proposed_once(space):
    feasible = {point.key: point for point in space.feasible(read_budget({"macs": "60M"}))}
    asked = proposer(space, feasible)
    proposed = [asked.propose()[1].key for _ in range(len(feasible))]
    assert sorted(proposed) == sorted(feasible)
    assert len(asked) == 0


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_sampler_that_only_repeats_itself_does_not_end_the_search(space):
    feasible = {point.key: point for point in space.points()}
    sampler = optuna.samplers.PartialFixedSampler(
        dict.fromkeys((d.name for d in space.grid.dimensions), 0),
        optuna.samplers.RandomSampler(seed=0),
    )
    asked = Proposer(
        space.grid, feasible, sampler, "maximize", 0, lambda s: space.point(dict(s)).key
    )
    proposed = set()
    for _ in range(len(feasible)):
        trial, point = asked.propose()
        asked.tell(trial, 1.0)
        proposed.add(point.key)
    assert proposed == set(feasible)


def test_the_same_seed_proposes_the_same(space):
    feasible = {point.key: point for point in space.points()}
    first, second, other = (proposer(space, feasible, seed) for seed in (1, 1, 2))
    orders = [[each.propose()[1].key for _ in range(5)] for each in (first, second, other)]
    assert orders[0] == orders[1] != orders[2]
