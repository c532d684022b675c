"""A store of somebody else's is data: to repeat, show or export it runs and writes nothing."""

import json
import shutil
import sqlite3

import pytest
import torch

from dse import design_space
from dse.project.exports.python_export import python_source
from tests.cli.command import dse, refused

SWEEP = ("sweep", "family=mlp", "grid=none", "grid.width=[8]", "grid.resolution=[8]")


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    directory = tmp_path_factory.mktemp("swept")
    dse(directory, *SWEEP)
    return directory


@pytest.fixture
def directory(swept, tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "s3cr3t")
    shutil.copytree(swept, tmp_path / "work")
    return tmp_path


def change_run(directory, change):
    """Change the config of the first run as somebody may who has the file."""
    with sqlite3.connect(directory / "work" / "outputs" / "dse.db") as connection:
        (text,) = connection.execute("select config from run where id = 1").fetchone()
        config = json.loads(text)
        change(config)
        connection.execute("update run set config = ? where id = 1", (json.dumps(config),))


def files(directory):
    return {path for path in directory.rglob("*") if path.suffix not in (".db-shm", ".db-wal")}


TRAP = {"_target_": "pathlib.Path.touch", "self": "caught"}

CONFIGS = {
    "a callback": lambda c: c.update({"+hydra.callbacks.own": TRAP}),
    "a node of Hydra": lambda c: c.update({"hydra": {"callbacks": {"own": TRAP}}}),
    "a path into Hydra": lambda c: c.update({"hydra.run.dir": "/tmp"}),
    "trust by addition": lambda c: c.update({"+allow": "[pathlib]"}),
    "trust by force": lambda c: c.update({"++allow": ["pathlib"]}),
    "trust": lambda c: c.update({"allow": ["pathlib"]}),
    "a deletion": lambda c: c.update({"~allow": None}),
    "a flag": lambda c: c.update({"--config-dir": "/tmp"}),
    "an absolute path": lambda c: c.update({"/tmp/own": {"a": 1}}),
    "an absolute path as a group": lambda c: (
        c.update({"/tmp/own": {"a": 1}}), c["choices"].update({"/tmp/own": "x"})
    ),
    "a choice that leads out": lambda c: c["choices"].update({"family": "../../own"}),
    "a choice that is absolute": lambda c: c["choices"].update({"family": "/tmp/own"}),
    "a choice that is a list": lambda c: c["choices"].update({"family": ["mlp"]}),
    "a group that leads out": lambda c: c["choices"].update({"../own": "mlp"}),
    "choices that are none": lambda c: c.update({"choices": "family"}),
    "a secret": lambda c: c.update({"variant": "${oc.env:SECRET}"}),
    "a secret in the family": lambda c: c["family"]["axes"].update({"width": "${oc.env:SECRET}"}),
    "a secret in a key": lambda c: c["family"]["axes"].update({"${oc.env:SECRET}": 1}),
    "a value of another type": lambda c: c.update({"seed": [1]}),
    "a family that is a word": lambda c: c.update({"family": "mlp"}),
    "no family": lambda c: c.pop("family"),
    "another model": lambda c: c.update({"family": {
        "kind": "callable", "target": "os.system", "axes": {"command": "touch caught"},
        "input": [3, 8, 8]}}),
    "overrides in a value": lambda c: c.update({"keep": "all hydra.run.dir=/tmp"}),
    "a depth without an end": lambda c: c.update(
        {"family": json.loads("[" * 300 + "]" * 300)}),
    "a list": lambda c: c.update({"min": "macs"}),
}  # fmt: skip
"""What the config of a run may try."""


@pytest.mark.parametrize("way", CONFIGS)
def test_a_run_is_repeated_by_values_of_its_keys_alone(directory, way):
    change_run(directory, CONFIGS[way])
    before = files(directory)
    line = refused(directory / "work", "rerun", "1", "--into", "again.db")
    assert "run 1" in line or "keep: unknown" in line or "family mlp" in line, line
    assert "s3cr3t" not in line
    assert files(directory) == before


NAMES = ("../../x", "/tmp/x", 'x"""\nimport os\n"""', "a/b", "..", "", "x\x1b[31m", "x" * 200, " ")


def rename(directory, name):
    with sqlite3.connect(directory / "work" / "outputs" / "dse.db") as connection:
        connection.execute("update scope set family = ?", (name,))


@pytest.mark.parametrize("name", NAMES)
def test_a_family_without_a_right_name_becomes_no_path_and_no_code(directory, name):
    rename(directory, name)
    before = files(directory)
    for words in (
        *(("export", "1", "--to", to) for to in ("config", "python")),
        ("show", "1"),
    ):
        line = refused(directory / "work", *words)
        assert "candidate 1: the family: " in line
        assert "is no name" in line
        assert "\x1b" not in line
        assert files(directory) == before


@pytest.mark.parametrize(
    ("to", "file"), [("config", "mlp_1"), ("config", "mlp_1/family"), ("python", "mlp_1.py")]
)
def test_an_export_follows_no_link_out_of_its_directory(directory, to, file):
    link = directory / "work" / "outputs" / "export" / file
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(directory / "elsewhere")
    (directory / "elsewhere").mkdir()
    line = refused(directory / "work", "export", "1", "--to", to)
    assert "a link leads out of outputs/export" in line
    assert list((directory / "elsewhere").iterdir()) == []


def test_what_is_written_into_code_is_a_value():
    """A family has whatever name a store gives it; none of them becomes code."""
    word = '"""\nraise SystemExit\n"""\\'
    (point,) = design_space("mlp", {"width": 8, "depth": 1, "resolution": 8}).design.points()
    names = {}
    exec(compile(python_source(point.candidate, f"Of {word}"), "net.py", "exec"), names)
    assert "raise SystemExit" in names["__doc__"]
    assert names["build"]()(torch.zeros(1, *point.candidate.input_shape)).shape == (1, 10)
