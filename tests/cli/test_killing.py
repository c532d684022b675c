"""kill −9 at random moments: the last restart leaves exactly the rows of an undisturbed run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.killing import COMMANDS
from tests.once import once

ROOT = Path(__file__).parent.parent.parent


KILLS = {
    "sweep": (8, 2),
    "search": (8, 2),
    "import": (6, 1),
    "rerun": (6, 0),
    "upgrade": (6, 0),
    "callables": (1, 0),
}
"""How often each command is killed, and how many unfinished states are seen at least."""


def test_every_command_that_is_killed_is_known():
    assert list(KILLS) == list(COMMANDS)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What became of each command, by its name."""
    place = tmp_path_factory.mktemp("killing")
    return json.loads(once(tmp_path_factory, "killing", lambda: kill_all(place)))


def kill_all(place):
    words = [sys.executable, "-m", "tests.cli.killing", place]
    words += [f"{command}:{kills}:{states}" for command, (kills, states) in KILLS.items()]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.dumps([json.loads(done.stdout), done.stderr])


@pytest.mark.parametrize("command", KILLS)
def test_no_kill_loses_or_doubles_a_row(results, command):
    (kills, states), (found, told) = KILLS[command], results
    result = found[command]
    assert "status" not in result, told
    assert result["killed"] >= kills
    assert (result["differing"], result["broken"]) == (0, 0)
    assert result["rows"] >= 3
    assert result["states"] >= states, "some kills fell between two transactions"
