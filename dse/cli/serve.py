"""`dse serve`: reports of a store, live."""

from __future__ import annotations

from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Allow, Store


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 for any that is free.")] = 8008,
    host: Annotated[
        str, typer.Option(help="Where to listen; elsewhere than on this machine with --token.")
    ] = "127.0.0.1",
    token: Annotated[
        str | None,
        typer.Option(envvar="DSE_TOKEN", help="What readers have to know: ?token=TEXT."),
    ] = None,
    store: Store = DEFAULT_STORE,
    allow: Allow = None,
) -> None:
    """Serve reports of a store to a browser: they follow a sweep or a search that is running.

    The store is only read; nothing can be written or run through it. Ctrl-C ends it.

    Example: dse serve --store outputs/dse.db
    """
    from dse.cli.terminal import one_line
    from dse.project import LiveServer

    server = LiveServer(store, host, port, token, tuple(allow or ()))
    server.serve(lambda where: print(one_line(f"serving on {where}"), flush=True))
