"""`dse worker`: take part in a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, Store


def worker(
    study: Annotated[int, typer.Argument(help="The study's id, as `dse search` prints it.")],
    workers: Annotated[
        int | None, typer.Option(min=1, help="Evaluations at once; by default one a device named.")
    ] = None,
    device: Annotated[
        list[str] | None, typer.Option(help="Such as cuda:0; repeat it. By default a GPU, if any.")
    ] = None,
    time_limit: Annotated[
        float | None, typer.Option(help="Seconds that an evaluation may take.")
    ] = None,
    checkpoints: Annotated[
        Path | None, typer.Option(help="The directory that all who take part keep states in.")
    ] = None,
    track: Annotated[
        list[str] | None,
        typer.Option(metavar="TOOL=PLACE", help="Such as mlflow=sqlite:///mlflow.db; repeat it."),
    ] = None,
    allow: Allow = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Evaluate trials of a study until it ends, beside all others that do.

    Any number may join and leave. Processes of one machine share a SQLite file; machines share a
    PostgreSQL server. What failed is not tried again by whoever joins.

    Example: dse worker 3 --store postgresql+psycopg://host/dse --workers 4
    """
    import shlex

    from dse.cli import search
    from dse.configs import without_passwords
    from dse.project import joining_request

    tools = {tool: place for tool, _, place in (each.partition("=") for each in track or ())}
    request = joining_request(
        study, store, allow or (), workers, device or (), time_limit, checkpoints, tools
    )
    words = ["dse", "worker", str(study), "--store", without_passwords(store)]
    search.run(request, store, shlex.join(words))
