"""The regret curves of a comparison as a table, to be drawn again or by other tools."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from dse.errors import DseError
from dse.whole_files import written_whole

if TYPE_CHECKING:
    from dse.search import Curve

COLUMNS = ("budget", "sampler", "seed", "evaluations", "regret")


def write_curves(curves: Sequence[Curve], path: Path) -> None:
    """Write a row for each evaluation of each run, as CSV.

    Raises:
        DseError: where the file cannot be written.
    """
    with written_whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for curve in curves:
            for number, regret in enumerate(curve.regret.tolist(), start=1):
                writer.writerow([curve.bounds, curve.sampler, curve.seed, number, regret])


def read_curves(path: Path) -> list[Curve]:
    """Return the curves of a file that `write_curves` wrote.

    Raises:
        DseError: for a file that cannot be read, other columns, or a run without numbers.
    """
    import numpy as np

    from dse.search import Curve

    runs: dict[tuple[str, str, int], list[float]] = {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise DseError(
                    f"{path}: expected the columns {', '.join(COLUMNS)}, as `dse compare --curves` "
                    "writes them"
                )
            for row in reader:
                key = (row["budget"], row["sampler"], int(row["seed"]))
                runs.setdefault(key, []).append(float(row["regret"]))
    except OSError as error:
        raise DseError(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise DseError(f"{path}:{reader.line_num}: {error}") from error
    if not runs:
        raise DseError(f"{path}: has no curve")
    return [
        Curve(sampler, bounds, seed, np.array(regret))
        for (bounds, sampler, seed), regret in runs.items()
    ]
