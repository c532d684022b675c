"""Tables in files: rows of CSV, JSON, JSON lines or parquet, as plain dictionaries."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from dse.errors import DseError, nearest

ENDINGS = (".csv", ".json", ".jsonl", ".parquet")


def read_table(path: Path) -> list[dict[str, Any]]:
    """Return the rows of a table; a value that is missing is left out of its row.

    A value is a boolean, a number or a text; dates, lists and the like are what they are written
    as.

    Raises:
        DseError: for a file that cannot be read, of another kind, that holds no rows or no
            values, or two columns of one name.
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
    except (
        polars.exceptions.PolarsError,
        polars.exceptions.PanicException,
        OSError,
        UnicodeDecodeError,
    ) as error:
        raise DseError(f"{path}: {str(error).partition(chr(10))[0]}") from error
    # Polars gives the second column of one name another one.
    names = Counter(_DUPLICATED.sub("", name.strip()) for name in table.columns)
    for name, number in names.items():
        if number > 1:
            raise DseError(f"{path}: {number} columns are named {name!r}")
    rows = [_present(row) for row in table.iter_rows(named=True)]
    if not rows:
        raise DseError(f"{path}: holds no rows")
    if not any(rows):
        raise DseError(f"{path}: holds no values")
    return rows


_DUPLICATED = re.compile(r"_duplicated_\d+$")


def _present(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name.strip(): _cell(value) for name, value in row.items() if value is not None}


def _cell(value: Any) -> bool | int | float | str:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value if isinstance(value, bool | int | float | str) else str(value)
