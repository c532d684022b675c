"""kill −9 at random moments: the last restart leaves exactly the rows of an undisturbed run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("command", ["sweep", "search"])
def test_no_kill_loses_or_doubles_a_row(tmp_path, command):
    words = [sys.executable, "-m", "tests.cli.killing", command, "25", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["killed"] >= 25
    assert (result["differing"], result["broken"]) == (0, 0)
    assert result["rows"] >= 30
    assert result["states"] >= 3, "some kills fell between two transactions"
