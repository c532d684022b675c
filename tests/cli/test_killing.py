"""kill −9 at random moments: the last restart leaves exactly the rows of an undisturbed run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.killing import COMMANDS

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


@pytest.mark.parametrize("command", KILLS)
def test_no_kill_loses_or_doubles_a_row(tmp_path, command):
    kills, states = KILLS[command]
    words = [sys.executable, "-m", "tests.cli.killing", command, str(kills), str(states)]
    done = subprocess.run([*words, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["killed"] >= kills
    assert (result["differing"], result["broken"]) == (0, 0)
    assert result["rows"] >= 3
    assert result["states"] >= states, "some kills fell between two transactions"
