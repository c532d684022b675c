"""`dse plot ranges` and `importance`: what axes have to do with a number."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from dse.cli.common_options import DEFAULT_STORE, Store
from dse.cli.plotting.plot_options import Axes, Maximize, Picture, Seed, Title, Value, Where


def ranges(
    value: Value,
    axes: Axes = "",
    where: Where = None,
    maximize: Maximize = None,
    seed: Seed = 0,
    picture: Picture = None,
    title: Title = "",
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw in which range of each axis the best candidates lie.

    By the empirical bootstrap of pycls: the best of a quarter of the samples, drawn 2,500 times.

    Example: dse plot ranges accuracy --axes width,depth --maximize --picture ranges.html
    """
    from dse.cli.plotting.shown_figures import checked, save, told
    from dse.cli.printing import print_rows
    from dse.project import found_ranges, open
    from dse.report import ranges_figure

    checked(picture)
    project = open(store)
    found = told(lambda: found_ranges(project, value, axes or (), where, maximize, seed))
    if picture is not None:
        figure = ranges_figure(found.ranges, value, found.unit, title)
        save(figure, picture, title or f"good ranges by {value}")
        return
    rows = [
        {"axis": each.axis, "from": each.low, "median": each.median, "to": each.high}
        for each in found.ranges
    ]
    print_rows(rows)


def importance(
    value: Value,
    axes: Axes = "",
    where: Where = None,
    method: Annotated[
        Literal["fanova", "ped_anova", "permutation"],
        typer.Option(help="fanova, ped_anova, or permutation."),
    ] = "fanova",
    seed: Seed = 0,
    picture: Picture = None,
    title: Title = "",
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw how much each axis decides on a cost or a measurement.

    Example: dse plot importance accuracy --where "family = 'resnet'" --picture importance.html
    """
    from dse.cli.plotting.shown_figures import checked, save, told
    from dse.cli.printing import print_shares
    from dse.project import found_importance, open
    from dse.report import importance_figure

    checked(picture)
    project = open(store)
    found = told(lambda: found_importance(project, value, axes or (), where, method, seed))
    if picture is not None:
        figure = importance_figure(found.shares, value, method, found.number, title)
        save(figure, picture, title or f"what {value} depends on")
        return
    print_shares(found.shares)
