"""A bar where one is seen, lines where none is, and what a caller's own function is told."""

from __future__ import annotations

import io
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import dse
from dse.project import progress_bars
from dse.project.progress_bars import is_notebook, shown_steps, wanted_progress

GRID = {"width": [8, 16, 24], "depth": [1, 2], "resolution": 8}


class Place:
    """What a notebook gives for something that is displayed, with all that it showed."""

    def __init__(self, first: Any) -> None:
        self.shown = [first._repr_html_()]

    def update(self, bar: Any) -> None:
        self.shown.append(bar._repr_html_())


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> list[Place]:
    """Stand in for the kernel of a notebook."""
    made: list[Place] = []

    def display(value: Any, display_id: bool) -> Place:
        assert display_id
        made.append(Place(value))
        return made[-1]

    shell = types.SimpleNamespace(kernel=object())
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = lambda: shell  # type: ignore[attr-defined]
    shown = types.ModuleType("IPython.display")
    shown.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    return made


def test_a_notebook_has_one_bar_that_ends_where_the_work_does(places: list[Place]) -> None:
    assert is_notebook()
    with wanted_progress(True, "sweep <b>", "points") as (tell, begun):
        begun()
        for done in range(1_001):
            tell(done, 1_000)
    (bar,) = places
    assert "<progress></progress>" in bar.shown[0]
    assert '<progress value="1000" max="1000">' in bar.shown[-1]
    assert "sweep &lt;b&gt;: 1,000 of 1,000 points, " in bar.shown[-1]
    assert len(bar.shown) < 100, "a notebook is not flooded"


def test_what_fails_leaves_the_bar_where_it_was(places: list[Place]) -> None:
    def failing() -> None:
        with wanted_progress(True, "search", "trials") as (tell, _):
            tell(1, 4)
            tell(2, 4)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failing()
    assert 'value="2" max="4"' in places[0].shown[-1]


def test_a_terminal_has_a_bar_before_the_total_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = io.StringIO()
    monkeypatch.setattr(stream, "isatty", lambda: True)
    with shown_steps("sweep", 0, "points", stream, pytest.fail) as steps:
        steps.show()
        steps.reach(123_456, 1_234_567)
    assert "123456/1234567" in stream.getvalue()
    assert "…" not in stream.getvalue()


def test_a_script_prints_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with wanted_progress(True, "sweep", "points") as (tell, begun):
        begun()
        tell(1, 2)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(progress_bars, "PLAIN_EVERY", 0)
    with wanted_progress(True, "sweep", "points") as (tell, begun):
        begun()
        tell(1, 2)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("sweep: 1 of 2 points, ")


def test_every_call_that_takes_long_has_a_bar(places: list[Place], tmp_path: Path) -> None:
    project = dse.open(tmp_path / "dse.db")
    space = dse.design_space("mlp", GRID)
    swept = project.sweep(space, progress=True)
    study = project.search(space, "params", exact=False, trials=2, sampler="random", progress=True)
    project.join(study.id, progress=True)
    project.rerun(swept.run, into=tmp_path / "again.db", progress=True)
    project.measure(space, networks=2, rounds=1, runs=1, progress=True)
    table = tmp_path / "measured.csv"
    project.query(columns="width,depth,macs,params").write_csv(table)
    contest: dict[str, Any] = {"axes": ["width", "depth"], "samplers": ["random"], "workers": 1}
    project.compare(table, "params", **contest, seeds=2, evaluations=2, progress=True)
    ends = [bar.shown[-1] for bar in places]
    assert [end.partition("> ")[2].partition(":")[0] for end in ends] == [
        *("sweep", "search", f"study {study.id}", f"run {swept.run}", "measure", "compare")
    ]
    for told in ("6 of 6 points", "2 of 2 trials", "6 of 6 steps", "2 of 2 runs"):
        assert any(told in end for end in ends), told
    project.sweep(space, progress=False)
    project.sweep(space)
    assert len(places) == 6
