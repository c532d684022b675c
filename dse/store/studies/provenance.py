"""Where a run takes place: the machine, the process, the directory and the commit of its code."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

_GIT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class RunPlace:
    """Where a run takes place; its fields are columns of the table `run`."""

    host: str
    process: int
    directory: str
    git_commit: str | None
    """Of the repository that the directory is in; None outside of one."""
    git_dirty: bool | None
    """Whether files of the repository differ from the commit."""


def this_place() -> RunPlace:
    """Return where this process works."""
    directory = Path.cwd()
    commit = _git(directory, "rev-parse", "HEAD")
    changes = _git(directory, "status", "--porcelain", "--untracked-files=no") if commit else None
    dirty = None if changes is None else bool(changes)
    return RunPlace(platform.node(), os.getpid(), str(directory), commit, dirty)


def is_gone(host: str | None, process: int | None) -> bool:
    """Return whether a process of this machine has ended; unknown ones count as alive."""
    if host != platform.node() or process is None:
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return True
    except PermissionError:
        return False
    return False


def this_machine() -> str:
    """Return what tells where the number of a process means something.

    On Linux that is a boot of the machine and a namespace of processes, as containers have their
    own; elsewhere the name of the machine.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return platform.node()


def has_ended(process: int) -> bool:
    """Return whether a process of this machine has ended."""
    return is_gone(platform.node(), process)


def _git(directory: Path, *words: str) -> str | None:
    """Return what git says, or None where there is no git, no repository or no commit."""
    command = ["git", "--no-optional-locks", "-C", str(directory), *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_GIT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
