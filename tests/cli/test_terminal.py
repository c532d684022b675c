"""Texts from outside reach the terminal as text: no command prints what a terminal would obey."""

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest

from dse.cli.main import command_tree
from dse.costs.cost_conditions import Conditions
from dse.store import (
    CandidateRow,
    insert_candidates,
    open_store,
    register_family,
    start_run,
)
from dse.store.schema import candidate, measurement
from tests.cli.command import DSE, run_words
from tests.store.conftest import costs_of
from tests.store.recording import record_measurement

HOSTILE = "h\x1b[31m\x1b]0;t\x07\x9b1m\u202er\u2066\u200e\x7f\x00\rx\x08\ty\nz"
"""Colours, a title, C1 controls, overrides of direction, returns, backspaces, line breaks."""
STORED = HOSTILE.replace("\x00", "")
IN_JSON = f"{STORED}\udc80"
"""Half of a character, which JSON can hold."""
WORD = "h\x1b[31m\x9b\u202e\udc80"
"""As a word of a command line, or a file's name."""


def obeyed(text: str) -> set[str]:
    """Return the characters that a terminal would act on, or cannot be given."""
    kinds = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    return {c for c in text if unicodedata.category(c) in kinds and c != "\n"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A store and pages in which every text is hostile."""
    directory = tmp_path_factory.mktemp("hostile")
    path = directory / "outputs" / "dse.db"
    engine = open_store(str(path))
    config = {"family": {"axes": {"width": 8}}, "choices": {"family": "own"}, "store": {}}
    run = start_run(engine, "dse sweep", config, {"dse": "1"})
    register_family(engine, "own", {"width": "number", "axis": "text"})
    rows = [
        CandidateRow(key, "own", Conditions(), {"width": key, "axis": "value"}, costs_of(key))
        for key in range(1, 4)
    ]
    rows.append(CandidateRow(9, "own", Conditions(), {"width": 9, "axis": "value"}, None, "why"))
    insert_candidates(engine, run, rows)
    for id in (1, 2, 3):
        record_measurement(engine, id, "what", id / 7, {}, run)
    record_measurement(engine, 3, "failing", None, {}, run, error="error")
    engine.dispose()
    hostile_texts(path)
    write_pages(directory)
    return directory


def hostile_texts(path: Path) -> None:
    """Put hostile text in the place of every text of a store that its schema leaves free."""
    in_json = json.dumps(IN_JSON)
    page = {"axes": {IN_JSON: 8, "width": IN_JSON}, IN_JSON: IN_JSON}
    config = {"family": page, "choices": {"family": IN_JSON}, "store": {}, IN_JSON: IN_JSON}
    texts = {
        "run": ("command", "host", "directory", "git_commit", "error"),
        "scope": ("family",),
        "family": ("name",),
        "source": ("name",),
        "context": ("code",),
        measurement.name: ("what", "error", "label"),
    }
    with closing(sqlite3.connect(path)) as database:
        for table, columns in texts.items():
            for column in columns:
                where = f"where {column} is not null" if table == measurement.name else ""
                database.execute(f"update {table} set {column} = {column} || ? {where}", [STORED])
                database.execute(f"update {table} set {column} = ? where {column} is null"
                                 if table == "run" else "select ?", [STORED])  # fmt: skip
        database.execute(
            f"update {candidate.name} set invalid = ? where invalid is not null", [STORED]
        )
        axes = {"width": "number", "axis": "text", IN_JSON: "text"}
        database.execute("update family set axes = ?", [json.dumps(axes)])
        settings = f'{{"width": 8, "axis": {in_json}, {in_json}: {in_json}}}'
        database.execute(f"update {candidate.name} set settings = ? where id > 1", [settings])
        database.execute("update run set config = ?, versions = ?",
                         [json.dumps(config), json.dumps({IN_JSON: IN_JSON})])  # fmt: skip
        database.execute(f"""create view "view{STORED}" as select 1 as "column{STORED}" """)
        database.execute("insert into family values (?, ?)", [STORED, json.dumps(axes)])
        database.commit()


MODEL = """
from torch import nn
HOSTILE = {hostile!r}
Odd = type("Odd" + HOSTILE, (nn.Linear,), {{}})
def build():
    net = nn.Sequential()
    net.add_module("layer" + HOSTILE, Odd(3, 4))
    return net
def failing():
    raise KeyError(HOSTILE)
def unknown():
    raise type("Odd" + HOSTILE, (Exception,), {{}})(HOSTILE)
class Printing(nn.Linear):
    def forward(self, x):
        print(HOSTILE)
        return super().forward(x)
def printing():
    return Printing(3, 4)
"""


def write_pages(directory: Path) -> None:
    (directory / "net.py").write_text(MODEL.format(hostile=IN_JSON))
    name = f"net{WORD}"
    (directory / f"{name}.py").write_text("def build(: pass")
    for group in ("family", "grid", "sampler"):
        (directory / group).mkdir()
    quoted = json.dumps(STORED.replace("\x07", ""))
    block = "{block: conv_norm_act, channels: width}"
    pages = {
        "key": f"axes: {{width: 8}}\n{quoted}: 3\nblocks: [{block}]\n",
        "axis": f"axes: {{{quoted}: 8}}\ninput: [3, 8, 8]\nblocks: [{block}]\n",
        "value": f"axes: {{width: {quoted}}}\ninput: [3, 8, 8]\nblocks: [{block}]\n",
        "word": f"axes: {{op: {quoted}}}\ninput: [3, 8, 8]\nblocks: [{{block: op}}]\n",
        "block": f"axes: {{width: 8}}\ninput: [3, 8, 8]\nblocks: [{{block: {quoted}}}]\n",
        "expression": "axes: {width: 8}\ninput: [3, 8, 8]\nblocks: "
        f"[{{block: conv_norm_act, channels: {json.dumps('width + ' + STORED)}}}]\n",
        "yaml": f"axes: [\n{STORED}",
        WORD: f"axes: {{width: 8}}\ninput: [3, 8, 8]\nblocks: [{block}]\n",
    }
    for page, text in pages.items():
        (directory / "family" / f"{page}.yaml").write_text(text)
    (directory / "grid" / "key.yaml").write_text(f"{quoted}: [1]\n")
    columns = f"id,{json.dumps(STORED)[1:-1]},other\n1,0.5,2\n2,0.25,x{STORED}\n"
    (directory / "table.csv").write_text(columns)
    (directory / f"table{WORD}.csv").write_text("id,score\n1,0.5\n")
    (directory / f"bad{WORD}.csv").write_text("id,score\n1,x\n")
    (directory / "raw.csv").write_text(f'id,"m{STORED}"\n1,0.5\n2,0.25\n')


FORMATS = ("table", "csv", "json", "jsonl", "markdown", "parquet")
STORE_QUESTIONS = [
    ("query",),
    ("query", "--columns", "id,axis,family,dtype"),
    ("query", "invalid is not null", "--columns", "id,invalid"),
    ("query", "--group-by", "axis,dtype"),
    ("query", "--sql", "select *, * from run"),
    ("query", "--sql", "select * from candidate"),
    ("query", "--sql", f'select 1 as "{WORD[:-1]}"'),
    ("pareto", "--min", "macs"),
    ("correlate", "macs", f"what{STORED}"),
    ("runs",),
    ("runs", "1"),
    ("status",),
    ("diff", "1", "2", "--no-layers"),
]
ASKED = [(*words, "--format", format) for words in STORE_QUESTIONS for format in FORMATS]
REFUSED = [
    ("query", WORD),
    ("query", f"macs < '{WORD}'"),
    ("query", f"`{STORED}` > 3"),
    ("query", "acis = 3"),
    ("query", "--columns", WORD),
    ("query", "--sort", WORD),
    ("query", "--group-by", WORD),
    ("query", "--sql", WORD),
    ("query", "--sql", f"select '{WORD}'"),
    ("query", "--sql", "select x from candidate"),
    ("query", "--sql", "select 1 from viewx"),
    ("query", "--format", WORD),
    ("query", "--store", f"{WORD}.db"),
    ("query", "--store", f"{WORD}/x.db"),
    ("query", "--store", f"sqlite:///{WORD}"),
    ("query", "--store", f"{WORD}://x"),
    ("pareto", "--min", WORD),
    ("correlate", "macs", WORD),
    ("show", "1"),
    ("show", "4"),
    ("diff", "1", "2"),
    ("export", "1"),
    ("export", "1", "--output", f"{WORD}/x"),
    ("plot", WORD),
    ("plot", "pareto", "--min", WORD, "--max", "macs"),
    ("plot", "scatter", WORD, "macs"),
    ("plot", "scatter", "macs", "params", "--picture", f"x.{WORD}"),
    ("plot", "edf", "macs", "--groups", WORD),
    ("plot", "history", WORD),
    ("plot", "network", "1"),
    ("report", "--where", WORD),
    ("report", "--output", WORD),
    ("report", "--output", f"{WORD}.html"),
    ("report", "--compare", WORD, "--compare", "macs > 1"),
    ("report", "--study", "99"),
    ("serve", "--host", WORD),
    ("serve", "--store", f"{WORD}.db"),
    ("rerun", "1"),
    ("rerun", "1", "--into", f"{WORD}.db"),
    ("trials", WORD),
    ("trials", "99"),
    ("worker", WORD),
    ("worker", "99", "--store", f"{WORD}.db"),
    ("status", WORD),
    ("forget", WORD, "--measurement", "what"),
    ("forget", "--measurement", WORD),
    ("import", "table.csv"),
    ("import", "raw.csv", "--store", "imported.db"),
    ("import", "raw.csv"),
    ("import", f"table{WORD}.csv"),
    ("import", f"bad{WORD}.csv"),
    ("import", "table.csv", "--as", WORD),
    ("import", "table.csv", "--family", WORD),
    ("upgrade", "--store", f"{WORD}.db"),
    ("forget", "--measurement", WORD),
    ("forget", "--measurement", f"failing{STORED}", "--yes"),
    ("families", WORD),
    ("blocks", WORD),
    ("guide", WORD),
    ("completion", WORD),
    ("init", "pages", "--family", WORD),
    ("init", "pages", "--name", WORD),
    ("families", "--config-dir", "."),
    ("families", WORD, "--config-dir", "."),
    ("count", WORD),
    ("count", f"net{WORD}.py:build"),
    ("count", f"net.py:{WORD}"),
    ("count", "net.py:failing"),
    ("count", "net.py:unknown"),
    ("count", "net.py:build", f"{WORD}=1"),
    ("count", "net.py:build", f"x={WORD}"),
    ("count", "net.py:build", "--input", WORD),
    ("count", "net.py:build", "--input", "5"),
    ("count", "net.py:build", "--convention", WORD),
    ("count", "net.py:build", "--cost", WORD),
    ("compare", f"table{WORD}.csv", "--value", "nope", "--axes", "id"),
    ("compare", "raw.csv", "--value", WORD, "--axes", "id"),
    ("compare", "raw.csv", "--value", "id", "--samplers", WORD, "--axes", "id"),
    (WORD,),
    ("query", f"--{WORD}"),
    *(("check", f"family/{page}.yaml")
      for page in ("key", "axis", "value", "word", "block", "expression", "yaml", WORD)),
    ("check", WORD),
    ("measure", "family=mlp", f"place={WORD}"),
    ("supernet", "family=mlp", f"supernet.start={WORD}"), ("import-blocks", f"{WORD}.csv"),
    *((command, *words) for command in ("sweep", "space", "fit", "search") for words in (
        (f"family={WORD}",), (f"grid.{WORD}=1",), (f"{WORD}=1",), (f"+{WORD}=1",), (f"--{WORD}",),
        ("family=mlp", f"variant={WORD}"), ("--config-dir", WORD),
        ("family=mlp", f'grid.exclude=["{WORD}"]'),
        ("--config-dir", ".", "family=axis"), ("--config-dir", ".", "family=key"))),
]  # fmt: skip
COUNTED = [
    ("count", "net.py:build", "--input", "3", *more)
    for more in (
        *(("--format", format) for format in ("table", "csv", "json", "markdown")),
        ("--memory",),
        ("--memory", "--format", "json"),
        ("--compare", "thop,fvcore"),
        *(("--convention", "torchinfo", "--format", f) for f in ("table", "json", "csv")),
    )
] + [("count", "net.py:printing", "--input", "3")]


@pytest.mark.parametrize("words", [*ASKED, *REFUSED, *COUNTED], ids=ascii)
def test_no_command_prints_what_a_terminal_obeys(directory, words):
    status, stdout, stderr = run_words(directory, *words)
    assert status in (0, 1, 2), stderr
    assert not obeyed(stderr.decode())
    assert "Traceback" not in stderr.decode()
    if status == 0:
        assert b"h" in stdout
    else:
        assert stderr.decode().splitlines()[-1].startswith("error: ")
    if "csv" in words or "parquet" in words:
        # Data are as they are, and still in one encoding.
        stdout.decode() if "csv" in words else None
    else:
        assert not obeyed(stdout.decode())
    if "json" in words and status == 0:
        json.loads(stdout)


def test_every_command_is_among_them():
    names = command_tree().commands.keys()
    assert {words[0] for words in [*ASKED, *REFUSED, *COUNTED]} - {WORD} == names


def test_data_keep_the_text_that_a_table_only_shows(directory):
    words = ("query", "--sql", "select error from run where id = 1", "--format")
    _, as_json, _ = run_words(directory, *words, "json")
    assert json.loads(as_json) == [{"error": STORED}]
    _, as_csv, _ = run_words(directory, *words, "csv")
    assert [*csv.DictReader(io.StringIO(as_csv.decode(), newline=""))] == [{"error": STORED}]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("format", ["table", "csv", "json"])
def test_a_terminal_of_any_encoding(directory, encoding, format):
    for words in (
        ("query", "--columns", "id,axis"),
        ("query", "--columns", "id,×"),
        ("query", "--sql", "select '×…日本' as \"−\""),
        ("count", "net.py:build", "--input", "3", "--memory"),
    ):
        is_memory = words[0] == "count"
        words = words if is_memory else (*words, "--format", format)
        status, stdout, stderr = run_words(directory, *words, encoding=encoding)
        assert status in (0, 1)
        stdout.decode(encoding)
        stderr.decode(encoding)
        if format == "json" and not is_memory and status == 0:
            json.loads(stdout)


def test_a_real_process_in_the_plainest_locale(directory):
    for variables in ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
                      {"PYTHONIOENCODING": "ascii"}):  # fmt: skip
        done = subprocess.run(
            [*DSE, "query", "--sql", "select char(215, 27) as a, command from run"],
            cwd=directory,
            env={**os.environ, **variables},
            capture_output=True,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.isascii()
        assert b"\x1b" not in done.stdout
    assert sys.executable in DSE
