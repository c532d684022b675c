"""`dse fit`: how large a batch, context or network of a family fits a device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from dse.cli.composition import Request, requested_space, run_hydra_command
from dse.cli.formats import output_format
from dse.cli.printing import print_rows
from dse.project import SpaceKeys, fits_of


@dataclass
class FitConfig(SpaceKeys):
    """The keys of `conf/fit.yaml`."""

    maximize: str = "params"
    format: str = "table"


def run_fit(request: Request) -> None:
    """Print the largest batch and context, or the largest network, that fit a device."""
    values = request.values
    output = output_format(values["format"])
    space = requested_space(request)
    rows = [asdict(fit) for fit in fits_of(space, values["maximize"])]
    for row in rows:
        row["bytes"] = row.pop("nbytes")
        row["context"] = row["context"] or None
        row |= row.pop("settings")
    print_rows(rows, output, units={"bytes": "bytes"})


def main(arguments: Sequence[str]) -> None:
    """Run `dse fit` with these words."""
    run_hydra_command("fit", FitConfig, run_fit, arguments)
