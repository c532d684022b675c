"""Runs the tests of counting against other versions of libraries, in an environment of its own.

    python -m tests.versions 'torch==2.15.*' 'torchvision==0.30.*'

For whoever raises an upper pin in `pyproject.toml`: the canaries in `test_torch_internals.py` say
what a release changed. Nothing is left behind.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ("tests/counting", "tests/space/test_golden.py")


def main(requirements: list[str]) -> int:
    """Return the exit status of the tests under these requirements, such as `torch==2.15.*`."""
    if not requirements:
        print(__doc__, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="dse-versions-") as directory:
        venv.create(directory, with_pip=True)
        python = str(Path(directory) / "bin" / "python")
        install = [python, "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, "-e", ".[test]"], cwd=ROOT, check=True)
        # Only now, as these may lie above the pins that are to be raised.
        subprocess.run([*install, *requirements], cwd=ROOT, check=True)
        subprocess.run([python, "-m", "pip", "list"], cwd=ROOT, check=True)
        return subprocess.run([python, "-m", "pytest", *TESTS], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
