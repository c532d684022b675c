"""`.github/CONTRIBUTING.md` says what to touch to add what: each row is done, in a copy of dse."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dse.store.schema import SCHEMA_VERSION
from tests.cli.command import dse
from tests.once import once

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / ".github" / "CONTRIBUTING.md").read_text()

OWN = """
import numpy as np
from dse.search.samplers import CandidateSampler
import dse

class Cheapest(CandidateSampler):
    def start(self, seed):
        pass

    def suggest(self, known):
        free = np.flatnonzero(~known.is_taken(len(self.candidates)))
        return int(free[self.costs[free, 0].argmin()]) if len(free) else None

def narrow(candidate):
    return -candidate.settings["width"]

dse.register_operator("aten::tanh", lambda args, out: out.numel())
"""
"""A module of the user's own: what touches nothing of dse."""


def written(content):
    """Return an edit that writes a file."""
    return lambda text: content


def with_line(after, line):
    """Return an edit that adds a line after one that is there."""

    def edit(text):
        assert after in text
        return text.replace(after, f"{after}\n{line}", 1)

    return edit


def exported(beside, module, name):
    """Return an edit that lets a room hand out what a further module defines."""
    return lambda text: text.replace(
        f'    "{beside}":', f'    "{module}": ("{name}",),\n    "{beside}":'
    )


