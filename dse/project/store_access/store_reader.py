"""What is asked of a store that exists: nothing here writes to it."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dse.configs import without_passwords
from dse.errors import DseError, nearest
from dse.html_tables import fact, html_facts, html_panel
from dse.project.exports import FLOAT32, ExportFormat
from dse.project.frames import frame_of
from dse.project.networks import Difference, difference_of
from dse.project.store_access.asking import (
    Names,
    asked,
    correlated,
    recorded_runs,
    totals,
    undominated,
)
from dse.project.store_access.study_listing import recorded_studies, recorded_trials
from dse.shown_values import html_costs, html_rows
from dse.store import (
    Answer,
    StoredCandidate,
    Words,
    answer_sql,
    find_run,
    open_for_reading,
    registered_families,
)

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True)
class ShownCandidate:
    """A stored candidate, closely."""

    stored: StoredCandidate = field(repr=False)
    layers: polars.DataFrame
    """The costs of each layer under the candidate's conditions; empty where there is no network."""

    def _repr_html_(self) -> str:
        stored, row = self.stored, self.stored.row
        stated = {f"cost.{name}": fact(value) for name, value in row.conditions.stated.items()}
        facts = {"family": row.family, **{n: fact(v) for n, v in row.settings.items()}, **stated}
        measured = {name: fact(value) for name, value in stored.means.items()}
        invalid = {"cannot be built": row.invalid or ""}
        return html_panel(
            f"Candidate {stored.id}",
            html_facts(facts | measured | invalid),
            "" if row.costs is None else html_costs(row.costs),
            html_rows(self.layers.select(_OF_LAYERS).to_dicts()) if len(self.layers) else "",
        )


_OF_LAYERS = ("layer", "type", "params", "macs", "activation_memory")
"""Columns that a notebook has room for."""


