import json
from dataclasses import replace

import optuna
import pytest

from dse.costs.cost_list import Costs
from dse.errors import DseError
from dse.search.evaluations.verdict import TrialVerdict
from dse.search.pools.candidate_pool import feasible_pool
from dse.search.proposing.proposals import Proposer, SeenTrial
from dse.search.samplers import EvolutionSampler, PoolSampler
from dse.space import BlockTable, read_budget, read_grid, space_of
from tests.space.shipped import family

GRID = {
    "width": [0.35, 0.5, 0.75],
    "zip": {"depth": [1.0, 2.0], "resolution": [128, 96]},
    "exclude": ["width > 0.7 and depth > 1"],
}

SAMPLERS = {
    "random": lambda pool, seed: optuna.samplers.RandomSampler(seed=seed),
    "qmc": lambda pool, seed: optuna.samplers.QMCSampler(seed=seed, scramble=True),
    "tpe": lambda pool, seed: optuna.samplers.TPESampler(seed=seed, n_startup_trials=2),
    "nsga2": lambda pool, seed: optuna.samplers.NSGAIISampler(seed=seed, population_size=3),
    "gp": lambda pool, seed: optuna.samplers.GPSampler(seed=seed, n_startup_trials=2),
    "pool": lambda pool, seed: PoolSampler(pool.candidates, pool.cost_matrix, seed=seed),
    "evolution": lambda pool, seed: EvolutionSampler(
        pool.candidates, seed=seed, population=4, sample=2
    ),
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


def result(index, place, notes=None):
    return SeenTrial(index, TrialVerdict([float(index)]), place, notes or {})


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_feasible_candidate_is_proposed_once(space, sampler):
    pool = feasible_pool(space, read_budget({"macs": "60M"}))
    asked, seen = proposer(space, pool, SAMPLERS[sampler]), []
    for place in range(len(pool)):
        proposed = asked.propose(seen)
        seen.append(result(proposed.index, place, proposed.notes))
    assert sorted(each.index for each in seen) == list(range(len(pool)))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_whoever_sees_the_same_proposes_the_same(space, sampler):
    """Trials end in any order; one process sees it all come about, another one joins late."""
    pool = feasible_pool(space, read_budget({}))
    asked, seen, ends = proposer(space, pool, SAMPLERS[sampler], 3), [], []
    for place in range(len(pool) - 1):
        proposed = asked.propose(seen)
        late = proposer(space, pool, SAMPLERS[sampler], 3)
        assert late.propose(json_copy(seen)) == proposed
        seen.append(SeenTrial(proposed.index, notes=proposed.notes))
        ends.append(place)
        # Two are under way at a time; every third time the younger one ends first.
        if len(ends) == 2:
            number = ends.pop(1 if place % 3 == 0 else 0)
            seen[number] = result(seen[number].index, place, seen[number].notes)


def json_copy(seen):
    """What another process reads from the store."""
    return [replace(each, notes=json.loads(json.dumps(each.notes))) for each in seen]


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_a_sampler_that_only_repeats_itself_gets_the_nearest_new_candidates(space):
    pool = feasible_pool(space, read_budget({}))
    fixed = dict.fromkeys((d.name for d in space.grid.dimensions), 0)
    asked = proposer(
        space,
        pool,
        lambda pool, seed: optuna.samplers.PartialFixedSampler(
            fixed, optuna.samplers.RandomSampler(seed=seed)
        ),
    )
    seen = []
    for place in range(len(pool)):
        seen.append(result(asked.propose(seen).index, place))
    assert sorted(each.index for each in seen) == list(range(len(pool)))
    assert [tuple(pool.choices[each.index]) for each in seen[:2]] == [(0, 0), (1, 0)]


def test_another_seed_proposes_something_else(space):
    pool = feasible_pool(space, read_budget({}))
    orders = []
    for seed in (1, 2):
        asked, seen = proposer(space, pool, SAMPLERS["random"], seed), []
        for place in range(5):
            seen.append(result(asked.propose(seen).index, place))
        orders.append([each.index for each in seen])
    assert orders[0] != orders[1]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_what_was_known_before_is_not_proposed(space, sampler):
    pool = feasible_pool(space, read_budget({}))
    known = [result(index, index - len(pool)) for index in range(len(pool) - 1)]
    assert proposer(space, pool, SAMPLERS[sampler]).propose(known).index == len(pool) - 1


def test_a_sampler_that_fails_is_named(space):
    class Broken(optuna.samplers.RandomSampler):
        def sample_independent(self, *arguments):
            raise ZeroDivisionError("by nothing")

    pool = feasible_pool(space, read_budget({}))
    with pytest.raises(DseError, match="sampler: ZeroDivisionError: by nothing"):
        proposer(space, pool, lambda pool, seed: Broken()).propose([])
