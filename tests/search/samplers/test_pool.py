"""The sampler in plain Optuna code, without the rest of dse."""

import itertools
import subprocess
import sys

import numpy as np
import optuna
import pytest

from dse.search.samplers import PoolRows, PoolSampler
from dse.search.samplers.readings import cost_columns
from dse.search.samplers.surrogate import Surrogate

optuna.logging.set_verbosity(optuna.logging.WARNING)
GRID = [
    {"width": w, "depth": d, "kind": k}
    for w, d, k in itertools.product((8, 16, 24, 32), (1, 2, 3, 4), ("plain", "bottleneck", "wide"))
]
COSTS = [[c["width"] * c["depth"], c["width"] ** 2] for c in GRID]


def suggest(trial):
    return {
        "width": trial.suggest_int("width", 8, 32),
        "depth": trial.suggest_float("depth", 1.0, 4.0),
        "kind": trial.suggest_categorical("kind", ["plain", "bottleneck", "wide"]),
    }


def score(params):
    bonus = {"plain": 0.0, "bottleneck": 1.0, "wide": -1.0}[params["kind"]]
    return -((params["width"] - 24) ** 2) / 64 - (params["depth"] - 2) ** 2 + bonus


def optimised(seed=0, trials=16, **options):
    study = optuna.create_study(
        sampler=PoolSampler(GRID, COSTS, seed=seed, **options), direction="maximize"
    )
    study.optimize(lambda trial: score(suggest(trial)), n_trials=trials)
    return study


def proposed(study):
    return [tuple(trial.params.values()) for trial in study.trials]


def test_it_finds_the_best_candidate():
    best = max(GRID, key=score)
    assert [optimised(seed).best_params for seed in range(3)] == [best] * 3


def test_it_goes_on_from_those_that_are_listed_to_others():
    """Of a third of the candidates it finds the best of all, which is not among them."""
    best = max(GRID, key=score)
    listed = [each for each in GRID if each != best][::3]
    allowed = {tuple(each.values()): costs for each, costs in zip(GRID, COSTS, strict=True)}
    allowed.pop((32, 4, "wide"))

    def beyond(candidates):
        costs = [allowed.get(tuple(each.values()), (np.nan, np.nan)) for each in candidates]
        return np.isfinite(costs).all(axis=1), costs

    listed_costs = [allowed[tuple(each.values())] for each in listed]
    sampler = PoolSampler(listed, listed_costs, seed=0, beyond=beyond)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    study.optimize(lambda trial: score(suggest(trial)), n_trials=20)
    assert study.best_params == best
    assert len(set(proposed(study))) == 20
    assert set(proposed(study)) <= set(allowed)


def test_every_candidate_is_asked_once_and_then_the_study_ends():
    study = optimised(trials=1000)
    assert sorted(proposed(study)) == sorted(tuple(c.values()) for c in GRID)


def test_the_same_seed_proposes_the_same():
    first, second, other = optimised(1), optimised(1), optimised(2)
    assert proposed(first) == proposed(second) != proposed(other)


def test_running_trials_are_not_proposed_again_and_a_batch_spreads_out():
    study = optimised(trials=10)
    batch = [study.ask() for _ in range(8)]
    params = [tuple(suggest(trial).values()) for trial in batch]
    assert len({*params, *proposed(study)[:10]}) == 18


def test_minimising_is_maximising_the_negative():
    maximised = optimised(3)
    minimised = optuna.create_study(sampler=PoolSampler(GRID, COSTS, seed=3), direction="minimize")
    minimised.optimize(lambda trial: -score(suggest(trial)), n_trials=16)
    assert minimised.best_params == maximised.best_params


def test_a_failed_trial_is_not_proposed_again():
    study = optuna.create_study(sampler=PoolSampler(GRID, COSTS, seed=0), direction="maximize")

    def objective(trial):
        params = suggest(trial)
        return float("nan") if params["kind"] == "wide" else score(params)

    study.optimize(objective, n_trials=30)
    assert len(set(proposed(study))) == 30
    assert study.best_params == max(GRID, key=score)


def test_queued_trials_and_trials_of_another_sampler_count_as_known():
    study = optuna.create_study(sampler=PoolSampler(GRID, COSTS, seed=0), direction="maximize")
    study.enqueue_trial(GRID[7])
    study.optimize(lambda trial: score(suggest(trial)), n_trials=12)
    assert study.trials[0].params == GRID[7]
    assert len(set(proposed(study))) == 12


