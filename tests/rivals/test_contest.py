"""The contest is resumed where it was, and its page says what its runs came to."""

import numpy as np
import pytest

from tests.rivals import tables
from tests.rivals.contest import Done, Run, append, contest, planned, read_done
from tests.rivals.floor import floor
from tests.rivals.measured import ScoredTable, regrets_of
from tests.rivals.ranks import friedman
from tests.rivals.report import Results, report, share
from tests.rivals.synthetic import SYNTHETIC
from tests.rivals.tables import Bounds, Case

CASES = list(tables.cases("plateaus"))


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
    assert lines[1].startswith("1/1 plateaus cost ≤ 20 % random 0: ")
    assert len(read_done(tmp_path / "curves.csv")) == 1


def test_what_looks_best_is_what_is_scored():
    seen, scores = np.array([1.0, 3.0, 2.0, 3.0]), np.array([5.0, 1.0, 4.0, 5.0])
    assert regrets_of(seen, scores, np.array([0, 2, 1, 3])).tolist() == [0, 1, 4, 4]
    assert regrets_of(scores, scores, np.array([1, 2, 0])).tolist() == [4, 1, 0]


@pytest.mark.parametrize("name", SYNTHETIC)
def test_our_own_tables(name):
    table = tables.read(name)
    assert 2_000 <= len(table.scores) <= 21_000
    assert len(np.unique(table.seen.pool.choices, axis=0)) == len(table.scores)
    sizes = [len(table.within(case.bounds).scores) for case in tables.cases(name)]
    assert sizes == sorted(sizes[:3]) + sizes[3:]
    assert 0.15 < sizes[0] / len(table.scores) < sizes[3] / len(table.scores) + 0.05 < 0.35


def test_tables_of_others(reference_data):
    for each in tables.FILES:
        table = tables.read(each.name)
        assert all(len(table.within(case.bounds).scores) > 100 for case in tables.cases(each.name))
    assert tables.read("mlp_one_seed").scored is not None
    assert tables.read("fbnet").seen.values.max() < 0


def test_the_floor_knows_a_law_from_labels():
    pytest.importorskip("sklearn")
    table = tables.read("additive").within(CASES[0].bounds)
    found = floor(table, 20)
    assert np.all(np.diff(found) <= 0)
    assert found[-1] == 0
    blind = ScoredTable(table.seen, np.random.default_rng(0).normal(size=len(table.scores)))
    assert floor(blind, 20).min() > 0


def test_shares_and_ties():
    spread = np.array([-0.1, 0.1])
    assert share(2 + spread, 5 + spread, 1.0) == pytest.approx(0.25)
    assert share(1 + spread, 1 + spread, 1.0) is None
    assert share(2 + spread, 1 + spread, 1.0) == float("inf")


def test_ranks_are_those_of_the_textbook():
    """Four samplers on fourteen cases: 10.5555/1248547.1248548 has 1.25 for the difference."""
    regrets = np.tile([1.0, 2.0, 3.0, 4.0], (14, 1))
    regrets[0] = [1.0, 1.0, 3.0, 4.0]
    found = friedman(regrets)
    assert found.mean.tolist() == pytest.approx([1 + 0.5 / 14, 2 - 0.5 / 14, 3, 4])
    assert found.difference == pytest.approx(1.25, abs=0.01)
    assert found.p_value < 1e-6


def test_the_page_tells_what_the_runs_came_to():
    cases = [Case("table", budget, Bounds({})) for budget in ("one", "two")]
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
