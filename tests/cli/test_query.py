from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import polars
import pytest
import typer
from typer.testing import CliRunner, Result

from dse.cli.printing.output import OutputFormat, format_cell, print_rows
from dse.cli.query import query
from dse.costs.cost_conditions import CONDITION_NAMES, Conditions
from dse.costs.cost_list import Costs
from dse.errors import DseError
from dse.store import (
    CandidateRow,
    insert_candidates,
    open_store,
    register_family,
    start_run,
)
from dse.store.expressions.terms import AGGREGATES
from tests.cli.command import DSE
from tests.store.recording import record_measurement

app = typer.Typer()
app.command()(query)

SCRIPT = "import typer; from dse.cli.query import query; typer.run(query)"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("query") / "dse.db")
    engine = open_store(path)
    run = start_run(engine, "dse sweep", {}, {})
    register_family(engine, "mobilenet_v2", {"width": "number", "se": "boolean"})
    rows = [
        CandidateRow(
            key=2**62 + n,
            family="mobilenet_v2",
            conditions=Conditions(),
            settings={"width": n / 10, "se": n % 2 == 0},
            costs=Costs(macs=10_000_019 * n, params=1_000_003 * n, peak_memory=1024 * n),
        )
        for n in range(1, 31)
    ]
    rows.append(CandidateRow(5, "mobilenet_v2", Conditions(), {"width": 9}, None, "too wide"))
    insert_candidates(engine, run, rows)
    record_measurement(engine, 3, "accuracy", 0.7123456789, {}, run)
    engine.dispose()
    return path


def ask(store: str, *words: str) -> Result:
    return CliRunner().invoke(app, [*words, "--store", store], catch_exceptions=False)


def test_a_table_reads_well(store: str) -> None:
    result = ask(store, "macs < 300M and width >= 1", "--sort", "-params", "--limit", "2")
    assert result.exit_code == 0
    head, first, second, same = (line.split() for line in result.stdout.splitlines())
    assert head[:2] == ["id", "width"]
    assert same[3:5] == ["family", "mobilenet_v2,"]
    # What is empty, as the device that is not named, is not told.
    assert {*CONDITION_NAMES} - {"device"} < {*same}
    first_row = dict(zip(head, first, strict=True))
    assert (first_row["id"], first_row["params"], first_row["macs"]) == ("29", "29M", "290M")
    assert (first_row["width"], first_row["se"]) == ("2.9", "false")
    assert first_row["peak_memory"] == "29KiB"
    assert second[0] == "28"
    assert result.stderr == "2 of 20 shown\n"


def test_json_is_a_list_of_flat_exact_rows(store: str) -> None:
    result = ask(store, "macs < 300M", "--sort", "-params", "--format", "json")
    rows = json.loads(result.stdout)
    assert len(rows) == 29
    assert rows[0]["macs"] == 290_000_551
    assert rows[0]["key"] == 2**62 + 29
    assert rows[0]["se"] is False
    assert [row["accuracy"] for row in rows if row["id"] == 3] == [0.7123456789]
    assert result.stderr == ""


def test_csv_holds_the_same(store: str) -> None:
    words = ("width <= 0.5", "--columns", "id, se,macs,accuracy", "--format", "csv")
    rows = list(csv.reader(io.StringIO(ask(store, *words).stdout)))
    assert rows[0] == ["id", "se", "macs", "accuracy"]
    assert rows[2:4] == [["2", "true", "20000038", ""], ["3", "false", "30000057", "0.7123456789"]]
    assert len(rows) == 6


@pytest.mark.parametrize(
    ("twice", "once"),
    [
        (("width <= 0.3", "--columns", "id,se,id"), ("width <= 0.3", "--columns", "id,se")),
        (
            ("--group-by", "se,se", "--columns", "count,count"),
            ("--group-by", "se", "--columns", "count"),
        ),
    ],
)
def test_a_column_that_is_named_twice_is_shown_once(
    store: str, twice: tuple[str, ...], once: tuple[str, ...]
) -> None:
    for format in ("csv", "json", "jsonl", "markdown", "table"):
        shown = ask(store, *twice, "--format", format).stdout
        assert shown == ask(store, *once, "--format", format).stdout
    command = [sys.executable, "-c", SCRIPT, *twice, "--store", store, "--format", "parquet"]
    written = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    header = ask(store, *once, "--format", "csv").stdout.splitlines()[0]
    assert polars.read_parquet(io.BytesIO(written)).columns == header.split(",")


