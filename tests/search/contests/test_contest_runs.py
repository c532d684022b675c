"""One sampler on one table: rows that a grid has no candidate for, batches, and vain searches."""

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from dse.errors import DseError
from dse.search import Case, Contestant, TableColumns, read_measured
from dse.search.contests.comparison import run_curve
from dse.search.contests.contest_runs import found_by_plain
from dse.search.measured_tables.table_bounds import Bounds, parse_bounds
from dse.search.samplers import EvolutionSampler

ROWS = range(0, 100, 11)
SPARSE = "tens,ones,cost,value\n" + "".join(f"{n // 10},{n % 10},{n},{n}\n" for n in ROWS)
"""Ten rows of a grid of a hundred points, on its diagonal: 0 0, 1 1 … 9 9."""

NUMBERS = TableColumns(("value",), ("cost",), ("tens", "ones"))
NAMES = TableColumns(("value",), ("cost",), ("tens", "ones"), unordered=("tens", "ones"))


def sparse(directory, columns=NUMBERS):
    (directory / "sparse.csv").write_text(SPARSE)
    return read_measured(directory / "sparse.csv", columns)


class Watched(optuna.samplers.RandomSampler):
    """Proposes what it is given, and remembers what it was told."""

    def __init__(self, proposals=()):
        super().__init__(seed=0)
        self.proposals, self.told, self.running = list(proposals), [], []

    def before_trial(self, study, trial):
        others = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        self.running.append(len(others) - 1)
        if self.proposals:
            self.now = self.proposals.pop(0)

    def sample_independent(self, study, trial, param_name, param_distribution):
        return self.now[param_name]

    def after_trial(self, study, trial, state, values):
        self.told.append((trial.params, state, values, dict(trial.constraints)))


def test_a_proposal_that_no_row_has_becomes_the_nearest_row_with_its_parameters(tmp_path):
    table, bounds = sparse(tmp_path), parse_bounds("cost<=60", ["cost"])
    asked = [{"tens": 2, "ones": 3}, {"tens": 9, "ones": 8}, {"tens": 4, "ones": 4}]
    watched = Watched(asked)
    within = table.within(bounds)
    found = found_by_plain(table, within, bounds, lambda pool, seed: watched, 0, 2, 1)
    assert [within.pool.settings(each)["tens"] for each in found] in ([2, 4], [3, 4])
    (first, *_), second, third = watched.told
    assert first["tens"] == first["ones"]
    params, state, values, constraints = second
    assert params["tens"] == params["ones"] >= 8
    assert state == TrialState.COMPLETE
    assert values == [params["tens"] * 11]
    assert constraints["cost high"] == pytest.approx((values[0] - 60) / 60)
    assert third[0] == {"tens": 4, "ones": 4}


@pytest.mark.parametrize("columns", [NUMBERS, NAMES])
@pytest.mark.parametrize("sampler", ["TPESampler", "RandomSampler", "NSGAIISampler"])
def test_samplers_of_optuna_find_the_best_of_a_sparse_table(tmp_path, columns, sampler):
    """Only one proposal of ten is a row: without the nearest ones, runs would find a few."""
    case = Case(sparse(tmp_path, columns), Bounds({}))
    kind = getattr(optuna.samplers, sampler)
    contestant = Contestant(sampler, lambda: lambda pool, seed: kind(seed=seed), is_plain=True)
    curve = run_curve(case, contestant, 0, 10)
    assert curve.regret[-1] == 0
    assert (np.diff(curve.regret) <= 0).all()


def test_numbers_that_are_names_have_no_near_ones(tmp_path):
    ordered, names = sparse(tmp_path).pool, sparse(tmp_path, NAMES).pool
    rows = np.arange(10)
    assert ordered.nearest([7, 6], rows) in (6, 7)
    # The first of those that agree in one of the two.
    assert names.nearest([7, 2], rows) == 2
    assert names.ordered == {"tens": False, "ones": False}


def test_what_is_known_is_no_evaluation_and_nothing_is_filled_in(tmp_path):
    always = Watched([{"tens": 3, "ones": 3}])
    contestant = Contestant("always", lambda: lambda pool, seed: always, is_plain=True)
    curve = run_curve(Case(sparse(tmp_path), Bounds({})), contestant, 0, 4)
    assert curve.regret.tolist() == [66] * 4
    assert curve.found == 1
    assert len(always.told) == 4 * 40


def test_a_run_that_finds_nothing_has_no_regret(tmp_path):
    case = Case(sparse(tmp_path), parse_bounds("cost>=50", ["cost"]))
    always = Watched([{"tens": 0, "ones": 0}])
    contestant = Contestant("always", lambda: lambda pool, seed: always, is_plain=True)
    curve = run_curve(case, contestant, 0, 4)
    assert len(curve.regret) == 4
    assert np.isnan(curve.regret).all()
    assert curve.found == 0


class Failing(optuna.samplers.RandomSampler):
    def sample_independent(self, study, trial, param_name, param_distribution):
        raise ModuleNotFoundError("No module named 'cmaes'", name="cmaes")


@pytest.mark.parametrize("is_plain", [True, False])
def test_a_sampler_that_fails_is_told_in_a_line(tmp_path, is_plain):
    contestant = Contestant("failing", lambda: lambda pool, seed: Failing(), is_plain)
    with pytest.raises(DseError, match=r"sampler: .*cmaes"):
        run_curve(Case(sparse(tmp_path), Bounds({})), contestant, 0, 4)


class Waiting(EvolutionSampler):
    """Remembers how many candidates were running when it was asked."""

    running: list[int] = []  # noqa: RUF012 - one for all that are made

    def suggest(self, known):
        self.running.append(len(known.pending))
        return super().suggest(known)


def test_a_batch_runs_at_once(tmp_path):
    case, plain = Case(sparse(tmp_path), Bounds({})), Watched([])
    plain.proposals = [{"tens": n, "ones": n} for n in range(10)]
    contestant = Contestant("plain", lambda: lambda pool, seed: plain, is_plain=True)
    assert len(run_curve(case, contestant, 0, 10, batch=4).regret) == 10
    assert plain.running[:10] == [0, 1, 2, 3] * 2 + [0, 1]
    Waiting.running.clear()
    aware = Contestant("aware", lambda: lambda pool, seed: Waiting(pool.candidates, seed=seed))
    assert run_curve(case, aware, 0, 10, batch=4).regret[-1] == 0
    assert Waiting.running == [0, 1, 2, 3] * 2 + [0, 1]