def test_of_candidates_that_are_equal_one_is_asked():
    for listed in ([1, 2, 3, 2], [1.0, 1, True, 2, 3], [*range(12), 3, 5, 11], [4, 4]):
        candidates = [{"x": each} for each in listed]
        study = optuna.create_study(sampler=PoolSampler(candidates, seed=0))
        study.optimize(lambda trial: trial.suggest_float("x", 0, 20))
        assert sorted(proposed(study)) == sorted((each,) for each in {*listed})


@pytest.mark.parametrize("jobs", [2, 4])
def test_threads_ask_for_different_candidates(jobs):
    study = optuna.create_study(sampler=PoolSampler(GRID, COSTS, seed=0), direction="maximize")
    study.optimize(lambda trial: score(suggest(trial)), n_trials=24, n_jobs=jobs)
    assert len({*proposed(study)}) == len(study.trials) == 24


_WORKER = """
import sys
import optuna
from tests.search.samplers.test_pool import COSTS, GRID, PoolSampler, score, suggest
study = optuna.load_study(
    study_name="study", storage=sys.argv[1], sampler=PoolSampler(GRID, COSTS, seed=0)
)
study.optimize(lambda trial: score(suggest(trial)), n_trials=10)
"""


def test_processes_ask_for_different_candidates(tmp_path):
    """Their seed is one, and an evaluation is over at once, so that they would choose alike."""
    storage = f"sqlite:///{tmp_path / 'study.db'}"
    study = optuna.create_study(study_name="study", storage=storage, direction="maximize")
    command = [sys.executable, "-W", "ignore", "-c", _WORKER, storage]
    running = [subprocess.Popen(command) for _ in range(2)]
    assert [process.wait(300) for process in running] == [0, 0]
    assert len({*proposed(study)}) == len(study.trials) == 20


def test_a_queued_trial_beside_the_pool_is_no_candidate():
    study = optuna.create_study(sampler=PoolSampler(GRID, COSTS, seed=0), direction="maximize")
    study.enqueue_trial({"width": 9, "depth": 1, "kind": "plain"})
    study.enqueue_trial({"width": 10})
    study.optimize(lambda trial: score(suggest(trial)))
    assert len(study.trials) == len(GRID) + 2
    assert {*proposed(study)[2:]} == {tuple(each.values()) for each in GRID}


def test_what_is_queued_in_part_is_completed_by_candidates_that_have_it():
    study = optuna.create_study(sampler=PoolSampler(GRID, COSTS, seed=0), direction="maximize")
    for _ in range(6):
        study.enqueue_trial({"width": 32, "kind": "wide"})
    study.optimize(lambda trial: score(suggest(trial)), n_trials=6)
    assert {*proposed(study)[:4]} == {(32, depth, "wide") for depth in (1, 2, 3, 4)}


@pytest.mark.parametrize("factor", [1e300, 1e-300])
def test_values_of_any_size_are_learned_alike(factor):
    best = max(GRID, key=score)
    for seed in range(3):
        study = optuna.create_study(sampler=PoolSampler(GRID, COSTS, seed=seed))
        study.optimize(lambda trial: -factor * score(suggest(trial)), n_trials=16)
        assert study.best_params == best


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("value", [float("inf"), -float("inf")])
@pytest.mark.parametrize("infinite", [1, 5, 16])
def test_infinite_values_lie_beyond_the_others(direction, value, infinite):
    study = optuna.create_study(sampler=PoolSampler(GRID, COSTS, seed=0), direction=direction)

    def objective(trial):
        number = score(suggest(trial))
        return value if trial.number < infinite else number

    study.optimize(objective, n_trials=16)
    assert len({*proposed(study)}) == 16


def test_constraints_of_trials_are_learned():
    def objective(trial):
        params = suggest(trial)
        trial.set_constraint("narrow", params["width"] / 16 - 1)
        return score(params)

    study = optuna.create_study(sampler=PoolSampler(GRID, seed=0), direction="maximize")
    study.optimize(objective, n_trials=24)
    late = [trial.params["width"] <= 16 for trial in study.trials[12:]]
    feasible = [c for c in GRID if c["width"] <= 16]
    best = max(feasible, key=score)
    assert best in [trial.params for trial in study.trials]
    assert sum(late) > len(late) / 2, "a third of the pool meets the constraint"


