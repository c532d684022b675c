"""Several runs of one network are all kept; their mean counts, their spread can be asked for."""

import io
import shutil
import sqlite3
import statistics
import sys

import pytest

from tests.cli.command import dse, query, refused
from tests.cli.test_import import write

SPACE = ("family=mlp", "grid=none", "grid.width=[8,16]", "grid.resolution=[8]")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    place = tmp_path_factory.mktemp("swept")
    dse(place, "sweep", *SPACE)
    return place


@pytest.fixture
def directory(swept, tmp_path):
    """A directory of a test's own, with the store of a sweep."""
    return shutil.copytree(swept, tmp_path, dirs_exist_ok=True)


def rows(directory, statement):
    with sqlite3.connect(directory / "outputs" / "dse.db") as connection:
        return connection.execute(statement).fetchall()


def table(directory, name, *lines, header="width,acc"):
    (directory / name).write_text("\n".join([header, *lines]) + "\n")


def asked(directory, *columns):
    named = ",".join(columns)
    return [tuple(row.values()) for row in query(directory, "--columns", named, "--sort", "id")]


def test_rows_of_one_candidate_are_all_kept(directory):
    table(directory, "seeds.csv", "8,50", "8,52", "16,60", "16,61")
    printed = dse(directory, "import", "seeds.csv").stdout
    assert "4 rows of 2 candidates, 0 of them new" in printed
    assert "source 'seeds.csv': 4 new, 0 equal, 0 changed" in printed
    assert rows(directory, "select value, label, seed from measurement") == [
        (50, "1", None),
        (52, "2", None),
        (60, "1", None),
        (61, "2", None),
    ]
    names = ("acc", "std(acc)", "count(acc)", "min(acc)", "max(acc)", "mean(acc)")
    assert asked(directory, *names) == [
        (51, pytest.approx(statistics.stdev([50, 52])), 2, 50, 52, 51),
        (60.5, pytest.approx(statistics.stdev([60, 61])), 2, 60, 61, 60.5),
    ]


def test_a_spread_beside_very_large_numbers(directory):
    table(directory, "seeds.csv", "8,0.5", "8,0.6", "8,0.7", "16,2e12", "16,3e12")
    dse(directory, "import", "seeds.csv")
    small, large = (each for (each,) in asked(directory, "std(acc)"))
    assert small == pytest.approx(0.1, rel=1e-9)
    assert large == pytest.approx(statistics.stdev([2e12, 3e12]))
    table(directory, "stamps.csv", "8,1700000000", "16,1700000001", header="width,stamp")
    dse(directory, "import", "stamps.csv")
    (group,) = query(directory, "--group-by", "family", "--columns", "std(stamp)")
    assert group["std(stamp)"] == pytest.approx(statistics.stdev([0, 1]))


def test_replicates_in_conditions_orders_groups_fronts_and_correlations(directory):
    table(directory, "seeds.csv", "8,50", "8,52", "16,40", "16,61")
    dse(directory, "import", "seeds.csv")
    assert [row["width"] for row in query(directory, "std(acc) > 5 and max(acc) >= 61")] == [16]
    assert [row["width"] for row in query(directory, "--sort", "-min(acc)")] == [8, 16]
    (group,) = query(directory, "--group-by", "family", "--columns", "max(acc),max(std(acc))")
    assert group["max(acc)"] == 51
    assert group["max(std(acc))"] == pytest.approx(statistics.stdev([40, 61]))
    front = dse(directory, "pareto", "--max", "min(acc)", "--min", "macs", "--format", "csv").stdout
    assert len(front.splitlines()) == 2
    printed = dse(directory, "correlate", "acc", "std(acc)", "--format", "csv").stdout
    assert printed.splitlines()[1].startswith("acc,std(acc),2,")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("std(macs)", "std is of the replicates of a measurement, or of a group"),
        ("median(acc)", "unknown function 'median'"),
        ("std(acd)", "unknown column 'acd'; did you mean 'acc'?"),
        ("std(acc + 1)", "std is of the replicates of a measurement, or of a group"),
    ],
)
def test_functions_that_cannot_be(directory, columns, message):
    table(directory, "seeds.csv", "8,50", "8,52")
    dse(directory, "import", "seeds.csv")
    assert message in refused(directory, "query", "--columns", columns)


def test_a_single_run_has_no_spread(directory):
    table(directory, "seeds.csv", "8,50")
    dse(directory, "import", "seeds.csv")
    assert asked(directory, "acc", "std(acc)", "count(acc)") == [(50, None, 1), (None, None, None)]