ROWS = {
    "a family": {
        "conf/family/tower.yaml": written(
            "axes: {width: 8, resolution: 16}\n"
            "input: [3, resolution, resolution]\n"
            "blocks:\n"
            "  - {block: squashed, out_channels: width}\n"
            "  - {block: flatten}\n"
            "  - {block: linear, features: 10}\n"
        ),
        "conf/grid/tower.yaml": written("width: [4, 8, 16]\n"),
    },
    "a block": {
        "dse/space/blocks/squashing.py": written(
            "from torch import nn\n"
            "from dse.space.blocks.block_registry import register\n"
            "@register\n"
            "def squashed(in_channels: int, out_channels: int) -> nn.Module:\n"
            "    return nn.Sequential(nn.Conv2d(in_channels, out_channels, 3), nn.Tanh())\n"
        ),
        "dse/space/blocks/shipped_blocks.py": with_line(
            "from dse.space.blocks.named_code import callable_at",
            "from dse.space.blocks import squashing",
        ),
    },
    "a cost": {
        "dse/costs/cost_list.py": with_line(
            "TRAINING_COSTS = frozenset(name for name, cost in COSTS.items() if cost.of_training)\n"
            '"""The costs of a training step, which a network of integers does not have."""',
            'COSTS["tanhs"] = Cost("tanhs", "Elements that tanh is taken of.", is_declared=True,\n'
            "    value=lambda operation: sum(o.elements for o in operation.outputs)\n"
            '    if operation.name == "aten.tanh" else 0)',
        )
    },
    "a condition": {
        "dse/costs/cost_conditions.py": with_line(
            '    kernels: str = "cpu"', '    """As below."""\n    passes: int = 1'
        ),
        "dse/counting/under_conditions.py": with_line(
            "    dtype = None if own_dtype else dtype_of(conditions)",
            "    traced = trace(model, inputs, kwargs, real=real, dtype=dtype)\n"
            "    if conditions.passes > 1:\n"
            "        return replace(traced, operations=traced.operations * conditions.passes)",
        ),
    },
    "an operator": {},
    "a convention": {
        "dse/counting/conventions/elements.py": written(
            "from dse.counting.conventions.convention import Column, Convention, Reading\n"
            "def read(trace):\n"
            "    total = sum(w.spec.elements for w in trace.weights)\n"
            '    columns = (Column("name", show=str),)\n'
            '    return Reading("elements", columns, (), {"params": total}, (f"{total}",), {})\n'
            'ELEMENTS = Convention("elements", "none", "elements of all weights", (), read)\n'
        ),
        "dse/counting/conventions/convention_registry.py": lambda text: text.replace(
            "from dse.counting.conventions.fvcore import FVCORE",
            "from dse.counting.conventions.elements import ELEMENTS\n"
            "from dse.counting.conventions.fvcore import FVCORE",
        ).replace("        PARAMETERS,\n", "        PARAMETERS,\n        ELEMENTS,\n"),
    },
    "an objective": {},
    "a sampler": {},
    "an executor": {
        "dse/execution/twins_executor.py": written(
            "from dataclasses import dataclass\n"
            "from pathlib import Path\n"
            "from dse.execution.local_executor import LocalExecutor\n"
            "@dataclass(frozen=True)\n"
            "class TwinsExecutor(LocalExecutor):\n"
            "    mark: str = 'twins'\n"
            "    def _pool(self, work, number):\n"
            "        Path(self.mark).touch()\n"
            "        return super()._pool(work, 2)\n"
        ),
        "dse/execution/executor_registry.py": lambda text: text.replace(
            "from dse.execution.submitit_executor",
            "from dse.execution.twins_executor import TwinsExecutor\n"
            "from dse.execution.submitit_executor",
        ).replace('    "local"', '    "twins": TwinsExecutor,\n    "local"'),
        "conf/executor/twins.yaml": written("devices: cpu\nmark: born\n"),
    },
    "a tracker": {
        "dse/search/trackers/text_tracker.py": written(
            "from pathlib import Path\n"
            "from dse.search.trackers.tracker import StudyTracker\n"
            "class TextTracker(StudyTracker):\n"
            "    def __init__(self, place): self.file = Path(place)\n"
            "    def begin(self, study): self.file.write_text(study.name)\n"
            "    def trial_began(self, trial): pass\n"
            "    def reported(self, trial, step, value): pass\n"
            "    def trial_ended(self, trial):\n"
            '        with self.file.open("a") as file: file.write(f" {trial.state}")\n'
            "    def end(self): pass\n"
        ),
        "dse/search/trackers/__init__.py": with_line(
            '    "to_optuna": "optuna_tracker.OptunaTracker",',
            '    "text": "text_tracker.TextTracker",',
        ),
        "dse/project/requests/search_keys.py": with_line(
            "    to_optuna: str | None = None", "    text: str | None = None"
        ),
        "dse/project/requests/search_requests.py": with_line(
            "    to_optuna: str | None = None", "    text: str | None = None"
        ),
        "conf/search.yaml": lambda text: text.replace("mlflow: null", "text: null\nmlflow: null"),
    },
    "a command": {
        "dse/cli/hello.py": written('def hello() -> None:\n    """Greet."""\n    print("hello")\n'),
        "dse/cli/main.py": lambda text: text.replace(
            "from dse.cli.import_ import import_",
            "from dse.cli.hello import hello\nfrom dse.cli.import_ import import_",
        ).replace("    upgrade,\n", "    upgrade,\n    hello,\n", 1),
    },
    "a kind of picture": {
        "dse/report/figures/tally_drawing.py": written(
            "from dse.report.figures import figure_style as style\n"
            "def tally_figure(numbers, title=''):\n"
            "    figure = style.new_figure(title or 'candidates')\n"
            "    names = [style.safe_text(name) for name in numbers]\n"
            "    figure.add_bar(x=names, y=[*numbers.values()])\n"
            "    return figure\n"
        ),
        "dse/report/figures/__init__.py": exported(
            "dse.report.figures.scatter_drawing", "dse.report.figures.tally_drawing", "tally_figure"
        ),
        "dse/report/__init__.py": lambda text: text.replace(
            '"scatter_figure"', '"scatter_figure", "tally_figure"', 1
        ),
        "dse/project/plots/tally_plot.py": written(
            "from dse.report import tally_figure\n"
            "def plot_tally(project, title=''):\n"
            "    found = project.query(group_by='family', columns='family,count')\n"
            "    return tally_figure(dict(found.rows()), title)\n"
        ),
        "dse/project/plots/__init__.py": exported(
            "dse.project.plots.scatter_plot", "dse.project.plots.tally_plot", "plot_tally"
        ),
        "dse/project/__init__.py": lambda text: text.replace(
            '"plot_scatter"', '"plot_scatter", "plot_tally"', 1
        ),
        "dse/plots.py": with_line(
            "from dse.project import plot_scatter as scatter",
            "from dse.project import plot_tally as tally",
        ),
        "dse/cli/plotting/tally_picture.py": written(
            "from dse.cli.common_options import DEFAULT_STORE, Store\n"
            "from dse.cli.plotting.plot_options import Picture, Title\n"
            "def tally(\n"
            "    picture: Picture = None, title: Title = '', store: Store = DEFAULT_STORE\n"
            ") -> None:\n"
            '    """Draw how many candidates each family has."""\n'
            "    from dse import open, plots\n"
            "    from dse.cli.plotting.shown_figures import checked, show\n"
            "    checked(picture)\n"
            "    show(plots.tally(open(store), title), picture, title or 'a tally')\n"
        ),
        "dse/cli/plotting/plot_app.py": lambda text: text.replace(
            "from dse.errors import",
            "from dse.cli.plotting.tally_picture import tally\nfrom dse.errors import",
        ).replace("    scatter,\n", "    scatter,\n    tally,\n", 1),
    },
    "a page of the manual": {
        "dse/guide/towers.md": written("# Towers: a topic\n"),
        "dse/guide/topics.py": with_line("TOPICS = (", '    "towers",'),
    },
    "a column of the store": {
        "dse/store/schema.py": lambda text: text.replace(
            f"SCHEMA_VERSION = {SCHEMA_VERSION}", f"SCHEMA_VERSION = {SCHEMA_VERSION + 1}"
        ).replace(
            '    Column("git_dirty", Boolean),',
            '    Column("git_dirty", Boolean),\n'
            '    Column("weather", Text, server_default="fair"),',
            1,
        ),
        f"dse/store/migrations/versions/v{SCHEMA_VERSION + 1}.py": written(
            "import sqlalchemy as sa\n"
            "from alembic import op\n"
            f'revision, down_revision = "{SCHEMA_VERSION + 1}", "{SCHEMA_VERSION}"\n'
            "def upgrade() -> None:\n"
            '    column = sa.Column("weather", sa.Text, server_default="fair")\n'
            '    op.add_column("run", column)\n'
        ),
    },
}
"""What each row of the page does: an edit of each file that it touches."""

