"""`dse plot`: a command a kind of picture."""

from __future__ import annotations

import typer
from typer.core import TyperGroup

from dse.cli.common_options import OF_ALL_COMMANDS
from dse.cli.composition import own_directory
from dse.cli.plotting.axis_plots import importance, ranges
from dse.cli.plotting.candidate_plots import correlation, edf, parallel, pareto, scatter
from dse.cli.plotting.model_pictures import network, roofline, timeline
from dse.cli.plotting.search_plots import compare, history
from dse.errors import DseError, nearest


class KindsOfPictures(TyperGroup):
    """The kinds, of which the nearest is told for one that there is not."""

    def resolve_command(self, ctx, args):  # type: ignore[no-untyped-def]
        """Return the kind that is named."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            raise DseError(f"plot: unknown kind {args[0]!r}; {nearest(args[0], self.commands)}")
        return super().resolve_command(ctx, args)


plot = typer.Typer(
    name="plot",
    help="Draw a picture: to a file with --picture, or as text.\n\n"
    "Example: dse plot pareto --min macs --max accuracy --picture front.html",
    epilog=OF_ALL_COMMANDS,
    cls=KindsOfPictures,
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
)
for kind in (
    compare,
    correlation,
    edf,
    history,
    importance,
    network,
    parallel,
    pareto,
    ranges,
    roofline,
    scatter,
    timeline,
):
    plot.command(epilog=OF_ALL_COMMANDS)(kind)

_HYDRA = {"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []}


@plot.command(context_settings=_HYDRA, add_help_option=False)
def distribution(context: typer.Context) -> None:
    """Draw how a cost is spread over all networks of a space of any size, exactly.

    A Hydra application: `dse plot distribution --help` explains its keys. It stores nothing.

    Example: dse plot distribution macs family=ofa_mobilenet_v3 grid.resolution=224
    """
    if {"--help", "-h"} & set(context.args):
        from dse.cli.composition import help_of

        print(help_of("plot-distribution", own_directory(context.args)), end="")
        return
    from dse.cli.plotting.plotted_spaces import main

    main(context.args)
