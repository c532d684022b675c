"""Numbers of blocks from a file, taken into a store under the name of a cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dse.costs import COSTS, UNITS, Unit, give_cost, unit_of
from dse.devices import (
    BlockEntry,
    MatchedBlocks,
    NumberReading,
    find_rule,
    match_entries,
    read_entries,
)
from dse.errors import DseError
from dse.html_tables import FieldsShown
from dse.language import units_of
from dse.project.design_spaces import (
    Space,
    declaration_of,
    design_of_blocks,
    recall,
    recorded_space,
)
from dse.project.run_recording import recorded_run
from dse.space import BlockUse, NetworkGraph, block_uses, networks_with, networks_without
from dse.store import BlockNumberTable, write_block_numbers

OF_BLOCKS = "blocks have numbers in families of blocks, not of callables"


@dataclass(frozen=True)
class BlockImport:
    """A file of numbers of the blocks of a space."""

    space: Space
    file: Path
    name: str = "latency"
    """The cost that they are of."""
    unit: str | None = None
    """Of the numbers in the file, such as `ms`."""
    column: str | None = None
    scale: int = 1
    """What they are multiplied by, to be whole."""
    rule: str | None = None
    """The format, or the page of one's own, that says what keys mean."""


@dataclass(frozen=True)
class Unnumbered:
    """A block without a number, and how many networks have none because of it."""

    block: BlockUse
    networks: int


@dataclass(frozen=True)
class ImportedBlocks(FieldsShown):
    """What came of an import of numbers of blocks."""

    run: int
    matched: int
    """Blocks of the space that have a number by the file."""
    changed: int
    """Of them, those that had none or another one before."""
    unused: tuple[BlockEntry, ...]
    """Entries of the file that no block of the space is meant by."""
    without: tuple[Unnumbered, ...]
    """Blocks that have no number, those that most networks have first."""
    networks: int
    """Distinct networks of the space."""
    bearing: int
    """Of them, those of which every block has a number."""


def import_blocks(wanted: BlockImport, url: str, command: str) -> ImportedBlocks:
    """Take numbers of blocks from a file into a store.

    Raises:
        DseError: for a file that cannot be read, numbers that are none, or blocks that are not
            those of the space; nothing is stored then.
    """
    reading, rule = _reading(wanted), None if wanted.rule is None else find_rule(wanted.rule)
    entries = read_entries(wanted.file, reading, rule)
    design = design_of_blocks(wanted.space, OF_BLOCKS)
    recall(design, url)
    graph = design.graph
    uses = block_uses(graph)
    dtype = design.conditions.dtype
    matched = match_entries(entries, uses, dtype, rule)
    if not matched.numbers:
        raise DseError(
            f"{wanted.file}: none of its {len(entries):,} entries is a block of the space"
        )
    recorded = {**recorded_space(wanted.space), "file": str(wanted.file), "name": wanted.name}
    with recorded_run(url, command, recorded, design) as (engine, run):
        table = BlockNumberTable(declaration_of(wanted.name), matched.numbers)
        device = design.conditions.device
        changed = write_block_numbers(engine, run, table, device, wanted.file.name)
    without = unnumbered(graph, matched)
    whole = graph.count()
    bearing = whole if not without else networks_without(graph, matched.without)
    return ImportedBlocks(
        run, len(matched.numbers), changed, matched.unused, without, whole, bearing
    )


def unnumbered(graph: NetworkGraph, matched: MatchedBlocks) -> tuple[Unnumbered, ...]:
    """Return the blocks without a number, those that most networks have first."""
    found = [Unnumbered(use, networks_with(graph, use)) for use in matched.without]
    return tuple(sorted(found, key=lambda each: -each.networks))


def _reading(wanted: BlockImport) -> NumberReading:
    """Return how numbers are read; the cost is declared, if it was not."""
    if wanted.scale < 1:
        raise DseError(f"scale: {wanted.scale} is not positive")
    if wanted.name not in COSTS:
        give_cost(wanted.name, unit=_unit_of_suffix(wanted.unit))
    elif not COSTS[wanted.name].is_given:
        raise DseError(f"name: {wanted.name!r} is a cost that is counted, and not given")
    return NumberReading(unit_of(wanted.name), wanted.unit, wanted.scale, wanted.column)


def _unit_of_suffix(suffix: str | None) -> Unit:
    """Return which kind of number a unit is of; a plain count where none is given."""
    several: Mapping[Unit, Mapping[str, int]] = {unit: units_of(unit) for unit in UNITS}
    order: tuple[Unit, ...] = ("count", "time", "bytes")
    return next((unit for unit in order if (suffix or "") in several[unit]), "count")
