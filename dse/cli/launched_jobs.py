"""How jobs ended that a launcher of Hydra ran in other processes, as none of them tells it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hydra.core.hydra_config import HydraConfig

from dse.errors import DseError


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
        for file in sorted(self.folder.iterdir()):
            name, error = json.loads(file.read_text())
            yield name, error
