"""The regret curves of a comparison as a table, to be drawn again or by other tools."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dse.errors import DseError
from dse.files import written_whole

if TYPE_CHECKING:
    from dse.search import Curve

COLUMNS = ("table", "budget", "sampler", "seed", "evaluations", "regret")
_OF_OLD = COLUMNS[1:]
"""Of one table, which had no name."""


def write_curves(curves: Sequence[Curve], path: Path) -> None:
    """Write a row for each evaluation of each run, as CSV; a regret that there is not is empty.

    Raises:
        DseError: where the file cannot be written.
    """
    with written_whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for curve in curves:
            run = (curve.table, curve.bounds, curve.sampler, curve.seed)
            for number, regret in enumerate(curve.regret.tolist(), start=1):
                writer.writerow([*run, number, "" if math.isnan(regret) else regret])


def read_curves(path: Path) -> list[Curve]:
    """Return the curves of a file that `write_curves` wrote; one of old has no column `table`.

    Raises:
        DseError: for a file that cannot be read, other columns, or a run without numbers.
    """
    import numpy as np

    from dse.search import Curve

    runs: dict[tuple[str, str, str, int], list[float]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) not in (COLUMNS, _OF_OLD):
                raise DseError(
                    f"{path}: expected the columns {', '.join(COLUMNS)}, as `dse compare --curves` "
                    "writes them"
                )
            for row in reader:
                key = (row.get("table", ""), row["budget"], row["sampler"], int(row["seed"]))
                runs.setdefault(key, []).append(_regret(row))
    except OSError as error:
        raise DseError(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise DseError(f"{path}:{reader.line_num}: {error}") from error
    if not runs:
        raise DseError(f"{path}: has no curve")
    return [
        Curve(sampler, bounds, seed, np.array(regret), table)
        for (table, bounds, sampler, seed), regret in runs.items()
    ]


def _regret(row: Mapping[str, str]) -> float:
    return math.nan if row["regret"] == "" else float(row["regret"])
