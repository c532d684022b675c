"""How jobs ended that a launcher of Hydra ran in other processes, as none of them tells it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hydra.core.hydra_config import HydraConfig

from dse.cli.composition.words import quoted
from dse.errors import DseError


def with_records(words: Sequence[str], folder: Path) -> list[str]:
    """Return the words of a Hydra command with where Hydra keeps records of its jobs.

    Args:
        words: of the command; `hydra.run.dir=` and `hydra.sweep.dir=` ask for records, and a
            launcher needs them where its jobs run.
        folder: for what nobody asked for; it is removed afterwards.
    """
    asking = ("hydra.run.dir=", "hydra.sweep.dir=", "hydra/launcher=")
    if any(word.startswith(asking) for word in words):
        return list(words)
    nowhere = ("hydra.run.dir=.", "hydra.output_subdir=null", "hydra/job_logging=stdout")
    return [*words, *nowhere, f"hydra.sweep.dir={quoted(str(folder / 'records'))}"]


def _process() -> tuple[str, int]:
    return platform.node(), os.getpid()


@dataclass(frozen=True)
class OutcomesElsewhere:
    """What jobs in other processes leave behind for the one that started them.

    A launcher hands this to them with what they run.
    """

    folder: Path
    started_by: tuple[str, int] = field(default_factory=_process)

    def keep(self, name: str, error: DseError | None) -> None:
        """Keep how the current job ended, where it does not run in the first process.

        Raises:
            DseError: the error of a job on a machine that does not have the folder. The launcher
                hands the first of those to the first process.
        """
        if _process() == self.started_by:
            return
        outcome = json.dumps([name, None if error is None else str(error)])
        try:
            (self.folder / f"{HydraConfig.get().job.num:06}").write_text(outcome)
        except OSError:
            if error is not None:
                raise DseError(f"{name}: {error}") from None

    def kept(self) -> Iterator[tuple[str, str | None]]:
        """Yield the names of jobs in their order, each with its error."""
        for file in sorted(each for each in self.folder.iterdir() if each.is_file()):
            name, error = json.loads(file.read_text())
            yield name, error
