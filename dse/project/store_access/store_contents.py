"""What is put into a store beside sweeps and searches, and what is taken out of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dse.project.measurements import TableImport
from dse.project.store_access.asking import Outcome, forgettable
from dse.project.store_access.store_reader import StoreReader

if TYPE_CHECKING:
    from dse.project.design_spaces import Space
    from dse.project.measurements import Imported, ImportedBlocks, Measured
    from dse.project.progress_bars import WantedProgress


@dataclass(frozen=True)
class StoreContents(StoreReader):
    """A store whose measurements and numbers of blocks come from elsewhere."""

    def import_(
        self,
        file: str | Path,
        name: str | None = None,
        *,
        source: str | None = None,
        replace: bool = False,
        family: str | None = None,
        config_dir: str | Path | None = None,
        allow: Iterable[str] = (),
    ) -> Imported:
        """Import measurements from a table; new candidates are made where a row names all axes.

        Args:
            file: csv, json, jsonl or parquet.
            name: the one measurement to import, and the name to store it under.
            source: what the numbers are known by when they come again; by default the file's name.
            replace: remove what the source no longer has.
            family: of all rows, where no column says it.
            config_dir: a directory of your own with `family/*.yaml`.
            allow: modules of yours that a page may name.

        Raises:
            DseError: for a table that cannot be read, or whose rows cannot be told apart; nothing
                is stored then.
        """
        from dse.project.measurements import import_table

        directory = None if config_dir is None else Path(config_dir)
        table = (Path(file), name, source, replace, family, directory, tuple(allow))
        command = f"dse.open(…).import_({Path(file).name})"
        return import_table(TableImport(*table), self.url, command)

    def measure(
        self,
        space: Space,
        *,
        place: str = "cpu",
        threads: int = 1,
        rounds: int = 6,
        runs: int = 3,
        networks: int = 24,
        seed: int = 0,
        again: bool = False,
        progress: WantedProgress = None,
    ) -> Measured:
        """Time each distinct block of a space on this machine, so that it has a `latency`.

        The same call again times what is left. The numbers are those of the device of the space.

        Args:
            space: of a family of blocks.
            place: where blocks run: `cpu`, or a device of CUDA.
            threads: of the CPU; the time of one is processor time, that of several by the clock.
            rounds: how often the blocks are gone through; the median of all runs counts.
            runs: of a block in a round, behind one that is not timed.
            networks: whole ones that are timed: one half to calibrate by, the other to check.
            seed: of the networks that are drawn.
            again: time blocks again that the store knows the time of.
            progress: True for a bar, or a function that is called with the number of what is
                timed, and of all.

        Raises:
            DseError: for a space of callables or integers, and numbers that are not positive.
        """
        from dse.devices import Timer
        from dse.project.measurements import Measuring, measure
        from dse.project.progress_bars import wanted_progress

        space = space.with_store(self.url)
        wanted = Measuring(space, Timer(place, threads, rounds, runs), networks, seed, again)
        command = f"dse.open(…).measure({space.family})"
        with wanted_progress(progress, "measure", "blocks and networks") as (tell, begun):
            return measure(wanted, self.url, command, tell, begun)

    def import_blocks(
        self,
        space: Space,
        file: str | Path,
        name: str = "latency",
        *,
        unit: str | None = None,
        column: str | None = None,
        scale: int = 1,
        rule: str | Path | None = None,
    ) -> ImportedBlocks:
        """Take numbers of blocks from a file, so that networks have the sum as a cost.

        Args:
            space: whose blocks they are of; they are those of its device.
            file: YAML by key, or a csv, json, jsonl or parquet file with a column `id` or `key`.
            name: the cost that they are of.
            unit: of the numbers, such as `ms`; by default that of the rule.
            column: that has the numbers; by default the only one that can.
            scale: what numbers are multiplied by to be whole.
            rule: how keys name blocks: `once_for_all`, or the path of a page of your own.

        Raises:
            DseError: for a file that cannot be read, numbers that are none, or blocks that are
                not those of the space; nothing is stored then.
        """
        from dse.project.measurements import BlockImport, import_blocks

        named = None if rule is None else str(rule)
        wanted = BlockImport(space, Path(file), name, unit, column, scale, named)
        command = f"dse.open(…).import_blocks({Path(file).name})"
        return import_blocks(wanted, self.url, command)

    def forget(
        self, measurement: str, where: str | None = None, outcome: Outcome | None = None
    ) -> int:
        """Remove measurements of the candidates that meet a condition; return how many.

        Args:
            measurement: what was measured, such as `accuracy`.
            where: which candidates; all without it.
            outcome: only the evaluations that came out like this.

        Raises:
            DseError: for a malformed condition, or a store that there is not.
        """
        found = forgettable(self.url, measurement, where, outcome)
        found.forget()
        return found.number

    def upgrade(self) -> int:
        """Bring the store of an older dse up to date, after a copy of its file.

        Returns:
            the version of its schema.

        Raises:
            DseError: for a store that there is not, or that cannot be upgraded.
        """
        from dse.store import SCHEMA_VERSION, open_existing

        open_existing(self.url).dispose()
        return SCHEMA_VERSION
