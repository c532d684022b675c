"""HEBO in an environment of its own: it pins a NumPy that the rest has long left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dse.search.samplers import Observations
from tests.rivals import hebo_server
from tests.rivals.drawn_first import DrawnFirstSampler
from tests.rivals.encodings import Indices, nearest_free, sizes, varied

ENVIRONMENT = "DSE_HEBO"
"""The variable that names the folder of the environment."""

REQUIREMENTS = (
    *("setuptools<81", "wheel", "numpy<1.25", "scipy<1.13", "pandas<2.3"),
    *("scikit-learn<1.5", "matplotlib<3.9", "catboost<1.3", "GPy>=1.13", "HEBO>=0.3.6"),
)
"""HEBO with what it needs; the upper bounds spare pip many minutes of trying newer ones."""


def folder() -> Path:
    """Return where the environment lies: where the variable says, or in the cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get(ENVIRONMENT) or cache / "dse" / "hebo")


def python() -> Path:
    return folder() / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def unavailable() -> str | None:
    """Return why HEBO cannot be asked, or None."""
    if python().exists():
        return None
    return f"HEBO has no environment in {folder()}: python -m tests.rivals hebo"


def install() -> None:
    """Make the environment.

    Raises:
        subprocess.CalledProcessError: where pip or HEBO fails; what they say was printed.
    """
    venv.create(folder(), with_pip=True)
    subprocess.run([str(python()), "-m", "pip", "install", *REQUIREMENTS], check=True)
    subprocess.run([str(python()), "-c", "import hebo.optimizers.hebo"], check=True)


class HeboSampler(DrawnFirstSampler):
    """HEBO (arXiv:2012.03826) on the design space; its proposals go to the nearest free candidate.

    HEBO has no pools: it is told of all results, and proposes any settings.
    """

    def start(self, seed: int) -> None:
        super().start(seed)
        self._server: subprocess.Popen[str] | None = None
        self._kept = varied(self.choices)

    def chosen(self, known: Observations, free: Indices, rng: np.random.Generator) -> int:
        wanted = self.choices[0].copy()
        wanted[self._kept] = self._asked(known, int(rng.integers(2**31)))
        return nearest_free(self.choices, self.ordered, wanted, free)

    def _asked(self, known: Observations, seed: int) -> list[int]:
        rows = self.choices[known.points][:, self._kept].tolist()
        losses = (-known.values[:, 0]).tolist()
        if self._server is None:
            self._server = _served([(sizes(self.choices)[a], self.ordered[a]) for a in self._kept])
            weakref.finalize(self, self._server.kill)
        answer = _answer(self._server, {"rows": rows, "losses": losses, "seed": seed})
        return [int(rank) for rank in answer]


def _served(axes: list[tuple[int, bool]]) -> subprocess.Popen[str]:
    """Return a process that answers for a design space."""
    words = [str(python()), hebo_server.__file__]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    server = subprocess.Popen(words, text=True, stdin=pipe, stdout=pipe, stderr=nothing)
    assert server.stdin is not None, "it is a pipe"
    server.stdin.write(json.dumps(axes) + "\n")
    return server


def _answer(server: subprocess.Popen[str], question: Mapping[str, Any]) -> list[int]:
    assert server.stdin is not None, "it is a pipe"
    assert server.stdout is not None, "it is a pipe"
    server.stdin.write(json.dumps(question) + "\n")
    server.stdin.flush()
    line = server.stdout.readline()
    if not line:
        raise RuntimeError(f"HEBO ended with {server.wait()}: {sys.argv[0]} asked {question}")
    return list(json.loads(line))
