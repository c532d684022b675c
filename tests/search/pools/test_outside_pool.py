"""Pools that list some of many candidates, which were drawn: others may be evaluated as well."""

import json
from dataclasses import replace

import numpy as np
import optuna
import pytest

from dse.costs.cost_list import Costs
from dse.project.config_groups.sampler_config import sampler_maker
from dse.search.evaluations.verdict import TrialVerdict
from dse.search.pools.candidate_pool import feasible_pool
from dse.search.pools.training_settings import with_training
from dse.search.proposing.proposals import CHOICES, Proposer, SeenTrial
from dse.search.samplers import EvolutionSampler, PoolSampler
from dse.space import BlockTable, Dimension, read_budget, read_grid, space_of
from tests.cli.command import dse, query
from tests.space.shipped import family

GRID = {
    "width": [0.35, 0.5, 0.75, 1.0],
    "expansion": [1, 2, 4, 6],
    "zip": {"depth": [1.0, 2.0, 1.5], "resolution": [128, 96, 64]},
    "exclude": ["width > 0.7 and depth > 1.7"],
}
BUDGET = read_budget({"macs": "100M"})
LISTED = 16
SAMPLERS = {
    "pool": sampler_maker(PoolSampler, {}),
    "evolution": sampler_maker(EvolutionSampler, {"population": 4, "sample": 2}),
    "tpe": lambda pool, seed: optuna.samplers.TPESampler(seed=seed, n_startup_trials=2),
    "random": lambda pool, seed: optuna.samplers.RandomSampler(seed=seed),
}


@pytest.fixture(scope="module")
def space():
    return space_of(read_grid(family("mobilenet_v2"), GRID), BlockTable())


@pytest.fixture(autouse=True)
def few_are_listed(monkeypatch):
    monkeypatch.setenv("DSE_LIMIT_POOL_CANDIDATES", str(LISTED))
    monkeypatch.setenv("DSE_LIMIT_DRAWN_CANDIDATES", str(LISTED))


def searched(space, pool, sampler, trials, seed=0):
    """Return what a sampler proposes that looks for many parameters, and their numbers."""
    asked, seen = proposer(space, pool, sampler, seed), []
    for place in range(trials):
        proposal = asked.propose(seen)
        seen.append(evaluated(space, pool, proposal.index, place, proposal.notes))
    return seen


def evaluated(space, pool, index, place, notes):
    number = space.point(pool.settings(index)).costs.params
    return SeenTrial(index, TrialVerdict([float(number)]), place, notes)


def proposer(space, pool, sampler, seed=0):
    def key_of(choices):
        return space.point(space.grid.settings(choices)).key

    return Proposer(pool, SAMPLERS[sampler], ["maximize"], seed, key_of)


def feasible(space):
    points = [point for point in space.points() if isinstance(point.costs, Costs)]
    return {point.key: point for point in points if BUDGET.admits(point.costs)}


def test_all_that_the_budget_admits_can_be_taken_and_nothing_else(space):
    pool, admitted = feasible_pool(space, BUDGET), feasible(space)
    assert len(pool) == LISTED < len(admitted)
    assert pool.drawn_of.most == len(admitted)
    for choices in np.ndindex(*space.grid.sizes):
        settings = space.grid.settings(choices)
        index = pool.take(choices)
        key = space.point(settings).key
        is_there = key in admitted and not space.grid.excluded_by(settings)
        assert (index is not None) == is_there
        if is_there:
            assert pool.key_at(index) == key
            assert space.point(pool.settings(index)).key == key
            assert pool.parameters(index).items() <= pool.settings(index).items()
    assert len(pool) == len(admitted)


@pytest.mark.parametrize("sampler", ["pool", "evolution", "tpe"])
def test_samplers_find_what_is_not_listed(space, sampler):
    pool, admitted = feasible_pool(space, BUDGET), feasible(space)
    seen = searched(space, pool, sampler, 15)
    assert len({each.index for each in seen}) == 15
    assert all(pool.key_at(each.index) in admitted for each in seen)
    found = max(each.verdict.values[0] for each in seen)
    assert found > pool.costs["params"].max()
    if sampler == "pool":
        assert found == max(point.costs.params for point in admitted.values())


def test_draws_that_look_at_nothing_are_of_the_list_where_all_are_as_likely(space):
    pool = feasible_pool(space, BUDGET)
    assert {each.index for each in searched(space, pool, "random", LISTED)} == set(range(LISTED))


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_all_can_be_evaluated_when_the_list_has_no_more(space, sampler):
    pool, admitted = feasible_pool(space, BUDGET), feasible(space)
    assert pool.most == len(admitted) > LISTED + 4
    seen = searched(space, pool, sampler, pool.most)
    assert {pool.key_at(each.index) for each in seen} == set(admitted)


@pytest.mark.parametrize("sampler", ["pool", "evolution", "tpe"])
def test_whoever_comes_late_proposes_the_same(space, sampler):
    pool = feasible_pool(space, BUDGET)
    seen = searched(space, pool, sampler, 12)
    late = feasible_pool(space, BUDGET)
    known = []
    for each in seen:
        notes = json.loads(json.dumps(dict(each.notes)))
        index = late.take(notes[CHOICES]) if CHOICES in notes else each.index
        assert late.key_at(index) == pool.key_at(each.index)
        known.append(replace(each, index=index, notes=notes))
    first = proposer(space, pool, sampler).propose(seen)
    second = proposer(space, late, sampler).propose(known)
    assert pool.key_at(first.index) == late.key_at(second.index)
    assert first.notes == second.notes


def test_settings_of_training_are_varied_beyond_the_list_too(space):
    rates = Dimension("lr", ({"lr": 0.1}, {"lr": 0.01}))
    pool = with_training(feasible_pool(space, BUDGET), [rates], seed=0)
    index = pool.take([0] * len(space.grid.sizes) + [1])
    assert pool.training(index) == {"lr": 0.01}
    assert pool.settings(index).items() >= space.grid.settings([0] * len(space.grid.sizes)).items()
    other = pool.take([0] * len(space.grid.sizes) + [0])
    assert pool.key_at(other) != pool.key_at(index)


def test_a_study_that_goes_on_does_what_it_would_have_done(tmp_path):
    words = ("search", "family=mobilenet_v2", "grid=none", "grid.width=[0.25,0.35,0.5,0.75]",
             "grid.expansion=[1,2,4,6]", "grid.resolution=[64,96]", "objective=params",
             "exact=false", "budget.macs=40M")  # fmt: skip
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    for directory, steps in ((whole, (14,)), (halves, (9, 14))):
        directory.mkdir()
        for trials in steps:
            printed = dse(directory, *words, f"trials={trials}").stdout
        assert f"{LISTED} of them were drawn uniformly to start from" in printed
    shown = [query(each, "--sort", "id") for each in (whole, halves)]
    columns = ("width", "expansion", "resolution", "params")
    assert [[row[c] for c in columns] for row in shown[0]] == [
        [row[c] for c in columns] for row in shown[1]
    ]
    assert len(shown[0]) == 14
