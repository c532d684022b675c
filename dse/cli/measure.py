"""`dse measure`: the time of each distinct block of a space on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dse.cli.composition import Request, requested_space, run_hydra_command
from dse.cli.formats import OutputFormat, output_format
from dse.cli.printing import print_rows, progress_when_begun
from dse.configs import without_passwords
from dse.devices import Timer
from dse.language import numbered
from dse.project import (
    Measured,
    Measuring,
    Space,
    SpaceKeys,
    describe_grid,
    export_blocks,
    measure,
)


@dataclass
class MeasureConfig(SpaceKeys):
    """The keys of `conf/measure.yaml`."""

    place: str = "cpu"
    threads: int = 1
    rounds: int = 6
    runs: int = 3
    networks: int = 24
    seed: int = 0
    again: bool = False
    export: str | None = None
    to: str = "pt2"
    format: str = "table"


def command(request: Request) -> None:
    """Time the blocks of a space, or write them down for others to time."""
    values, url = request.values, str(request.values["store"]["url"])
    output = output_format(values["format"])
    space = requested_space(request)
    if values["export"] is not None:
        number = export_blocks(space, Path(values["export"]), values["to"])
        print(f"wrote {numbered(number, 'block')} and manifest.csv to {values['export']}")
        print("add a column of times to the manifest, and take it in by dse import-blocks")
        return
    timer = Timer(values["place"], *(values[key] for key in ("threads", "rounds", "runs")))
    wanted = Measuring(space, timer, values["networks"], values["seed"], values["again"])
    with progress_when_begun(
        lambda: describe_grid(space.design),
        "measure",
        lambda: wanted.networks,
        "blocks",
        output is not OutputFormat.table,
    ) as (begin, tell):
        found = measure(wanted, url, request.command, tell, begin)
    if output is not OutputFormat.table:
        print_rows([_row(found)], output, keep=True)
        return
    _print(space, found)
    print(f"stored in {without_passwords(url)}")


def _row(found: Measured) -> dict[str, Any]:
    return {
        **{name: getattr(found, name) for name in ("run", "blocks", "timed")},
        **({} if found.calibration is None else asdict(found.calibration)),
        **{name: getattr(found, name) for name in ("raw", "error", "correlation")},
        "checked": len(found.checked),
    }


def _print(space: Space, found: Measured) -> None:
    device = space.conditions.device or "no device in particular"
    print(
        f"latency of {numbered(found.blocks, 'block')} on {device}; "
        f"{found.timed:,} timed now, the others before"
    )
    print(f"blocks alone sum to {found.raw:.3f} of whole networks")
    if found.calibration is not None:
        factor, constant = found.calibration.factor, found.calibration.constant
        print(
            f"within one a block takes {factor:.3f} times what it does alone, {constant:+,.0f} ns"
        )
    print(
        f"by {numbered(len(found.checked), 'other network')}, sums differ by {found.error:.1%} on "
        f"average, and rank them with {found.correlation:.3f}"
    )


def main(arguments: Sequence[str]) -> None:
    """Run `dse measure` with these words."""
    run_hydra_command("measure", MeasureConfig, command, arguments)
