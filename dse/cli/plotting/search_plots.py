"""`dse plot history` and `compare`: how searches got better."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dse.cli.common_options import DEFAULT_STORE, Store
from dse.cli.plotting.plot_options import Picture, Title


def history(
    studies: Annotated[
        list[int] | None,
        typer.Argument(help="Their ids; all of the latest one's goal without them."),
    ] = None,
    mean: Annotated[
        bool, typer.Option(help="The mean of the studies and its spread, not a curve for each.")
    ] = False,
    picture: Picture = None,
    title: Title = "",
    store: Store = DEFAULT_STORE,
) -> None:
    """Draw the best value that studies have found after so many evaluations.

    Example: dse plot history 1 2 3 --mean --picture history.html
    """
    from functools import partial

    from dse.cli.plotting.shown_figures import checked, show, told
    from dse.project import open, study_histories
    from dse.report import draw_history_plainly, history_figure

    checked(picture, without_browser=True)
    found = told(lambda: study_histories(open(store), studies or ()))
    what = found.histories, found.goal, found.is_least, found.unit
    figure = history_figure(*what, mean=mean, title=title)
    show(figure, picture, title or "best so far", partial(draw_history_plainly, *what, mean, title))


def compare(
    curves: Annotated[Path, typer.Argument(help="What `dse compare --curves` wrote: a .csv.")],
    picture: Picture = None,
    title: Title = "",
) -> None:
    """Draw the regret of samplers on a table of measured candidates.

    Example: dse plot compare curves.csv --picture regret.html
    """
    from functools import partial

    from dse.cli.plotting.shown_figures import checked, show
    from dse.project import read_curves
    from dse.report import draw_regret_plainly, regret_figure

    checked(picture, without_browser=True)
    found, title = read_curves(curves), title or curves.name
    show(regret_figure(found, title), picture, title, partial(draw_regret_plainly, found, title))
