"""`dse rerun`: a run once more, from the config that the store keeps of it."""

from __future__ import annotations

from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, Store


def rerun(
    run: Annotated[int, typer.Argument(help="The run's id, as `dse runs` prints it.")],
    into: Annotated[
        str | None, typer.Option(metavar="URL", help="Another store for the rows.")
    ] = None,
    allow: Allow = None,
    store: Store = DEFAULT_STORE,
) -> None:
    """Repeat a sweep or a search from its stored request, whatever the pages say by now.

    In the same store it finds what is there and adds what a run that was cut short left out; in
    another one it makes the same rows.

    Example: dse rerun 3 --into again.db
    """
    import shlex

    from dse.cli import search, sweep
    from dse.project import SearchRequest, stored_request

    request = stored_request(run, store, allow or ())
    options = [*(["--into", into] if into else []), *(f"--allow={name}" for name in allow or ())]
    typed = shlex.join(["dse", "rerun", str(run), *options])
    if isinstance(request, SearchRequest):
        search.run(request, into or store, typed)
    else:
        sweep.run(request, into or store, typed)