@pytest.mark.parametrize("objectives", [2, 3])
def test_several_objectives_find_most_of_the_front(objectives):
    def values(params):
        return (score(params), -params["width"] * params["depth"], params["depth"])[:objectives]

    def volume(study):
        return optuna._hypervolume.compute_hypervolume(
            -np.array([t.values for t in study.best_trials]),
            np.array([40.0, 129.0, 0.0])[:objectives],
        )

    volumes = {}
    for sampler in (PoolSampler(GRID, COSTS, seed=0), optuna.samplers.RandomSampler(seed=0)):
        study = optuna.create_study(sampler=sampler, directions=["maximize"] * objectives)
        study.optimize(lambda trial: values(suggest(trial)), n_trials=25)
        volumes[type(sampler).__name__] = volume(study)
    assert volumes["PoolSampler"] > volumes["RandomSampler"]


def test_an_objective_that_is_a_cost_is_not_learned(monkeypatch):
    learned = []

    def models(self, *arguments, known=Surrogate.models):
        learned.append(self)
        return known(self, *arguments)

    monkeypatch.setattr(Surrogate, "models", models)
    fronts = {}
    for known in (None, {1: 0}):
        learned.clear()
        sampler = PoolSampler(GRID, COSTS, known_objectives=known, seed=0)
        study = optuna.create_study(sampler=sampler, directions=["maximize", "minimize"])

        def objective(trial):
            params = suggest(trial)
            return score(params), params["width"] * params["depth"]

        study.optimize(objective, n_trials=20)
        fronts[len(set(map(id, learned)))] = volume(study)
    assert list(fronts) == [2, 1]
    assert fronts[1] >= fronts[2]


def volume(study):
    points = np.array([(-t.values[0], t.values[1]) for t in study.best_trials])
    return optuna._hypervolume.compute_hypervolume(points, np.array([40.0, 129.0]))


def test_a_cost_that_an_objective_turns_out_not_to_be_is_learned():
    sampler = PoolSampler(GRID, COSTS, known_objectives={0: 0}, seed=0)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    study.optimize(lambda trial: score(suggest(trial)), n_trials=16)
    assert study.best_params == max(GRID, key=score)


def test_more_candidates_than_are_looked_at(monkeypatch):
    monkeypatch.setattr("dse.search.samplers.suggestion.MOST_ROWS", 150)
    assert optimised(0, trials=30).best_params == max(GRID, key=score)
    assert len(set(proposed(optimised(0, trials=48)))) == 48


def test_costs_may_be_negative_and_less_beyond_the_list():
    costs = np.array([[-5.0 + 3 * place] for place in range(len(GRID))])
    study = optuna.create_study(sampler=PoolSampler(GRID, costs, seed=0), direction="maximize")
    study.optimize(lambda trial: score(suggest(trial)), n_trials=15)
    assert len(set(proposed(study))) == 15
    rows = PoolRows(np.arange(4)[:, None], np.array([[1.0], [2.0], [3.0], [4.0]]))
    (block,) = cost_columns(rows)
    (place,) = rows.add(np.array([[4]]), np.array([[0.0]]))
    assert np.isfinite(block.rows(np.array([place]))).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"candidates": []}, "no candidates"),
        ({"candidates": [{"a": 1}, {"b": 1}]}, "candidate 1 has other parameters"),
        ({"candidates": [{"a": 1}], "costs": [1]}, "shape"),
        ({"candidates": [{"a": 1}], "costs": [[float("nan")]]}, "not finite"),
        ({"candidates": [{"a": 1}], "ordered": {"b": True}}, "no candidate has a parameter 'b'"),
        ({"candidates": [{"a": 1}], "initial": 0}, "not positive"),
        ({"candidates": [{"a": 1}], "known_objectives": {0: 0}}, "objective 0: no cost 0"),
    ],
)
def test_bad_pools_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        PoolSampler(**arguments)


def test_parameters_that_do_not_fit_the_pool_are_refused():
    study = optuna.create_study(sampler=PoolSampler(GRID, seed=0))
    with pytest.raises(ValueError, match="no parameter 'height'"):
        study.ask().suggest_int("height", 0, 3)
    with pytest.raises(ValueError, match="does not contain"):
        study.ask().suggest_int("width", 1, 4)


def test_it_needs_neither_torch_nor_the_rest_of_dse():
    check = (
        "import sys, dse.search.samplers; "
        "print([m for m in sys.modules if m in ('torch', 'hydra', 'sqlalchemy', 'dse.space')])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("[]", "['sqlalchemy']")  # Optuna itself may load the last one