@dataclass(frozen=True)
class StoreReader:
    """A store, and what can be asked of it."""

    url: str
    """A SQLite file, or an SQLAlchemy URL."""

    def _repr_html_(self) -> str:
        """Return where the store is, and what is in it where it is a file that can be read."""
        facts = {"store": without_passwords(self.url)}
        if "://" not in self.url:
            # A server may take long to answer, or to tell that it does not.
            facts |= self._contents
        return html_panel(type(self).__name__, html_facts(facts))

    @property
    def _contents(self) -> dict[str, str]:
        if not Path(self.url).exists():
            return {"contents": "none yet"}
        try:
            return {name: fact(number) for name, number in self.status().items()}
        except DseError as error:
            return {"contents": str(error)}

    def query(
        self,
        where: str | None = None,
        columns: Names = None,
        sort: Names = None,
        limit: int | None = None,
        group_by: Names = None,
    ) -> polars.DataFrame:
        """Return the candidates that meet a condition, or a row for each group of them.

        Args:
            where: such as `macs < 300M and width >= 1`; all candidates without it.
            columns: what to show, and in which order.
            sort: what to sort by; a minus puts the largest first.
            limit: rows at most.
            group_by: one row for each value of these.

        Raises:
            DseError: for a malformed condition, an unknown column, or a store that cannot be read.
        """
        return _frame(asked(self.url, where, columns, sort, limit, group_by))

    def sql(self, statement: str, limit: int | None = None) -> polars.DataFrame:
        """Return what a SELECT statement finds, over a connection that only reads.

        Raises:
            DseError: for a statement that is none, or that does more than read.
        """
        return _frame(answer_sql(open_for_reading(self.url), statement, limit))

    def pareto(
        self,
        minimize: Names = (),
        maximize: Names = (),
        where: str | None = None,
        columns: Names = None,
        limit: int | None = None,
    ) -> polars.DataFrame:
        """Return the candidates that no other one beats, sorted by the first number.

        Args:
            minimize: numbers to be small: costs, axes, measurements, or arithmetic over them.
            maximize: numbers to be large.
            where: which candidates are compared.
            columns: what to show.
            limit: rows at most.

        Raises:
            DseError: for no number, an unknown column, or a malformed condition.
        """
        return _frame(undominated(self.url, minimize, maximize, where, columns, limit))

    def correlate(self, columns: Words, where: str | None = None) -> polars.DataFrame:
        """Return Spearman's and Kendall's rank correlation of each pair of numbers.

        Raises:
            DseError: for less than two columns, an unknown one, or a malformed condition.
        """
        return _frame(correlated(self.url, columns, where))

    def runs(self) -> polars.DataFrame:
        """Return every run with what it has done, found invalid, failed at and left."""
        rows = recorded_runs(self.url)
        hidden = ("config", "versions")
        return frame_of([{k: v for k, v in row.items() if k not in hidden} for row in rows])

    def studies(self) -> polars.DataFrame:
        """Return every study with how far it is, the latest first."""
        return frame_of(recorded_studies(self.url))

    def trials(self, study: int) -> polars.DataFrame:
        """Return the trials of a study: who evaluated what where and when, and the best by then.

        Raises:
            DseError: for an id that the store does not hold.
        """
        return frame_of(recorded_trials(study, self.url).rows)

    def run(self, id: int) -> dict[str, Any]:
        """Return one run, with its request and the versions that it ran under.

        Raises:
            DseError: for an id that the store does not hold.
        """
        return find_run(open_for_reading(self.url), id)

    def status(self) -> dict[str, int]:
        """Return how much the store holds and how much of it failed."""
        return totals(recorded_runs(self.url))

    def families(self) -> dict[str, dict[str, Any]]:
        """Return the families of the store, each with its columns and their types."""
        found = registered_families(open_for_reading(self.url))
        return {family: dict(columns) for family, columns in found.items()}

    def show(self, id: int, allow: Iterable[str] = ()) -> ShownCandidate:
        """Return one candidate with its settings, costs, measurements and layers.

        Args:
            id: of the candidate.
            allow: modules of yours that its page may name.

        Raises:
            DseError: for an unknown id, or a page that resolves to another network by now.
        """
        from dse.project.networks import counted_layers, find_candidate, rebuild

        stored, page = find_candidate(id, self.url)
        if stored.row.invalid is not None:
            return ShownCandidate(stored, frame_of([]))
        counted, _ = counted_layers(stored, rebuild(stored, page, allow))
        layers = [
            {"layer": each.name, "type": each.type, **each.costs.as_dict()}
            for each in counted.layers
        ]
        return ShownCandidate(stored, frame_of(layers))

    def export(
        self,
        id: int,
        to: str = "config",
        output: str | Path | None = None,
        seed: int | None = None,
        allow: Iterable[str] = (),
        *,
        dtype: str = FLOAT32,
        calibration: str | Path | None = None,
        weights: str | Path | None = None,
    ) -> tuple[Path, ...]:
        """Write one candidate, and return the files.

        Args:
            id: of the candidate.
            to: `config`: a page with a grid of one point; `python`: plain PyTorch source of the
                network; `torch`, `onnx`, `tflite` or `executorch`: the network with its weights.
            output: where to; by default in outputs/export.
            seed: of the weights that are written, in a format that holds them; None for 0.
            allow: modules of yours that its page may name.
            dtype: of a `tflite` or `executorch` file: `float32` or `int8`.
            calibration: samples that int8 is measured on: a `.npy`, `.npz` or `.pt` of inputs as
                the network takes them, or a folder of images.
            weights: a file of `supernet`, whose weights the network gets in the place of those of
                `seed`; `python` writes them beside the source, as a state dictionary.

        Raises:
            DseError: for an unknown id or format, a candidate that cannot be built, or a file that
                cannot be written.
        """
        from dse.project.exports import export_candidate

        known = [str(each) for each in ExportFormat]
        if to not in known:
            raise DseError(f"to: unknown {to!r}; {nearest(to, known)}")
        path = None if output is None else Path(output)
        data = None if calibration is None else Path(calibration)
        return export_candidate(
            id,
            ExportFormat(to),
            path,
            seed,
            self.url,
            allow,
            dtype,
            data,
            None if weights is None else Path(weights),
        ).files

    def diff(
        self, first: int, second: int, layers: bool = True, allow: Iterable[str] = ()
    ) -> Difference:
        """Return how two candidates differ in settings, costs, measurements and layers.

        Raises:
            DseError: for an unknown id, or a page that resolves to another network by now.
        """
        return difference_of(first, second, self.url, layers, allow)


def _frame(found: Answer) -> polars.DataFrame:
    for note in found.notes:
        warnings.warn(note, stacklevel=3)
    return frame_of(found.rows, found.columns)
