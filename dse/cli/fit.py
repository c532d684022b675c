"""`dse fit`: how large a batch, or a context, of a network fits a device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dse.cli.formats import output_format
from dse.cli.hydra_app import run_hydra_command
from dse.cli.output import print_rows
from dse.cli.request import Request
from dse.cli.requested_space import requested_space
from dse.devices import read_shards
from dse.project import SpaceKeys, fits_of


@dataclass
class FitConfig(SpaceKeys):
    """The keys of `conf/fit.yaml`."""

    shards: dict[str, Any] = field(default_factory=dict)
    format: str = "table"


def run_fit(request: Request) -> None:
    """Print the largest batch and context of the config's network that fit its device."""
    values = request.values
    output = output_format(values["format"])
    shards = read_shards(values["shards"])
    space = requested_space(request)
    rows = [asdict(fit) for fit in fits_of(space, shards)]
    for row in rows:
        row["bytes"] = row.pop("nbytes")
        row["context"] = row["context"] or None
    print_rows(rows, output, units={"bytes": "bytes"})


def main(arguments: Sequence[str]) -> None:
    """Run `dse fit` with these words."""
    run_hydra_command("fit", FitConfig, run_fit, arguments)
