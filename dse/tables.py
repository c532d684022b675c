"""Tables in files: rows of CSV, JSON, JSON lines or parquet, as plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dse.errors import DseError, nearest

ENDINGS = (".csv", ".json", ".jsonl", ".parquet")


def read_table(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table; a value that is missing is left out of its row.

    Raises:
        DseError: for a file that cannot be read, of another kind, or that holds no rows.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise DseError(f"{path}: unknown ending {ending!r}; {nearest(ending, ENDINGS)}")
    if not path.is_file():
        raise DseError(f"{path}: there is no such file")
    # Takes 0.2 s to load, and only few commands read tables.
    import polars

    try:
        # Polars takes no path that is not UTF-8.
        with path.open("rb") as file:
            if ending == ".csv":
                table = polars.read_csv(file, infer_schema_length=None)
            elif ending == ".parquet":
                table = polars.read_parquet(file)
            elif ending == ".jsonl":
                table = polars.read_ndjson(file, infer_schema_length=None)
            else:
                table = polars.read_json(file, infer_schema_length=None)
    except (polars.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise DseError(f"{path}: {str(error).partition(chr(10))[0]}") from error
    rows = [_present(row) for row in table.iter_rows(named=True)]
    if not rows:
        raise DseError(f"{path}: holds no rows")
    return rows


def _present(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name.strip(): value for name, value in row.items() if value is not None}