RUN = """
import contextlib, io, json
from dse.cli.main import main

def run(*words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main(words)
    return out.getvalue()

def rows(*words):
    return json.loads(run("query", *words, "--format", "json"))

own = ("objective._target_=mine.narrow", "sampler={_target_: mine.Cheapest}", "allow=[mine]")
run("sweep", "family=tower", "grid=none")
run("sweep", "family=tower", "grid=none", "cost.passes=3")
found = run("search", "family=tower", *own, "trials=2", "workers=1")
run("search", "family=tower", *own, "trials=3", "workers=2", "executor=twins")
found = run("search", "family=tower", *own, "trials=2", "workers=1", "text=told.txt")
import mine
print(json.dumps({
    "space": run("space", "family=tower"),
    "passes": [row["macs"] for row in rows("width = 8", "--sort", "passes")],
    "tanhs": [row["tanhs"] for row in rows("tanhs > 0 and passes = 1", "--sort", "tanhs")],
    "narrow": [row["narrow"] for row in rows("narrow < 0 and passes = 1", "--sort", "width")],
    "elements": run("count", "torchvision.models.alexnet", "--convention", "elements"),
    "operator": __import__("dse").count(__import__("torch").nn.Tanh(), (2, 5)).macs,
    "told": open("told.txt").read(),
    "hello": run("hello"),
    "picture": run("plot", "tally", "--picture", "tally.json") + open("tally.json").read(),
    "guide": run("guide") + run("guide", "towers"),
    "twins": __import__("os").path.exists("born"),
    "upgraded": run("upgrade", "--store", "old.db"),
    "weather": [
        json.loads(run("query", "--sql", "select weather from run", "--format", "json", *store))
        for store in ([], ["--store", "old.db"])
    ],
}))
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """What a copy of dse prints in which every row of the page was done."""
    place = tmp_path_factory.mktemp("copy")
    return json.loads(once(tmp_path_factory, "contributing", lambda: printed_by_copy(place)))


def printed_by_copy(place):
    for name in ("dse", "conf"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for edits in ROWS.values():
        for file, edit in edits.items():
            path = place / file
            before = path.read_text() if path.exists() else ""
            after = edit(before)
            assert after != before, file
            path.write_text(after)
    work = place / "work"
    work.mkdir()
    dse(work, "sweep", "family=mlp", "grid=none", "store.url=old.db")
    (work / "mine.py").write_text(OWN)
    environment = {**os.environ, "PYTHONPATH": f"{place}{os.pathsep}{work}"}
    # The processes that it starts find the copy compiled.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", RUN]
    ran = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()[-1]


def test_each_row_of_the_page_is_done_and_touches_what_it_says():
    table = dict(re.findall(r"^\| (an? [^|]+?) \| (.*) \|$", PAGE, flags=re.MULTILINE))
    assert table.keys() == ROWS.keys()
    for what, touched in table.items():
        named = re.findall(r"`((?:dse|conf)/[^`]+)`", touched)
        patterns = [re.escape(path).replace("NAME", r"\w+") for path in named]
        assert len(patterns) == len(ROWS[what]), what
        for file in ROWS[what]:
            assert any(re.fullmatch(pattern, file) for pattern in patterns), (what, file)


def test_a_family_of_a_new_block_is_a_space(done):
    assert "tower: width 3 = 3 points" in done["space"]


def test_a_condition_is_there_in_sweeps_and_queries(done):
    first, second = done["passes"]
    assert second == 3 * first > 0


def test_a_cost_is_there_in_sweeps_and_queries(done):
    assert done["tanhs"][:2] == [4 * 14 * 14, 8 * 14 * 14]


def test_a_sampler_and_an_objective_of_ones_own_search(done):
    assert done["narrow"][:2] == [-4, -8]


def test_an_operator_and_a_convention_are_counted(done):
    assert done["operator"] == 10
    assert "61100840" in done["elements"]


def test_a_column_is_there_in_new_stores_and_in_upgraded_ones(done):
    assert done["upgraded"] == f"old.db has schema {SCHEMA_VERSION + 1}\n"
    fresh, upgraded = done["weather"]
    assert {row["weather"] for row in fresh} == {"fair"}
    assert upgraded == [{"weather": "fair"}]


def test_a_page_of_the_manual_is_listed_and_shown(done):
    assert done["guide"].startswith("towers        Towers: a topic\n")
    assert done["guide"].endswith("# Towers: a topic\n")


def test_a_picture_is_drawn_by_its_command(done):
    (bars,) = json.loads(done["picture"])["data"]
    assert (bars["type"], bars["x"]) == ("bar", ["tower"])


def test_an_executor_runs_evaluations(done):
    assert done["twins"]
    assert len(done["narrow"]) == 3


def test_a_tracker_is_told_of_a_search(done):
    assert done["told"] == "tower: narrow done done done"


def test_a_command_runs(done):
    assert done["hello"] == "hello\n"
