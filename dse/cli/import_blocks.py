"""`dse import-blocks`: numbers of blocks, such as latencies, from a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dse.cli.composition import Request, requested_space, run_hydra_command
from dse.cli.formats import OutputFormat, output_format
from dse.cli.printing import print_rows
from dse.errors import DseError
from dse.language import numbered
from dse.project import (
    BlockImport,
    ImportedBlocks,
    SpaceKeys,
    Unnumbered,
    count_of,
    import_blocks,
)

MOST = 10
"""Blocks without a number, and entries without a block, that are shown."""


@dataclass
class BlockImportConfig(SpaceKeys):
    """The keys of `conf/import-blocks.yaml`."""

    file: str | None = None
    name: str = "latency"
    unit: str | None = None
    column: str | None = None
    scale: int = 1
    rule: str | None = None
    format: str = "table"


def command(request: Request) -> None:
    """Take numbers in, and print which blocks have none."""
    values = request.values
    output = output_format(values["format"])
    if values["file"] is None:
        raise DseError("no file is named, as in dse import-blocks table.csv")
    wanted = BlockImport(
        requested_space(request),
        Path(values["file"]),
        **{key: values[key] for key in ("name", "unit", "column", "scale", "rule")},
    )
    found = import_blocks(wanted, str(values["store"]["url"]), request.command)
    if output is not OutputFormat.table:
        print_rows([block_row(each) for each in found.without], output)
        return
    _print(wanted, found)


def _print(wanted: BlockImport, found: ImportedBlocks) -> None:
    device = wanted.space.conditions.device
    where = f" on {device}" if device else ""
    print(
        f"{wanted.name} of {numbered(found.matched, 'block')}{where}: "
        f"{found.changed:,} new or changed"
    )
    for entry in found.unused[:MOST]:
        print(f"{entry.where}: no block of the space is {entry.key}")
    if len(found.unused) > MOST:
        print(f"… and {len(found.unused) - MOST:,} entries more")
    print_unnumbered(wanted.name, found.without, found.networks, found.bearing)


def print_unnumbered(name: str, without: Sequence[Unnumbered], networks: int, bearing: int) -> None:
    """Print which blocks of a space have no number of a cost, and what that is to its networks."""
    if not without:
        print(f"every block of the space has one, and so have all {count_of(networks)} networks")
        return
    print(
        f"{numbered(len(without), 'block')} of the space {'has' if len(without) == 1 else 'have'} "
        f"none; {count_of(bearing)} of {count_of(networks)} networks have {name}:"
    )
    print_rows([block_row(each) for each in without[:MOST]])
    if len(without) > MOST:
        print(f"… and {len(without) - MOST:,} more")


def block_row(each: Unnumbered) -> dict[str, Any]:
    """Return a block without a number as a row."""
    use = each.block
    return {
        "block": use.block.block,
        "settings": " ".join(f"{name}={value}" for name, value in use.block.settings),
        "input": "x".join(map(str, use.input.shape[1:])),
        "networks": count_of(each.networks),
    }


def main(arguments: Sequence[str]) -> None:
    """Run `dse import-blocks` with these words; the first that is no override names the file."""
    words = list(arguments)
    for place, word in enumerate(words):
        is_value = place > 0 and words[place - 1].startswith("-") and "=" not in words[place - 1]
        if not word.startswith("-") and "=" not in word and not is_value:
            words[place] = f"file={word}"
            break
    run_hydra_command("import-blocks", BlockImportConfig, command, words)
