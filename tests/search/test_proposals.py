import optuna
import pytest

from dse.costs import Costs
from dse.search.candidate_pool import feasible_pool
from dse.search.proposals import Proposer
from dse.search.samplers import EvolutionSampler, PoolSampler
from dse.space import BlockTable, read_budget, read_grid, space_of
from tests.space.shipped import family

GRID = {
    "width": [0.35, 0.5, 0.75],
    "zip": {"depth": [1.0, 2.0], "resolution": [128, 96]},
    "exclude": ["width > 0.7 and depth > 1"],
}

SAMPLERS = {
    "random": lambda pool: optuna.samplers.RandomSampler(seed=1),
    "tpe": lambda pool: optuna.samplers.TPESampler(seed=1, n_startup_trials=2),
    "gp": lambda pool: optuna.samplers.GPSampler(seed=1, n_startup_trials=2),
    "pool": lambda pool: PoolSampler(pool.candidates, pool.cost_matrix, seed=1),
    "evolution": lambda pool: EvolutionSampler(pool.candidates, seed=1),
}


@pytest.fixture(scope="module")
def space():
    return space_of(read_grid(family("mobilenet_v2"), GRID), BlockTable())


def proposer(space, pool, make_sampler, seed=0):
    def key_of(choices):
        return space.point(space.grid.settings(choices)).key

    return Proposer(pool, make_sampler, ["maximize"], seed, key_of)


def test_a_pool_holds_what_the_budget_admits(space):
    budget = read_budget({"macs": "60M"})
    pool = feasible_pool(space, budget)
    costed = [point for point in space.points() if isinstance(point.costs, Costs)]
    points = [point for point in costed if budget.admits(point.costs)]
    assert [pool.settings(index) for index in range(len(pool))] == [p.settings for p in points]
    assert pool.keys.tolist() == [point.key for point in points]
    assert pool.costs["macs"].tolist() == [point.costs.macs for point in points]
    assert pool.columns == ("width", "depth", "resolution")


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_feasible_candidate_is_proposed_once(space, sampler):
    pool = feasible_pool(space, read_budget({"macs": "60M"}))
    asked = proposer(space, pool, SAMPLERS[sampler])
    proposed = []
    for _ in range(len(pool)):
        trial, index = asked.propose()
        asked.tell(trial, [float(index)])
        proposed.append(index)
    assert sorted(proposed) == list(range(len(pool)))
    assert len(asked) == 0


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_sampler_that_only_repeats_itself_gets_the_nearest_new_candidates(space):
    pool = feasible_pool(space, read_budget({}))
    fixed = dict.fromkeys((d.name for d in space.grid.dimensions), 0)
    asked = proposer(
        space,
        pool,
        lambda pool: optuna.samplers.PartialFixedSampler(
            fixed, optuna.samplers.RandomSampler(seed=0)
        ),
    )
    proposed = []
    for _ in range(len(pool)):
        trial, index = asked.propose()
        asked.tell(trial, [1.0])
        proposed.append(index)
    assert sorted(proposed) == list(range(len(pool)))
    assert [tuple(pool.choices[index]) for index in proposed[:2]] == [(0, 0), (1, 0)]


def test_the_same_seed_proposes_the_same(space):
    pool = feasible_pool(space, read_budget({}))
    first, second, other = (
        proposer(space, pool, lambda pool, s=seed: optuna.samplers.RandomSampler(seed=s), seed)
        for seed in (1, 1, 2)
    )
    orders = [[each.propose()[1] for _ in range(5)] for each in (first, second, other)]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_what_was_known_before_is_not_proposed(space, sampler):
    pool = feasible_pool(space, read_budget({}))
    asked = proposer(space, pool, SAMPLERS[sampler])
    for index in range(len(pool) - 1):
        asked.add(index, [float(index)], {})
    assert asked.propose()[1] == len(pool) - 1