def test_a_source_that_comes_again_is_brought_up_to_date(directory):
    table(directory, "a.csv", "8,1,50", "8,2,52", "16,1,60", header="width,seed,acc")
    dse(directory, "import", "a.csv")
    assert "0 new, 3 equal, 0 changed" in dse(directory, "import", "a.csv").stdout
    table(directory, "a.csv", "8,3,54", "8,2,53", "16,1,60", header="width,seed,acc")
    printed = dse(directory, "import", "a.csv").stdout
    assert "1 new, 1 equal, 1 changed, 1 no longer in it and kept" in printed
    assert asked(directory, "acc", "count(acc)") == [((50 + 53 + 54) / 3, 3), (60, 1)]
    printed = dse(directory, "import", "a.csv", "--replace").stdout
    assert "0 new, 3 equal, 0 changed, 1 removed" in printed
    found = "select label, seed, value from measurement order by label, value"
    assert rows(directory, found) == [("seed 1", 1, 60), ("seed 2", 2, 53), ("seed 3", 3, 54)]


def test_sources_are_told_apart_by_their_names(directory):
    (directory / "later").mkdir()
    table(directory, "a.csv", "8,50")
    table(directory, "later/a.csv", "8,51")
    dse(directory, "import", "a.csv")
    assert "1 changed" in dse(directory, "import", "later/a.csv").stdout
    assert asked(directory, "acc", "count(acc)")[0] == (51, 1)
    assert "1 new" in dse(directory, "import", "a.csv", "--source", "the cluster").stdout
    assert asked(directory, "acc", "count(acc)")[0] == (50.5, 2)


def test_rows_of_one_seed_are_kept_too(directory):
    table(directory, "a.csv", "8,0,50", "8,0,52", header="width,seed,acc")
    dse(directory, "import", "a.csv")
    assert rows(directory, "select label from measurement") == [("seed 0",), ("seed 0, 2",)]


@pytest.mark.parametrize(
    ("header", "words", "message"),
    [
        ("width,", (), "'' cannot be the name of a measurement"),
        ("width,x\x1b[31m", (), "cannot be the name of a measurement"),
        ("width,acc", ("--as", "macs"), "--as: 'macs' is a column of every candidate"),
        ("width,acc", ("--as", "id"), "--as: 'id' is a column of every candidate"),
        ("width,acc", ("--as", ""), "--as: '' cannot be the name of a measurement"),
        ("width,acc", ("--as", "width"), "--as: 'width' is an axis of the family"),
        ("width,seed", (), "row 1: seed is 0.5, not a whole number"),
    ],
)
def test_names_and_seeds_that_cannot_be(directory, header, words, message):
    table(directory, "a.csv", "8,0.5", header=header)
    line = refused(directory, "import", "a.csv", *words)
    assert message in line
    assert line.isprintable()
    assert rows(directory, "select count(*) from measurement") == [(0,)]


def test_a_table_of_replicates_is_compared_and_searched_by_its_means(directory):
    lines = [
        {"width": width, "acc": float(width + off), "cost": width}
        for width in (8, 16)
        for off in (0, 3)
    ]
    write(directory / "t.csv", lines)
    words = ("--axes", "width", "--value", "acc", "--costs", "cost", "--seeds", "1")
    few = ("--evaluations", "2", "--workers", "1")
    printed = dse(directory, "compare", "t.csv", *words, *few).stdout
    assert "after_2" in printed
    objective = ("objective=table", "objective.file=t.csv", "objective.value=acc")
    dse(directory, "search", *SPACE, *objective, "trials=2")
    assert asked(directory, "table") == [(9.5,), (17.5,)]


MINE = """
from pathlib import Path

def noisy(candidate, seed):
    with Path("evaluated.txt").open("a") as file:
        file.write(f"{candidate.settings['width']} {seed}\\n")
    if Path(f"fails_{seed}").exists():
        raise RuntimeError("no data")
    return candidate.settings["width"] + seed
"""


@pytest.fixture
def mine(directory, monkeypatch):
    (directory / "mine3.py").write_text(MINE)
    monkeypatch.setenv("PYTHONPATH", str(directory))
    monkeypatch.syspath_prepend(directory)
    monkeypatch.delitem(sys.modules, "mine3", raising=False)
    monkeypatch.chdir(directory)
    return directory


def own(*words):
    target = ("objective._target_=mine3.noisy", "+objective.name=score")
    return ("search", *SPACE, *target, "allow=[mine3]", "trials=2", *words)


