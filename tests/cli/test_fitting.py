"""On a narrow terminal tables leave out columns, by name, and never a digit."""

import contextlib
import io
import re

import pytest

from dse.cli.fitting import GAP, LEAST_TEXT, fitted, shortened
from dse.cli.progress import progress
from tests.cli.command import dse, on_terminal

SPACE = ("family=mlp", "grid=none", "grid.width=[512,1024]", "grid.resolution=[16,32]")


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("narrow")
    dse(directory, "sweep", *SPACE)
    (directory / "score.csv").write_text("id,top1_accuracy\n1,0.512345\n2,0.6\n3,0.71\n")
    dse(directory, "import", "score.csv")
    return directory


TABLES = [
    ("query",),
    ("query", "--group-by", "width"),
    ("pareto", "--min", "macs", "--max", "top1_accuracy"),
    ("correlate", "macs", "params", "top1_accuracy"),
    ("runs",),
    ("status",),
    ("families",),
    ("families", "resnet"),
    ("show", "1"),
    ("show", "1", "--memory"),
    ("diff", "1", "4"),
    ("count", "torchvision.models.squeezenet1_1", "--input", "3,64,64", "--depth", "2"),
    ("count", "torchvision.models.squeezenet1_1", "--input", "3,64,64", "--memory"),
    ("count", "torchvision.models.alexnet", "--compare", "thop,fvcore"),
    ("space", *SPACE),
    ("search", *SPACE, "objective=params"),
]  # fmt: skip
WHOLE: dict[tuple[str, ...], list[str] | None] = {}
"""The headings of each table where there is room."""
MADE_TO_FIT = ("query", "pareto", "correlate", "runs", "status")


@pytest.mark.parametrize("columns", [80, 40])
@pytest.mark.parametrize("words", TABLES, ids=lambda words: " ".join(words[:3]))
def test_no_table_cuts_a_number(directory, words, columns):
    shown = on_terminal(directory, columns, *words)
    assert not re.search(r"[\d.,×]…|…\d", shown), shown
    assert "error:" not in shown
    if words not in WHOLE:
        WHOLE[words] = headings(dse(directory, *words).stdout.splitlines())
    heading, narrow = WHOLE[words], headings(shown.splitlines())
    named = re.findall(r"not shown: (.*?);", shown)
    left_out = {name for found in named for name in found.split(", ")}
    if heading is not None:
        assert narrow is not None, shown
        assert {*heading} - {*narrow} - {"same", "page"} <= left_out
    if words[0] in MADE_TO_FIT:
        table = shown.partition("not shown")[0].partition("variant")[0]
        assert max(map(len, table.splitlines())) <= columns


def headings(lines: list[str]) -> list[str] | None:
    """Return the words of the first line that heads a table."""
    firsts = ("id ", "width ", "a ", "family ", "axis ", "layer ", "cost ", "budget ")
    return next((line.split() for line in lines if line.startswith(firsts)), None)


def test_columns_that_were_named_are_all_shown(directory):
    words = ("query", "--columns", "id,width,params,macs,peak_memory,train_memory,flops")
    shown = on_terminal(directory, 40, *words)
    assert shown.split()[:7] == words[2].split(",")
    assert "not shown" not in shown


def test_the_least_telling_go_first_then_texts_are_cut_then_columns_go_from_the_right():
    cells = {
        "id": ["id", "1234567890"],
        "flops": ["flops", "123.4M"],
        "reason": ["reason", "a long story of what went wrong"],
        "macs": ["macs", "61.70M"],
        "seconds": ["seconds", "0.5"],
    }
    widths = {"id": 10, "flops": 6, "reason": 31, "macs": 6, "seconds": 7}
    assert fitted(cells, 100).widths == widths
    assert fitted(cells, 60).hidden == ["flops"]
    cut = fitted(cells, 10 + LEAST_TEXT + 6 + 7 + 3 * GAP)
    assert (cut.hidden, cut.widths["reason"]) == (["flops"], LEAST_TEXT)
    assert fitted(cells, 40).hidden == ["flops", "seconds"]
    assert fitted(cells, 5).widths == {"id": 10}


def test_a_text_is_cut_before_a_number_in_it():
    assert shortened("grid.width=[8,16,24]", 18) == "grid.width=[…"
    assert shortened("as it is", 8) == "as it is"


@pytest.mark.parametrize("columns", [25, 40, 60, 80, 120])
def test_a_bar_shows_whole_numbers(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    stream = io.StringIO()
    stream.isatty = lambda: True
    with contextlib.redirect_stderr(stream), progress("sweep", 1_234_567, "points") as advance:
        advance(123_456)
    assert "…" not in stream.getvalue()
    assert "123456/1234567" in stream.getvalue()


def test_what_is_left_is_not_told_before_the_first_step(monkeypatch, capsys):
    monkeypatch.setattr("dse.cli.progress.PLAIN_EVERY", 0)
    with progress("search", 30, "trials") as advance:
        advance(0)
        advance.reach(2, 4)
    first, second = capsys.readouterr().err.splitlines()
    assert first == "search: 0 of 30 trials, 0.0/s"
    assert second.startswith("search: 2 of 4 trials, ")
    assert second.endswith(" s left")
