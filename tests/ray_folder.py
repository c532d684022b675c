"""A folder that Ray has for itself: one that runs elsewhere on the machine is not found from it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def ray_folder() -> Iterator[Path]:
    """Let Ray have a folder of its own, with a short name, as sockets lie in it."""
    folder = tempfile.mkdtemp(prefix="dse-")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_TMPDIR", folder)
        # Of the executor's own as well.
        patch.setenv("TMPDIR", folder)
        yield Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
