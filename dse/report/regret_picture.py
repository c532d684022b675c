"""A picture of regret curves: the mean over the seeds, with its standard error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dse.extras import require
from dse.files import written_whole
from dse.report.figures import colour, mean_regrets, regret_figure
from dse.report.picture_file import ENDINGS, check_picture_ending, write_picture

if TYPE_CHECKING:
    from dse.search import Curve

_BY_PLOTLY = (".html", ".json")


def draw_regret(curves: Sequence[Curve], title: str, path: Path) -> None:
    """Write a picture with a panel for each budget of each table, and a line for each sampler.

    Raises:
        DseError: for an unknown ending, or where the library that draws it is not installed.
    """
    check_picture(path)
    if path.suffix.lower() in _BY_PLOTLY:
        write_picture(regret_figure(curves, title), path, title)
    else:
        with written_whole(path) as part:
            draw_regret_plainly(curves, title, part)


def draw_regret_plainly(curves: Sequence[Curve], title: str, path: Path) -> None:
    """Write an image of regret curves by matplotlib, which needs no browser."""
    figure_module = require("matplotlib.figure", "pictures", "this picture")
    means = mean_regrets(curves)
    names = list(dict.fromkeys(each.panel for each in means))
    samplers = list(dict.fromkeys(each.sampler for each in means))
    columns = min(2, len(names))
    rows = -(-len(names) // columns)
    figure = figure_module.Figure(figsize=(5.5 * columns, 4 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False)
    for panel in panels.flat[len(names) :]:
        panel.set_axis_off()
    for panel, name in zip(panels.flat, names, strict=False):
        drawn = [each for each in means if each.panel == name]
        for each in drawn:
            steps = range(1, len(each.mean) + 1)
            shade = colour(samplers.index(each.sampler))
            panel.plot(steps, each.mean, label=each.sampler, color=shade)
            panel.fill_between(steps, each.low, each.high, alpha=0.2, color=shade)
        panel.set(xlabel="evaluations", ylabel="regret")
        panel.set_title(name, parse_math=False)
        found = np.nan_to_num(np.concatenate([each.high for each in drawn]))
        panel.set_yscale("symlog", linthresh=max(float(found.max()) / 1000, 1e-12))
        panel.set_ylim(bottom=0)
    panels.flat[0].legend(fontsize=8)
    figure.suptitle(title, parse_math=False)
    figure.savefig(path, dpi=150)


def check_picture(path: Path) -> None:
    """Refuse an ending that `draw_regret` does not know, before anything runs."""
    check_picture_ending(path, ENDINGS)
    of_plotly = path.suffix.lower() in _BY_PLOTLY
    require("plotly" if of_plotly else "matplotlib", "pictures", "this picture")
