"""Tables of numbers of blocks in files: read, and matched with the blocks of a space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from dse.costs import LARGEST_NUMBER, Unit
from dse.devices.block_tables import block_digest
from dse.devices.matching_rules import MatchingRule
from dse.errors import DseError, nearest
from dse.files import read_table, read_yaml
from dse.language import parse_fraction, units_of
from dse.space import BlockUse

ID = "id"
"""The column by which a table names a block as `dse measure export=…` does: 16 digits."""
KEY = "key"
"""The column by which it names one in words of its own."""

_YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class BlockEntry:
    """A number that a table has of a block."""

    where: str
    """The file and the line."""
    key: str
    """The block, as the table names it."""
    is_id: bool
    number: int


@dataclass(frozen=True)
class NumberReading:
    """How a file's numbers are read."""

    unit: Unit
    """Of the cost."""
    suffix: str | None
    """Of the numbers, such as `ms`; None for that of the rule."""
    scale: int = 1
    """What numbers are multiplied by to be whole."""
    column: str | None = None
    """That has them; None for the only one that it can be."""


def read_entries(path: Path, reading: NumberReading, rule: MatchingRule | None) -> list[BlockEntry]:
    """Return the numbers of a file: YAML by key, or a table with a column `id` or `key`.

    Raises:
        DseError: for what is no such file, numbers without a unit, or one that is none, is
            negative, or too large; it names the line.
    """
    if path.suffix.lower() in _YAML:
        return _of_yaml(path, reading, rule)
    rows = read_table(path)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    by = next((name for name in (ID, KEY) if name in columns), None)
    if by is None:
        raise DseError(f"{path}: no column {ID} or {KEY} names the blocks; it has {columns}")
    column = _column(path, columns, reading)
    found = []
    for line, row in enumerate(rows, 2):
        if by in row and column in row:
            where = f"{path}:{line}"
            number = _number(row[column], where, reading, rule)
            found.append(BlockEntry(where, str(row[by]), by == ID, number))
    return found


def _of_yaml(path: Path, reading: NumberReading, rule: MatchingRule | None) -> list[BlockEntry]:
    if not path.is_file():
        raise DseError(f"{path}: there is no such file")
    page = read_yaml(path)
    if not isinstance(page.content, Mapping):
        raise DseError(f"{path}: expected numbers by key")
    found = []
    for key, value in page.content.items():
        where = f"{path}:{page.line([key])}"
        if isinstance(value, Mapping):
            wanted = reading.column or (rule.value if rule else "value")
            if wanted not in value:
                raise DseError(f"{where}: no {wanted!r}; {nearest(wanted, map(str, value))}")
            value = value[wanted]
        found.append(BlockEntry(where, str(key), False, _number(value, where, reading, rule)))
    return found


_OF_THE_MANIFEST = (ID, KEY, "file", "block", "settings", "input", "networks")


def _column(path: Path, columns: Sequence[str], reading: NumberReading) -> str:
    others = [name for name in columns if name not in _OF_THE_MANIFEST]
    if reading.column is not None:
        if reading.column not in columns:
            raise DseError(
                f"{path}: no column {reading.column!r}; {nearest(reading.column, others)}"
            )
        return reading.column
    if len(others) != 1:
        raise DseError(f"{path}: which column has the numbers? column={'|'.join(others) or '…'}")
    return others[0]


def _number(value: Any, where: str, reading: NumberReading, rule: MatchingRule | None) -> int:
    suffix = reading.suffix if reading.suffix is not None else (rule.unit if rule else "")
    units = units_of(reading.unit)
    is_bare = str(value).strip()[-1:].isdigit()
    if is_bare and not suffix and reading.unit != "count":
        several = [unit for unit in units if unit]
        raise DseError(f"{where}: {value} of what unit? unit={'|'.join(several)}")
    if suffix not in units:
        hint = nearest(suffix, filter(None, units))
        raise DseError(f"{where}: unit: unknown {suffix!r}; {hint}")
    exact = parse_fraction(f"{value}{suffix}" if is_bare else value, reading.unit, where)
    if exact < 0 and reading.unit != "count":
        raise DseError(f"{where}: {value} is negative")
    return _whole(exact * reading.scale, value, where, reading)


def _whole(exact: Fraction, value: Any, where: str, reading: NumberReading) -> int:
    if exact.denominator != 1 and reading.unit == "count" and reading.scale == 1:
        raise DseError(f"{where}: {value} is not a whole number; scale=1000000 counts millionths")
    number = round(exact)
    if abs(number) > LARGEST_NUMBER:
        raise DseError(f"{where}: {value} is more than {LARGEST_NUMBER:,}")
    return number


@dataclass(frozen=True)
class MatchedBlocks:
    """Numbers of blocks of a space, and what of table and space is left."""

    numbers: Mapping[int, int]
    """By the digest of a block."""
    unused: tuple[BlockEntry, ...]
    """Entries that no block of the space is meant by."""
    without: tuple[BlockUse, ...]
    """Blocks that have no entry."""


def match_entries(
    entries: Sequence[BlockEntry], uses: Sequence[BlockUse], dtype: str, rule: MatchingRule | None
) -> MatchedBlocks:
    """Return the numbers that entries give the blocks of a space.

    Raises:
        DseError: for an entry of a block that there is not, two of one block, or keys without a
            rule that reads them.
    """
    digests = [block_digest(use.block, use.input, dtype) for use in uses]
    ids = {f"{digest:016x}": digest for digest in digests}
    found: dict[int, tuple[int, str]] = {}
    unused = []
    for entry in entries:
        if entry.is_id:
            if entry.key not in ids:
                raise DseError(f"{entry.where}: no block {entry.key!r}; {nearest(entry.key, ids)}")
            those = [ids[entry.key]]
        elif rule is None:
            raise DseError(f"{entry.where}: key {entry.key!r}: rule=NAME says what keys mean")
        else:
            those = [d for d, use in zip(digests, uses, strict=True) if _means(rule, entry, use)]
        if not those:
            unused.append(entry)
        for digest in those:
            number, where = found.setdefault(digest, (entry.number, entry.where))
            if number != entry.number:
                raise DseError(f"{entry.where}: {entry.key!r} is a block that {where} has too")
    without = (use for digest, use in zip(digests, uses, strict=True) if digest not in found)
    return MatchedBlocks(
        {digest: number for digest, (number, _) in found.items()}, tuple(unused), tuple(without)
    )


def _means(rule: MatchingRule, entry: BlockEntry, use: BlockUse) -> bool:
    try:
        return rule.matches(entry.key, use)
    except DseError as error:
        raise DseError(f"{entry.where}: {error}") from error
