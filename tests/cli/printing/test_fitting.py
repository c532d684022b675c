"""On a narrow terminal tables leave out columns, by name, and never a digit."""

import contextlib
import io
import re

import pytest

from dse.cli.printing.column_roles import Roles, listed_briefly
from dse.cli.printing.fitting import GAP, LEAST_TEXT, fitted, shortened
from dse.cli.printing.printed_progress import progress
from dse.project.progress_bars import paced
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
        told_once = shown.partition("in every row: ")[2].split()
        assert {*heading} - {*narrow} - {"same", "page"} <= left_out.union(told_once)
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


def test_a_sentence_that_begins_with_a_number_is_a_text():
    cells = {"block": ["block", "conv"], "what": ["what", "3×3 convolution, norm, activation"]}
    assert fitted(cells, 30).widths == {"block": 5, "what": 23}
    cells["what"][1] = "1,234,567,890.12 MiB a second"
    assert fitted(cells, 30).hidden == []
    cells["what"][1] = "1,234,567,890.12 MiB or so of it"
    assert fitted(cells, 30).hidden == ["what"]


def test_settings_go_before_numbers_and_what_was_asked_for_goes_last():
    cells = {
        name: [name, "1234"] for name in ("id", "flops", "width", "depth", "macs", "seconds", "top")
    }
    roles = Roles(settings=("width", "depth"), needed=("flops", "macs"))
    hidden = [fitted(cells, room, roles).hidden for room in range(46, 4, -1)]
    gone = list(dict.fromkeys(name for names in hidden for name in names))
    assert hidden[0] == []
    assert gone == ["depth", "width", "top", "seconds", "macs", "flops"]


def test_settings_that_are_the_same_in_every_row_are_told_once(directory):
    shown = on_terminal(directory, 80, "query", "--sort", "-flops")
    heading, *_, last = shown.partition("in every row: ")[0].splitlines()
    assert heading.split()[:6] == ["id", "resolution", "width", "params", "macs", "flops"]
    assert last.split()[:3] == ["1", "16", "512"]
    same = " ".join(shown.partition("in every row: ")[2].partition("\nnot shown")[0].split())
    assert same == (
        "family mlp, batch 1, dtype float32, precision full, optimizer sgd-momentum, kernels cpu, "
        "latency_from auto, runtime eager, phase prefill, context 0, checkpointing none, "
        "zero_stage 0, data_parallel 1, tensor_parallel 1, channels 1, depth 2, "
        "norm none, activation relu, dropout 0, classes 10"
    )


@pytest.mark.parametrize("format", ["csv", "json", "jsonl", "markdown"])
def test_other_formats_keep_every_setting(directory, format):
    printed = dse(directory, "query", "--format", format).stdout
    assert "in every row" not in printed
    assert "activation" in printed.replace("activation_memory", "").replace("activations", "")


def test_a_single_row_keeps_its_settings_while_there_is_room(directory):
    wide = on_terminal(directory, 500, "query", "id = 1")
    assert "in every row" not in wide
    assert "norm" in wide.splitlines()[0].split()
    narrow = on_terminal(directory, 80, "query", "id = 1")
    assert "norm none" in " ".join(narrow.partition("in every row: ")[2].split())
    assert {"params", "macs"} < set(narrow.splitlines()[0].split())


def test_what_is_told_once_is_broken_between_settings(directory):
    shown = on_terminal(directory, 80, "query").partition("in every row: ")[2]
    lines = shown.partition("not shown")[0].splitlines()
    assert len(lines) > 1
    assert all(line.endswith(",") for line in lines[:-1])


def test_columns_of_many_layers_are_named_as_one():
    names = ["depth", "kernel_1_1", "kernel_1_2", "kernel_4", "expansion_1", "top_1", "top"]
    assert listed_briefly(names) == "depth, kernel_* (3), expansion_1, top_* (2)"


@pytest.mark.parametrize(
    ("words", "headings"),
    [
        (("query",), ("id", "resolution", "depth", "params", "macs", "peak_memory")),
        (("pareto", "--min", "macs", "--max", "train_memory"), ("id", "macs", "train_memory")),
        (("trials", "1"), ("number", "id", "naswot", "best")),
        (("status", "1"), ("id", "name", "trials", "done", "best")),
    ],
)
def test_families_of_many_axes_leave_room_for_what_was_asked(many_axes, words, headings):
    shown = on_terminal(many_axes, 80, *words)
    lines = shown.partition("not shown")[0].splitlines()
    assert max(map(len, lines)) <= 80, shown
    assert set(headings) <= set(lines[0].split()), shown


def test_the_best_of_a_search_are_shown_with_their_costs(many_axes):
    words = ("search", *MANY_AXES, "objective=naswot", "trials=2")
    shown = on_terminal(many_axes, 80, *words).partition("best by naswot")[2]
    assert {"naswot", "params", "macs", "peak_memory"} < set(shown.splitlines()[1].split())
    assert "bottleneck 1" in " ".join(shown.partition("in every row: ")[2].split())


MANY_AXES = (
    *("family=regnet", "grid=none", "grid.resolution=[32,64]", "grid.depth=[2,4]"),
    *("grid.w0=[8]", "grid.wa=[8]", "grid.group_width=[8]"),
)


@pytest.fixture(scope="module")
def many_axes(tmp_path_factory):
    directory = tmp_path_factory.mktemp("many")
    dse(directory, "search", *MANY_AXES, "objective=naswot", "trials=3")
    dse(directory, "sweep", *MANY_AXES)
    return directory


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


@pytest.mark.parametrize(
    ("rate", "shown"),
    [(0, ""), (0.31, "19 trials/min"), (9.9, "594 trials/min"), (1234.5, "1,234 trials/s")],
)
def test_a_slow_pace_is_told_by_the_minute(rate, shown):
    assert paced(rate, "trials") == shown


def test_what_is_left_is_not_told_before_the_first_step(monkeypatch, capsys):
    monkeypatch.setattr("dse.project.progress_bars.PLAIN_EVERY", 0)
    with progress("search", 30, "trials") as advance:
        advance(0)
        advance.reach(2, 4)
    first, second = capsys.readouterr().err.splitlines()
    assert first == "search: 0 of 30 trials, 0.0/s"
    assert second.startswith("search: 2 of 4 trials, ")
    assert second.endswith(" s left")