def test_numbers_of_any_size_are_compared(tmp_path: Path) -> None:
    url = str(tmp_path / "huge.db")
    engine = open_store(url)
    run = start_run(engine, "dse sweep", {}, {})
    register_family(engine, "net", {"width": "number"})
    rows = [CandidateRow(key, "net", Conditions(), {"width": key}, None, "no") for key in (1, 2, 3)]
    insert_candidates(engine, run, rows)
    for id, value in ((1, 1e300), (2, -1e308), (3, 1e-300)):
        record_measurement(engine, id, "loss", value, {"seed": 0}, run)
    engine.dispose()

    def found(condition: str) -> list[int]:
        shown = ask(url, f"({condition}) and invalid is not null", "--format", "json").stdout
        return [row["id"] for row in json.loads(shown)]

    assert found("loss > 1e299") == [1]
    assert found("loss > 1e20") == [1]
    assert found("loss < -1e20") == [2]
    assert found("loss > 0 and loss < 1e-299") == [3]


def test_jsonl_is_a_row_a_line(store: str) -> None:
    lines = ask(store, "width <= 0.3", "--format", "jsonl").stdout.splitlines()
    assert list(map(json.loads, lines)) == json.loads(
        ask(store, "width <= 0.3", "--format", "json").stdout
    )


def test_markdown_is_a_table_for_a_paper(store: str) -> None:
    result = ask(store, "width <= 0.2", "--columns", "id,se,macs", "--format", "markdown")
    assert result.stdout.splitlines() == [
        "| id | se | macs |",
        "| ---: | --- | ---: |",
        "| 1 | false | 10M |",
        "| 2 | true | 20M |",
    ]


def test_parquet_holds_exact_rows(store: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", SCRIPT, "--store", store, "--format", "parquet"]
    written = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    (tmp_path / "rows.parquet").write_bytes(written)
    rows = polars.read_parquet(tmp_path / "rows.parquet").to_dicts()
    assert rows == json.loads(ask(store, "--format", "json").stdout)


def test_parquet_of_columns_of_any_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"a": 1, "b": "x", "c": None, "d": [1]}, {"a": 0.5, "b": 2, "macs": None}]
    with (tmp_path / "rows.parquet").open("w") as file:
        monkeypatch.setattr(sys, "stdout", file)
        print_rows(rows, OutputFormat.parquet)
    assert polars.read_parquet(tmp_path / "rows.parquet").to_dicts() == [
        {"a": 1.0, "b": "x", "c": None, "d": "[1]", "macs": None},
        {"a": 0.5, "b": "2", "c": None, "d": None, "macs": None},
    ]


def test_groups(store: str) -> None:
    words = ("--group-by", "se", "--columns", "count,max(macs)", "--sort", "-max(macs)")
    assert ask(store, *words).stdout.splitlines() == [
        "se     count  max(macs)",
        "true      15       300M",
        "false     15       290M",
    ]


def test_sql(store: str) -> None:
    words = (
        "--sql",
        "select id, macs from candidate order by macs desc nulls last",
        "--limit",
        "2",
    )
    assert ask(store, *words).stdout.splitlines() == ["id  macs", "30  300M", "29  290M"]
    with pytest.raises(DseError, match="not authorized"):
        ask(store, "--sql", "delete from run")
    with pytest.raises(DseError, match="whole question"):
        ask(store, "macs < 3", "--sql", "select 1")


def test_a_table_shows_20_rows_unless_told_otherwise(store: str) -> None:
    named = ("--columns", "id,macs")
    assert len(ask(store, *named).stdout.splitlines()) == 21
    assert ask(store, *named).stderr == "20 of 30 shown\n"
    assert len(ask(store, *named, "--limit", "0").stdout.splitlines()) == 31
    assert len(json.loads(ask(store, "--format", "json").stdout)) == 30


