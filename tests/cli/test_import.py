"""One's own measurements find their candidates by id, key or axes, and make new ones."""

import json
import shutil
import sqlite3
import subprocess
import sys
from datetime import date

import polars
import pytest

from tests.cli.command import dse, query, refused

SPACE = ("family=mlp", "grid=none", "grid.width=[16,32]", "grid.depth=[1,2]")
AXES = {"width": 16, "depth": 1}

CODED = """
axes: {op: "01", classes: 10}
input: [1, 8, 8]
choices:
  op:
    "01": {block: linear_norm_act, features: 8}
    "1": {block: linear_norm_act, features: 16}
blocks:
  - {block: flatten}
  - {block: op}
  - {block: linear, features: classes}
"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    place = tmp_path_factory.mktemp("swept")
    dse(place, "sweep", *SPACE)
    return place


@pytest.fixture
def directory(swept, tmp_path):
    """A directory of a test's own, with the store of a sweep."""
    return shutil.copytree(swept, tmp_path, dirs_exist_ok=True)


def full(directory, **values):
    """Return a row with all axes of the family, some of them changed."""
    (row,) = query(directory, "width = 16 and depth = 1")
    axes = json.loads(dse(directory, "families", "mlp", "--format", "json").stdout)
    return {name: row[name] for axis in axes for name in axis["columns"].split()} | values


def write(path, rows):
    table = polars.DataFrame(rows)
    writers = {
        ".csv": table.write_csv,
        ".json": table.write_json,
        ".jsonl": table.write_ndjson,
        ".parquet": table.write_parquet,
    }
    writers[path.suffix](path)


