"""`dse plot pareto`, `scatter`, `parallel`, `edf`, `correlation`: clouds of stored candidates."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from dse.cli.common_options import DEFAULT_STORE, Store
from dse.cli.plotting.plot_options import Color, Limit, Maximize, Picture, Title, Value, Where
from dse.errors import DseError

Numbers = list[str] | None


def pareto(
    least: Annotated[
        Numbers, typer.Option("--min", metavar="COLUMN", help="To be small; may be repeated.")
    ] = None,
    most: Annotated[
        Numbers, typer.Option("--max", metavar="COLUMN", help="To be large; may be repeated.")
    ] = None,
    where: Where = None,
    color: Color = None,
    budget: Annotated[
        str | None, typer.Option(help="Bounds that are drawn as lines: 'macs <= 300M'.")
    ] = None,
    limit: Limit = None,
    picture: Picture = None,
    title: Title = "",
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw candidates in two or three numbers, and the front that no other one beats.

    Example: dse plot pareto --min macs --max accuracy --color width --picture front.html
    """
    from functools import partial

    from dse.cli.plotting.shown_figures import checked, show, told
    from dse.project import open, pareto_cloud
    from dse.report import draw_pareto_plainly, pareto_figure

    goals = len(least or ()) + len(most or ())
    checked(picture, without_browser=goals == 2)
    project = open(store)
    cloud = told(
        lambda: pareto_cloud(project, least or (), most or (), where, color, budget, limit)
    )
    plainly = partial(draw_pareto_plainly, cloud, title) if goals == 2 else None
    show(pareto_figure(cloud, title), picture, title or "a front", plainly)


def scatter(
    x: Annotated[str, typer.Argument(help="From left to right: a cost, an axis …")],
    y: Annotated[str, typer.Argument(help="From below: a cost, a measurement …")],
    where: Where = None,
    color: Color = None,
    limit: Limit = None,
    picture: Picture = None,
    title: Title = "",
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw candidates in two columns of any kind.

    Example: dse plot scatter macs accuracy --color family --picture scatter.html
    """
    from dse.cli.plotting.shown_figures import checked, show, told
    from dse.project import open, plot_scatter

    checked(picture)
    project = open(store)
    figure = told(lambda: plot_scatter(project, x, y, where, color=color, limit=limit, title=title))
    show(figure, picture, title or f"{y} against {x}")


def parallel(
    columns: Annotated[
        list[str] | None,
        typer.Argument(help="By default the axes that vary, params and macs."),
    ] = None,
    where: Where = None,
    color: Color = None,
    limit: Limit = None,
    picture: Picture = None,
    title: Title = "",
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw each candidate as a line across parallel axes; to a file only.

    Example: dse plot parallel width depth macs accuracy --picture parallel.html
    """
    from dse.cli.plotting.shown_figures import checked, save, told
    from dse.project import open, plot_parallel

    if picture is None:
        raise DseError("parallel axes are no text: name a file, as in --picture parallel.html")
    checked(picture)
    project = open(store)
    figure = told(
        lambda: plot_parallel(project, columns or (), where, color=color, limit=limit, title=title)
    )
    save(figure, picture, title or "parallel axes")


def edf(
    value: Value,
    where: Where = None,
    group_by: Annotated[
        str | None, typer.Option(help="A curve for each value of these: family")
    ] = None,
    groups: Annotated[
        list[str] | None,
        typer.Option(help="In place of it, a condition for each curve; repeat it."),
    ] = None,
    maximize: Maximize = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Candidates of a group at most, the first by id.")
    ] = None,
    picture: Picture = None,
    title: Title = "",
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw what share of each group of networks is better than any value, with a 95 % band.

    The error distribution function of "Designing Network Design Spaces" (arXiv:2003.13678).

    Example: dse plot edf naswot --group-by family --picture edf.html
    """
    from dse.cli.plotting.shown_figures import checked, show, told
    from dse.project import open, plot_edf

    checked(picture)
    project = open(store)
    figure = told(
        lambda: plot_edf(
            project,
            value,
            where,
            group_by=group_by,
            groups=groups or (),
            maximize=maximize,
            limit=limit,
            title=title,
        )
    )
    show(figure, picture, title or f"distribution of {value}")


def correlation(
    columns: Annotated[
        list[str] | None,
        typer.Argument(help="Two or more numbers; by default costs and what was measured."),
    ] = None,
    where: Where = None,
    method: Annotated[
        Literal["spearman", "kendall"], typer.Option(help="spearman, or kendall.")
    ] = "spearman",
    limit: Limit = None,
    picture: Picture = None,
    title: Title = "",
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw the rank correlation of each pair of costs and measurements as a matrix.

    Example: dse plot correlation accuracy macs params activations --picture ranks.html
    """
    from dse.cli.plotting.shown_figures import checked, save, told
    from dse.cli.printing import print_rows
    from dse.project import found_correlation, open
    from dse.report import correlation_figure

    checked(picture)
    project = open(store)
    matrix = told(lambda: found_correlation(project, columns or (), where, method, limit))
    if picture is not None:
        save(correlation_figure(matrix, method, title), picture, title or "rank correlation")
        return
    rows = [
        {"": name, **{n: f"{value:.2f}" for n, value in zip(matrix.names, row, strict=True)}}
        for name, row in zip(matrix.names, matrix.coefficients.tolist(), strict=True)
    ]
    print_rows(rows, keep=True)
