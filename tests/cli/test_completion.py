"""Words of the command line are completed: what `dse` offers, and real shells that ask for it."""

import contextlib
import json
import os
import pty
import re
import select
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dse.cli.completing.completed_words import HYDRA_COMMANDS, completed
from dse.cli.completion import Shell, print_completions
from dse.cli.main import app, command_tree
from dse.configs.config_places import family_pages
from tests.cli.command import dse


def offered(line):
    """Return what is offered for the last word of a line behind `dse`."""
    *before, word = line.split(" ")
    return completed(app, before, word)


CASES = {
    "swe": "sweep",
    "sweep family=mobilenet_v3": "family=mobilenet_v3",
    "sweep -m family=mlp,squ": "family=mlp,squeezenet",
    "sweep grid.wi": "grid.width=",
    "sweep family=resnet grid.gro": "grid.groups=",
    "sweep family=resnet variant=resnet1": "variant=resnet18",
    "sweep budget.ma": "budget.macs=",
    "sweep --budget mac": "macs",
    "sweep cost.dtype=b": "cost.dtype=bfloat16",
    "sweep min=[ma": "min=[macs",
    "search objective=nas": "objective=naswot",
    "search objective=train objective.ep": "objective.epochs=",
    "search exact=f": "exact=false",
    "search --st": "--store",
    "space histogram=par": "histogram=params",
    "count --conv": "--convention",
    "count x --convention tho": "thop",
    "count x --compare thop,fv": "thop,fvcore",
    "count x --kernels fl": "flash",
    "query --format j": "json",
    "query --format=jsonl": "--format=jsonl",
    "query --sort -mac": "-macs",
    "pareto --min peak_m": "peak_memory",
    "families mobilenet_v2": "mobilenet_v2",
    "blocks mbc": "mbconv",
    "guide tou": "tour",
    "completion z": "zsh",
    "forget --outcome f": "failed",
    "runs --qui": "--quiet",
}


@pytest.mark.parametrize("line", CASES)
def test_words_are_completed(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert CASES[line] in offered(line)


@pytest.mark.parametrize("name", [*command_tree().commands])
def test_every_option_of_every_command_is_offered(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = offered(f"{name} --")
    assert {"--help", "--quiet", "--debug"} <= set(found)
    options = {word for each in command_tree().commands[name].params for word in each.opts}
    assert {word for word in options if word.startswith("--")} <= set(found)
    if name in HYDRA_COMMANDS:
        families = {f"family={family}" for family in family_pages(None)}
        assert families <= set(offered(f"{name} family="))


def test_pages_of_ones_own_are_offered_with_their_axes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own" / "family").mkdir(parents=True)
    text = family_pages(None)["mlp"].read_text().replace("  width:", "  breadth:")
    (tmp_path / "own" / "family" / "mine.yaml").write_text(text)
    assert offered("sweep --config-dir own family=mi") == ["family=mine"]
    assert offered("sweep --config-dir own family=mine grid.bre") == ["grid.breadth="]


def test_columns_of_the_store_are_offered(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dse(tmp_path, "sweep", "family=mlp", "grid=none", "grid.resolution=8", "--store", "own.db")
    assert {"-activations", "-activation"} <= set(offered("query --store own.db --sort -activ"))
    monkeypatch.setenv("DSE_STORE", "own.db")
    assert "activation" in offered("query --columns id,activ")[-1]


def test_no_name_of_a_strangers_file_or_store_is_more_than_a_word(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    bad = ("x$(touch owned)", "x`id`", "x;ls", "x y", "x\x1b[31m", "x|cat", "x>f", "x'")
    dse(tmp_path, "sweep", "family=mlp", "grid=none", "grid.resolution=8")
    names = [*bad, "xplain"]
    (tmp_path / "family").mkdir()
    for name in names:
        (tmp_path / "family" / f"{name}.yaml").write_text("axes:\n  width: 1\n")
    with contextlib.closing(sqlite3.connect("outputs/dse.db")) as store:
        axes = json.dumps(dict.fromkeys(names, "number"))
        store.execute("insert into family (name, axes) values ('bad', ?)", (axes,))
        store.commit()
    for line in ("dse query --sort x", "dse sweep --config-dir . family=x"):
        print_completions(app, line)
        assert capsys.readouterr().out.split("\n") in (["xplain", ""], ["family=xplain", ""])


def test_what_cannot_be_read_completes_to_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert offered("sweep --config-dir nowhere family=") == []
    (tmp_path / "broken.db").write_bytes(b"no database")
    assert "macs" in offered("query --store broken.db --sort ma")
    assert offered("sweeep fam") == []


def pressed(shell, typed, directory):
    """Type a line and a tabulator into an interactive shell; return what stands there then."""
    ours, theirs = pty.openpty()
    scripts = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "TERM": "dumb",
        "PS1": "READY> ",
        "HOME": str(directory),
        "ZDOTDIR": str(directory),
    }
    words = {"bash": ["bash", "--norc", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell]
    running = subprocess.Popen(
        words, cwd=directory, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = ""

    def until(pattern):
        nonlocal shown
        end = time.monotonic() + 30
        while not re.search(pattern, shown, flags=re.DOTALL):
            assert time.monotonic() < end, shown
            if select.select([ours], [], [], 0.1)[0]:
                shown += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\x07", "", os.read(ours, 4096).decode())

    try:
        until("READY> ")
        os.write(ours, f'eval "$(dse completion {shell})"; echo LOADED-$?\n'.encode())
        # The echo of the line holds `LOADED-$?`; a prompt follows once the shell reads keys again.
        until("LOADED-0.*READY> ")
        shown = ""
        os.write(ours, f"{typed}\t".encode())
        # The shell reads this when it has completed, so that it says where that ends.
        os.write(ours, b"#")
        until("#")
    finally:
        running.kill()
        running.wait()
        os.close(ours)
    return drawn(shown.rpartition("READY> ")[2].partition("#")[0])


def drawn(text):
    """Return what stands in a line of which a terminal has been sent a text."""
    line, place = "", 0
    for character in text:
        if character == "\x08":
            place -= 1
        else:
            line, place = line[:place] + character + line[place + 1 :], place + 1
    return line


PRESSED = {
    "dse swe": "dse sweep ",
    "dse sweep family=mobilenet_v2 grid.wid": "dse sweep family=mobilenet_v2 grid.width=",
    "dse sweep family=squ": "dse sweep family=squeezenet ",
    "dse query --sort -peak_m": "dse query --sort -peak_memory ",
    "dse families squ": "dse families squeezenet ",
}


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize("typed", PRESSED)
def test_a_real_shell_completes(shell, typed, tmp_path):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed, so that its completion is not known")
    assert pressed(shell, typed, tmp_path).endswith(PRESSED[typed])


@pytest.mark.parametrize("shell", Shell)
def test_every_shell_has_a_script(shell, tmp_path):
    assert "_DSE_COMPLETE" in dse(tmp_path, "completion", shell).stdout
