"""Files through which a job and the process that submitted it hear of one another.

Both see one directory, which may be of a network file system: a file appears whole, under a name
that is used once, and what is new is found by listing, as such a file system may remember for long
that a name was not there.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import shutil
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from typing import Any

_FOLDERS = ("tasks", "wanted", "heard", "answers")
_SIGNS = 5
"""Signs of life in the time after whose silence a process is taken for dead."""


@dataclass(frozen=True)
class JobFiles:
    """The directory of a pool's jobs."""

    directory: Path

    @property
    def submitted(self) -> Path:
        """Where submitit has files of its own."""
        return self.directory / "submitit"

    @property
    def alive(self) -> Path:
        """The file whose time changes as long as the process that submitted the jobs lives."""
        return self.directory / "alive"

    def create(self, work: Any) -> None:
        """Make the directory, and write the work that all jobs are for."""
        for folder in _FOLDERS:
            (self.directory / folder).mkdir(parents=True)
        self.alive.touch()
        self._write(self.directory / "work", work)

    def remove(self) -> None:
        """Remove all, and the folder that it is in where that is empty then."""
        shutil.rmtree(self.directory, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.directory.parent.rmdir()

    def work(self) -> Any:
        """Return the work that all jobs are for."""
        return self._read(self.directory / "work")

    def give(self, job: str, task: Any) -> None:
        """Write what a job is to do, and that it is wanted."""
        self._write(self.directory / "tasks" / job, task)
        (self.directory / "wanted" / job).touch()

    def task(self, job: str) -> Any:
        """Return what a job is to do."""
        return self._read(self.directory / "tasks" / job)

    def end(self, job: str) -> None:
        """Say that a job is no longer wanted."""
        (self.directory / "wanted" / job).unlink(missing_ok=True)

    def is_wanted(self, job: str) -> bool:
        """Return whether a job is wanted."""
        return (self.directory / "wanted" / job).exists()

    def tell(self, job: str, number: int, content: Any) -> None:
        """Write a thing that a job tells; they are numbered."""
        self._write(self.directory / "heard" / f"{job}-{number:06}", content)

    def heard(self) -> list[tuple[str, int, Any]]:
        """Return the job, the number and the content of what was told since this was asked."""
        found = []
        for name in self._names("heard"):
            file = self.directory / "heard" / name
            job, _, number = name.rpartition("-")
            found.append((job, int(number), self._read(file)))
            file.unlink()
        return found

    def answer(self, job: str, number: int, content: Any) -> None:
        """Write the answer to what a job told under a number."""
        self._write(self.directory / "answers" / f"{job}-{number:06}", content)

    def answered(self, job: str, number: int) -> tuple[Any, ...]:
        """Return the answer in a tuple; an empty one as long as there is none."""
        name = f"{job}-{number:06}"
        is_there = name in self._names("answers")
        return (self._read(self.directory / "answers" / name),) if is_there else ()

    def _names(self, folder: str) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return sorted(n for n in os.listdir(self.directory / folder) if n[0] != ".")
        return []

    def _read(self, file: Path) -> Any:
        return pickle.loads(file.read_bytes())

    def _write(self, file: Path, content: Any) -> None:
        unfinished = file.with_name(f".{file.name}")
        unfinished.write_bytes(pickle.dumps(content))
        unfinished.rename(file)


class SignsOfLife:
    """Gives signs of life to jobs, from a thread.

    Args:
        files: of the jobs.
        patience: seconds of silence after which they end.
    """

    def __init__(self, files: JobFiles, patience: float) -> None:
        self._file = files.alive
        self._pause = patience / _SIGNS
        self._ended = Signal()
        self._thread = Thread(target=self._give, daemon=True)

    def begin(self) -> None:
        """Give the first, and one after the other."""
        self._thread.start()

    def end(self) -> None:
        """Give no more of them."""
        self._ended.set()
        self._thread.join()

    def _give(self) -> None:
        while not self._ended.wait(self._pause):
            # A file system that fails for a moment is one that may be back for the next.
            with contextlib.suppress(OSError):
                os.utime(self._file)