def evaluated(directory):
    file = directory / "evaluated.txt"
    found = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return sorted(found)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_search_evaluates_several_seeds(mine, workers):
    words = own("objective.replicates=3", "seed=5", f"workers={workers}")
    printed = dse(mine, *words).stdout
    assert evaluated(mine) == sorted(f"{width} {seed}" for width in (8, 16) for seed in (5, 6, 7))
    assert asked(mine, "score", "count(score)", "std(score)") == [(14, 3, 1), (22, 3, 1)]
    header, first = printed.split("best by")[1].splitlines()[1:3]
    assert {"std(score)", "replicates"} <= set(header.split())
    assert first.split()[1:4] == ["22", "1", "3"]
    assert "2 evaluated (2 of them present before" in dse(mine, *words).stdout
    assert evaluated(mine) == []
    dse(mine, *own("objective.replicates=4", "seed=5", f"workers={workers}"))
    assert evaluated(mine) == ["16 8", "8 8"]


def test_what_failed_is_tried_again_by_the_next_command_once(mine):
    (mine / "fails_1").touch()
    words = own("objective.replicates=2")
    printed = dse(mine, *words).stdout
    assert "2 failed" in printed
    assert evaluated(mine) == sorted([f"{w} {s}" for w in (8, 16) for s in (0, 1, 1)])
    assert asked(mine, "score", "count(score)") == [(8, 1), (16, 1)]
    dse(mine, *words, "retry=never")
    assert evaluated(mine) == []
    dse(mine, *words, "attempts=1")
    assert evaluated(mine) == ["16 1", "8 1"]
    (mine / "fails_1").unlink()
    assert "0 failed" in dse(mine, *words).stdout
    assert evaluated(mine) == ["16 1", "8 1"]
    assert asked(mine, "score", "count(score)") == [(8.5, 2), (16.5, 2)]


def test_everything_can_be_evaluated_anew(mine):
    dse(mine, *own())
    evaluated(mine)
    dse(mine, *own("retry=all"))
    assert evaluated(mine) == ["16 0", "8 0"]
    assert rows(mine, "select label from measurement where what = 'score' order by id") == [
        *[("seed 0",)] * 2,
        *[("seed 0, 2",)] * 2,
    ]
    assert asked(mine, "score", "count(score)") == [(8, 2), (16, 2)]


def test_an_edited_objective_is_evaluated_anew_and_old_numbers_are_shown_as_such(mine, monkeypatch):
    dse(mine, *own())
    evaluated(mine)
    (mine / "mine3.py").write_text(MINE.replace("noisy(", "noisy(  # why\n    "))
    assert "2 of them present before" in dse(mine, *own()).stdout
    (mine / "mine3.py").write_text(MINE.replace("+ seed", "+ seed + 100"))
    note = "score of 2 of these is from before its objective was changed"
    assert note in dse(mine, "query").stderr
    printed = dse(mine, *own("reuse=any")).stdout
    assert "2 more were measured by other runs, and known from the start" in printed
    assert evaluated(mine) == []
    monkeypatch.delitem(sys.modules, "mine3")
    printed = dse(mine, *own()).stdout
    assert "2 were measured by other code of the objective" in printed
    assert "0 of them present before" in printed
    assert len(evaluated(mine)) == 2
    assert asked(mine, "score") == [(108,), (116,)]
    assert note not in dse(mine, "query").stderr
    assert len(rows(mine, "select * from measurement where what = 'score'")) == 4


def test_an_objective_that_ends_the_program_or_says_what_cannot_be_written(mine):
    (mine / "mine3.py").write_text(
        "import sys\n"
        "def noisy(candidate, seed):\n"
        "    if candidate.settings['width'] == 8:\n"
        "        sys.exit(3)\n"
        "    raise RuntimeError('half \\udc80 and \\0 and \\x1b[31m')\n"
    )
    line = refused(mine, *own())
    assert "all evaluations failed" in line
    assert line.isprintable()
    errors = rows(mine, "select error from measurement order by error")
    assert errors == [
        ("RuntimeError: half \\udc80 and \\x00 and \x1b[31m (2 attempts)",),
        ("SystemExit: 3 (2 attempts)",),
    ]


def test_measurements_are_forgotten_after_asking(mine, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    (mine / "fails_0").touch()
    dse(mine, *own(), status=1)
    table(mine, "a.csv", "8,50", "16,60")
    dse(mine, "import", "a.csv")
    line = refused(mine, "forget", "--measurement", "acc")
    assert "nothing is forgotten; 2 measurements of 'acc' are kept" in line
    printed = dse(mine, "forget", "width = 8", "--measurement", "acc", "--yes").stdout
    assert "forgot 1 measurement of 'acc'" in printed
    assert asked(mine, "acc") == [(None,), (60,)]
    failed = ("forget", "--measurement", "score", "--outcome", "failed", "--yes")
    assert "forgot 2 measurements" in dse(mine, *failed).stdout
    line = refused(mine, "forget", "--measurement", "score")
    assert "nothing was measured of 'score'" in line
    assert (
        "nothing of 'acc' was measured there"
        in dse(mine, "forget", "width = 8", "--measurement", "acc").stdout
    )
