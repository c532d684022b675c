"""What is heard of a worker: the one vocabulary of processes here, of Ray's and of SLURM's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ready:
    """It can take a task."""


@dataclass(frozen=True)
class Unmade:
    """What makes it ready raised an error, as it would in any other worker."""

    reason: str


@dataclass(frozen=True)
class Began:
    """It has its task and works on it, from when on the time limit counts."""


@dataclass(frozen=True)
class News:
    """Its task tells something, and waits for the answer."""

    content: Any


@dataclass(frozen=True)
class Done:
    """Its task has a result."""

    result: Any


@dataclass(frozen=True)
class Raised:
    """Its task raised an error; the worker goes on."""

    reason: str


@dataclass(frozen=True)
class Stopped:
    """It came to its end, and its task with it."""

    how: str
    """Such as `was killed by SIGKILL`."""


Event = Ready | Unmade | Began | News | Done | Raised | Stopped
"""What may be heard of a worker."""
