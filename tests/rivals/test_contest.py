"""The contest is resumed where it was, and its page says what its runs came to."""

from dataclasses import replace

import numpy as np
import pytest

from dse.search import Case, Summary
from tests.rivals import tables, trained
from tests.rivals.contest import Done, Run, append, contest, planned, read_done
from tests.rivals.floor import floor
from tests.rivals.report import Results, report, share
from tests.rivals.synthetic import SYNTHETIC
from tests.rivals.tables import CaseName

CASES = tables.cases("plateaus")


def test_what_is_done_is_not_done_again(tmp_path):
    file = tmp_path / "curves.csv"
    runs = list(planned(CASES[:1], ["random", "tpe"], 2, 4))
    assert [run.key[2:] for run in runs] == [("random", 0), ("tpe", 0), ("random", 1), ("tpe", 1)]
    for run in runs:
        append(file, *run())
    assert list(contest(runs, file, 1)) == ["0 runs to do"]
    done = read_done(file)
    assert [len(each.regrets) for each in done.values()] == [4] * 4
    assert Run(CASES[0], "tpe", 1, 4).is_in(done)
    assert not Run(CASES[0], "tpe", 1, 5).is_in(done)
    assert not Run(CASES[0], "tpe", 2, 4).is_in(done)


def test_a_line_that_was_cut_short_is_left_out(tmp_path):
    file = tmp_path / "curves.csv"
    append(file, ("table", "budget", "tpe", 0), Done(1.0, np.array([3.0, 2.0])))
    whole = file.read_text()
    file.write_text(whole + "table,budget,tpe,1,1.00,3 2")
    assert list(read_done(file)) == [("table", "budget", "tpe", 0)]
    assert file.read_text() == whole
    file.write_text("table,bud")
    assert read_done(file) == {}
    assert not file.exists()


def test_a_run_in_a_process_of_its_own(tmp_path):
    runs = list(planned(CASES[:1], ["random"], 1, 3))
    lines = list(contest(runs, tmp_path / "curves.csv", 1))
    assert lines[0] == "1 runs to do"
    assert lines[1].startswith("1/1 plateaus cost <= q20 random 0: ")
    assert len(read_done(tmp_path / "curves.csv")) == 1


def test_samplers_of_whole_grids_are_scored_by_what_they_do_not_see():
    (case, *_) = tables.cases("noisy")
    assert case.read().table.scores is not None
    key, done = Run(case, "plain_tpe", 0, 5)()
    assert key == ("noisy", "cost <= q20", "plain_tpe", 0)
    assert np.isfinite(done.regrets).all()


@pytest.mark.parametrize("name", SYNTHETIC)
def test_our_own_tables(name):
    table = tables.read(name)
    assert 2_000 <= len(table) <= 21_000
    assert len(np.unique(table.pool.choices, axis=0)) == len(table)
    sizes = [len(case.read().within) for case in tables.cases(name)]
    assert sizes == sorted(sizes[:3]) + sizes[3:]
    assert 0.15 < sizes[0] / len(table) < sizes[3] / len(table) + 0.05 < 0.35


def test_tables_of_others(reference_data):
    for each in tables.FILES:
        assert all(len(case.read().within) > 100 for case in tables.cases(each.name))
    assert tables.read("mlp_one_seed").scores is not None
    assert tables.read("fbnet").gains.max() < 0


@pytest.mark.parametrize("each", tables.TRAINED, ids=lambda each: each.name)
def test_tables_that_are_trained_here(each, tmp_path, monkeypatch):
    pytest.importorskip("sklearn")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert f"python -m tests.rivals train {each.name}" in tables.unavailable(each.name)
    trained.train(each.name, most=4)
    assert tables.unavailable(each.name) is None
    table = each.read()
    assert len(table) == 4
    assert each.bounded == trained.TRAINED[each.name].cost
    assert table.pool.costs[each.bounded].dtype == np.int64
    assert ((table.gains >= 0) & (table.gains <= 100)).all()


def test_the_floor_knows_a_law_from_labels():
    pytest.importorskip("sklearn")
    case = tables.cases("additive")[0].read()
    found = floor(case, 20)
    assert np.all(np.diff(found) <= 0)
    assert found[-1] == 0
    noise = np.random.default_rng(0).normal(size=len(case.table))
    assert floor(Case(replace(case.table, scores=noise), case.bounds), 20).min() > 0


def summary(mean, error=0.1):
    return Summary("pool", "", 50, mean, error, mean, mean, 2)


def test_shares_and_ties():
    assert share(summary(2.0), summary(5.0), 1.0) == pytest.approx(0.25)
    assert share(summary(1.0), summary(1.0), 1.0) is None
    assert share(summary(2.0), summary(1.0), 1.0) == float("inf")


def test_the_page_tells_what_the_runs_came_to():
    cases = [CaseName("table", budget) for budget in ("one", "two")]
    regrets = {"pool": 1.0, "tpe": 3.0, "random": 5.0}
    done = {
        ("table", case.budget, name, seed): Done(1.0, np.full(50, regret + 0.1 * seed))
        for case in cases
        for name, regret in regrets.items()
        for seed in range(2)
    }
    floors = {str(case): np.full(50, 0.5) for case in cases}
    page = report(Results(cases, list(regrets), done, floors, {"hebo": "is not here"}, 50))
    assert "- `hebo`: is not here" in page
    assert "| table, one | 50 | 1.05 | 3.05 | 0.5 | 0.22 |" in page
    assert "- after 50: median 0.22 over 2 cases, 0 ties" in page
    assert "| table, two | ours | 2 | 1.05 ± 0.05 (1.05) |" in page
    assert "| ours | 1.00 |" in page
    assert "after 100" not in page
    assert "floor" not in report(Results(cases, list(regrets), done, {}, {}, 50))