def measured(directory, *names):
    rows = query(directory, "--columns", ",".join(["width", "depth", *names]), "--sort", "id")
    return [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("ending", ["csv", "json", "jsonl", "parquet"])
def test_rows_of_axes_find_their_candidates(directory, ending):
    file = directory / f"pixel.{ending}"
    write(file, [{"width": 16, "depth": 2, "ms": 2.5}, {"width": 32, "depth": 1, "ms": 3.0}])
    printed = dse(directory, "import", file.name, "--as", "latency_ms").stdout
    assert "2 rows of 2 candidates, 0 of them new\n2 measurements: latency_ms" in printed
    assert measured(directory, "latency_ms") == [
        (16, 1, None),
        (16, 2, 2.5),
        (32, 1, 3.0),
        (32, 2, None),
    ]


def test_rows_of_ids_and_of_keys(directory):
    rows = query(directory)
    write(directory / "a.csv", [{"id": 2, "accuracy": 0.5, "loss": 1.25}])
    write(directory / "b.csv", [{"key": rows[2]["key"], "macs": 7, "accuracy": 0.75}])
    assert "2 measurements: accuracy, loss" in dse(directory, "import", "a.csv").stdout
    assert "1 measurement: accuracy" in dse(directory, "import", "b.csv").stdout
    found = [(row.get("accuracy"), row.get("loss")) for row in query(directory)]
    assert found == [(None, None), (0.5, 1.25), (0.75, None), (None, None)]


def test_a_mended_file_replaces_its_numbers(directory):
    for value in (0.5, 0.625):
        write(directory / "a.csv", [{"id": 2, "accuracy": value}])
        dse(directory, "import", "a.csv")
    with sqlite3.connect(directory / "outputs" / "dse.db") as connection:
        assert connection.execute("select value from measurement").fetchall() == [(0.625,)]


def test_a_full_set_of_axes_makes_a_new_candidate_with_its_costs(directory):
    write(directory / "new.csv", [full(directory, width=48, ms=1.0), full(directory, ms=2.0)])
    printed = dse(directory, "import", "new.csv").stdout
    assert "2 rows of 2 candidates, 1 of them new" in printed
    (row,) = query(directory, "width = 48")
    dse(directory, "sweep", *SPACE[:2], "grid.width=[48]", "grid.depth=[1]", "store.url=b.db")
    (swept,) = query(directory, "--store", "b.db")
    assert row["ms"] == 1.0
    assert {name: row[name] for name in swept if name != "id"} == {
        name: swept[name] for name in swept if name != "id"
    }
    assert "Linear" in dse(directory, "show", str(row["id"])).stdout


def test_what_a_row_leaves_out_is_at_its_default(directory):
    write(directory / "new.csv", [{"width": 48, "depth": 1, "ms": 1.0}, {"width": 48, "ms": 2.0}])
    assert "2 rows of 2 candidates, 2 of them new" in dse(directory, "import", "new.csv").stdout
    dse(directory, "sweep", "family=mlp", "grid.file=new.csv", "store.url=b.db")
    swept = query(directory, "--store", "b.db", "--columns", "key,width,depth,resolution,macs")
    made = query(directory, "width = 48", "--columns", "key,width,depth,resolution,macs")
    assert len(swept) == 2
    assert sorted(map(str, made)) == sorted(map(str, swept))


def test_what_a_row_leaves_out_is_that_of_the_only_candidate_there(directory):
    dse(directory, "sweep", *SPACE[:2], "grid.width=[20]", "grid.depth=[3]")
    write(directory / "new.csv", [{"width": 20, "ms": 1.0}])
    assert "1 row of 1 candidate, 0 of them new" in dse(directory, "import", "new.csv").stdout
    assert measured(directory, "ms")[-1] == (20, 3, 1.0)


def test_an_import_needs_no_sweep_before(directory, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write(elsewhere / "new.csv", [full(directory, ms=2.0)])
    printed = dse(elsewhere, "import", "new.csv", "--family", "mlp").stdout
    assert "1 row of 1 candidate, 1 of them new" in printed
    assert query(elsewhere)[0]["ms"] == 2.0


def test_a_space_can_consist_of_listed_rows(directory):
    write(directory / "list.csv", [{"width": 24, "depth": 3, "ms": 1.0}, {"width": 8, "depth": 1}])
    for word in ("from", "file"):
        printed = dse(directory, "sweep", "family=mlp", f"grid.{word}=list.csv").stdout
        assert f"mlp: {word} 2 = 2 points" in printed
    assert measured(directory)[4:] == [(24, 3), (8, 1)]
    again = dse(
        directory, "sweep", "family=mlp", "grid.from=list.csv", 'grid.exclude=["width > 9"]'
    )
    assert "1 candidate, all 1 present" in again.stdout


def test_ids_are_imported_without_torch(directory):
    write(directory / "a.csv", [{"id": 2, "accuracy": 0.5}])
    command = (
        "import sys; from dse.project.measurements.importing import import_table;"
        "from dse.project.measurements.matched_rows import TableImport;"
        "from pathlib import Path; import_table(TableImport(Path('a.csv')), 'outputs/dse.db', 'x');"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", command], cwd=directory, check=True)


@pytest.mark.parametrize(
    ("rows", "words", "message"),
    [
        ([{"id": 99, "x": 1.0}], (), "row 1: the store holds no candidate of id 99"),
        ([{"id": "two", "x": 1.0}], (), "row 1: id is 'two', not a whole number"),
        ([{"key": 5, "x": 1.0}], (), "no candidate of key 5"),
        (
            [{"depth": 1, "x": 1.0}],
            (),
            "2 candidates have depth=1, none of them with the defaults of the others; add resol",
        ),
        ([{"width": "w", "x": 1.0}], (), "row 1: width is 'w', not a number"),
        ([{"id": 1, "x": "fast"}], (), "row 1: x is 'fast', which is no number"),
        ([{"id": 1, "x": 1.0, "y": 2.0}], ("--as", "z"), "--as z: no such column"),
        ([{"widht": 16, "x": 1.0}], (), "of which family are the rows? Say it by --family"),
        (
            [{"widht": 16, "x": 1.0}],
            ("--family", "mlp"),
            "no column is an axis of family",
        ),
        ([{"id": 1, "x": float("inf")}], (), "x is inf, not a finite number"),
        ([{"id": 1, "x": [1, 2]}], (), "row 1: x is '[1, 2]', which is no number"),
        ([{"id": 1, "x": date(2026, 1, 31)}], (), "row 1: x is '2026-01-31', which is no number"),
        ([{"id": [1], "x": 1.0}], (), "row 1: id is '[1]', not a whole number"),
        ([{"family": ["mlp"], "x": 1.0}], (), "['mlp']"),
        ([{"width": float("nan"), "x": 1.0}], ("--family", "mlp"), "row 1: width: "),
        ([{"id": 1, "x": 1.0, " x": 2.0}], (), "2 columns are named 'x'"),
        ([{"id": None, "x": None}], (), "holds no values"),
        *(
            ([{"id": 1, "seed": seed, "x": 1.0}], (), f"row 1: seed is {seed}, which is beyond 64")
            for seed in (2**63, 2**64 - 1)
        ),
    ],
)
def test_bad_rows_are_one_line_and_nothing_is_stored(directory, rows, words, message):
    write(directory / "bad.parquet", rows)
    assert message in refused(directory, "import", "bad.parquet", *words)
    with sqlite3.connect(directory / "outputs" / "dse.db") as connection:
        assert connection.execute("select count(*) from measurement").fetchone() == (0,)
        assert connection.execute("select count(*) from candidate").fetchone() == (4,)


def test_bad_files_are_one_line(directory):
    (directory / "empty.csv").write_text("")
    (directory / "header.csv").write_text("id,x\n")
    (directory / "broken.json").write_text("{")
    (directory / "notes.txt").write_text("x")
    (directory / "no.parquet").write_text("x" * 100)
    for name, message in {
        "empty.csv": "empty",
        "header.csv": "holds no rows",
        "broken.json": "broken.json: ",
        "notes.txt": "unknown ending '.txt'; valid: .csv, .json",
        "no.parquet": "no.parquet: ",
        "missing.csv": "no such file",
    }.items():
        assert message in refused(directory, "import", name)
        assert message in refused(directory, "sweep", "family=mlp", f"grid.from={name}")


def test_what_a_query_wrote_comes_back_with_a_column_more(directory):
    words = ("id <= 3", "--columns", "id,family,width,norm,batch,macs", "--format", "csv")
    header, *rows = dse(directory, "query", *words).stdout.splitlines()
    lines = [f"{header},acc", *(f"{row},{place}" for place, row in enumerate(rows))]
    (directory / "back.csv").write_text("\n".join(lines) + "\n")
    printed = dse(directory, "import", "back.csv").stdout
    assert "3 measurements" in printed
    shown = query(directory, "id <= 3", "--columns", "id,acc", "--sort", "id")
    assert [row["acc"] for row in shown] == [0, 1, 2]
    line = refused(directory, "import", "back.csv", "--as", "width")
    assert "is an axis of the family" in line


@pytest.mark.parametrize("text", ["high", "nan", "1,5"])
def test_a_text_among_measurements_is_told_by_its_own_row(directory, text):
    """Such a text makes a column of a CSV file one of texts."""
    (directory / "mixed.csv").write_text(f"width;acc\n1;0.5\n2;{text}\n")
    line = refused(directory, "import", "mixed.csv", "--family", "mlp")
    assert f"row 2: acc is '{text}', which is no number" in line


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("width,acc\n16,1\nw,2\n", "row 2: width is 'w', not a number"),
        ("id,acc\n1,1\nx,2\n", "row 2: id is 'x', not a whole number"),
        ("width,seed,acc\n16,1,1\n16,x,2\n", "row 2: seed is 'x', not a whole number"),
        ("width,acc,seed\n16,1,1\n16,2\n", "row 2 has 2 of 3 values"),
    ],
)
def test_a_text_among_numbers_and_a_row_that_ends_early_are_told(directory, content, line):
    (directory / "mixed.csv").write_text(content)
    assert line in refused(directory, "import", "mixed.csv", "--family", "mlp")


def test_choices_that_look_like_numbers_are_texts(directory):
    (directory / "conf" / "family").mkdir(parents=True, exist_ok=True)
    (directory / "conf" / "family" / "coded.yaml").write_text(CODED)
    (directory / "coded.csv").write_text("op,acc\n01,0.5\n1,0.7\n")
    printed = dse(
        directory, "sweep", "--config-dir", "conf", "family=coded", "grid.from=coded.csv"
    ).stdout
    assert "coded: from 2 = 2 points" in printed
    dse(directory, "import", "coded.csv", "--family", "coded", "--config-dir", "conf")
    rows = query(directory, "family = 'coded'")
    assert [(row["op"], row["acc"]) for row in rows] == [("01", 0.5), ("1", 0.7)]


def test_networks_that_cannot_be_built_are_told_of(directory):
    (directory / "half.csv").write_text("width;acc\n16.5;1\n24;2\n")
    told = dse(directory, "import", "half.csv", "--family", "mlp").stdout
    assert "2 rows of 2 candidates, 2 of them new, 1 of which cannot be built" in told


def test_two_columns_of_one_name_are_refused(directory):
    (directory / "twice.csv").write_text("id,acc,acc\n1,0.5,0.6\n")
    assert "2 columns are named 'acc'" in refused(directory, "import", "twice.csv")