def test_nothing_found(store: str) -> None:
    assert ask(store, "macs < 1").stdout == ""
    assert ask(store, "macs < 1").stderr == "no candidate meets the condition\n"
    assert ask(store, "macs < 1", "--format", "json").stdout == "[]\n"
    header = ask(store, "macs < 1", "--format", "csv", "--columns", "id,macs").stdout
    assert header == "id,macs\n"


def test_the_reason_why_a_candidate_cannot_be_built(store: str) -> None:
    result = ask(store, "invalid is not null", "--columns", "id,invalid")
    assert result.stdout.splitlines() == ["id  invalid", "31  too wide"]


def test_errors_reach_the_caller(store: str, tmp_path: Path) -> None:
    with pytest.raises(DseError, match="did you mean 'macs'"):
        ask(store, "maccs < 3")
    with pytest.raises(DseError, match="unknown column 'widht'"):
        ask(store, "--columns", "id,widht")
    with pytest.raises(DseError, match="dse sweep"):
        ask(str(tmp_path / "none.db"))
    assert ask(store, "--format", "xml").exit_code == 2


def test_the_help_carries_an_example() -> None:
    text = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"}).stdout
    assert 'dse query "macs < 300M and width >= 1" --sort -params --limit 20' in text


def test_asking_loads_nothing_heavy(store: str) -> None:
    script = f"""
import sys
from dse.cli.query import query
assert not {{"sqlalchemy", "lark"}} & set(sys.modules), "importing the command is light"
query("macs < 300M", store={store!r})
assert not {{"torch", "torchvision", "optuna", "hydra", "omegaconf", "numpy"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True, stdout=subprocess.DEVNULL)


def test_a_reader_that_stops_early_is_no_error(store: str) -> None:
    command = f"{' '.join(DSE)} query --limit 0 --format json --store {store} | true"
    script = f"for i in 1 2 3; do {command}; done"
    ended = subprocess.run(["bash", "-c", script], check=True, stderr=subprocess.PIPE, text=True)
    assert ended.stderr == ""


@pytest.mark.parametrize(("columns", "all_fit"), [(90, False), (400, True)])
def test_a_table_fits_the_terminal(store: str, columns: int, all_fit: bool) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    command = [sys.executable, "-c", SCRIPT, "id = 3", "--store", store]
    ended = subprocess.run(
        command, stdout=theirs, stderr=subprocess.PIPE, env=environment, text=True, check=True
    )
    os.close(theirs)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", os.read(ours, 100_000).decode())
    os.close(ours)
    assert "accuracy" in shown
    assert "30M" in shown
    assert ("dtype" in shown.splitlines()[0]) == all_fit
    assert ended.stderr.startswith("not shown: ") != all_fit
    assert max(map(len, shown.splitlines())) <= columns


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        ("macs", 300_774_272, "300.8M"),
        ("peak_memory", 64 * 2**20, "64MiB"),
        ("width", 0.1 + 0.2, "0.3"),
        ("key", 2**62, "4611686018427387904"),
        ("se", True, "true"),
        ("accuracy", None, ""),
        ("op", "red\x1b[31m\n", "red\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}"),
        ("depths", [2, 3], "[2, 3]"),
    ],
)
def test_a_cell(column: str, value: object, text: str) -> None:
    assert format_cell(column, value) == text


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_what_is_asked_of_a_group_has_the_unit_of_its_cost(aggregate: str) -> None:
    has_unit = aggregate != "count"
    assert format_cell(f"{aggregate}(macs)", 5_000_000) == ("5M" if has_unit else "5000000")
    assert format_cell(f"{aggregate} ( peak_memory )", 2**20) == ("1MiB" if has_unit else "1048576")


def test_json_has_no_numbers_that_json_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows([{"a": float("nan"), "b": float("inf")}], OutputFormat.json)
    assert json.loads(capsys.readouterr().out) == [{"a": None, "b": None}]
