"""A picture of regret curves: the mean over the seeds, with its standard error."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dse.errors import DseError, nearest
from dse.extras import require
from dse.search import Curve

ENDINGS = (".png", ".svg", ".pdf")


def draw_regret(curves: Sequence[Curve], title: str, path: Path) -> None:
    """Write a picture with a panel for each budget and a line for each sampler.

    Raises:
        DseError: for another ending than png, svg or pdf, or where matplotlib is not installed.
    """
    check_picture(path)
    figure_module = require("matplotlib.figure", "pictures", "this picture")
    budgets = list(dict.fromkeys(curve.bounds for curve in curves))
    columns = min(2, len(budgets))
    rows = -(-len(budgets) // columns)
    figure = figure_module.Figure(figsize=(5.5 * columns, 4 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False)
    for panel in panels.flat[len(budgets) :]:
        panel.set_axis_off()
    for panel, bounds in zip(panels.flat, budgets, strict=False):
        for sampler in dict.fromkeys(curve.sampler for curve in curves):
            regrets = np.array(
                [c.regret for c in curves if (c.sampler, c.bounds) == (sampler, bounds)]
            )
            mean = regrets.mean(axis=0)
            error = regrets.std(axis=0) / np.sqrt(len(regrets))
            steps = np.arange(1, len(mean) + 1)
            (line,) = panel.plot(steps, mean, label=sampler)
            low = np.maximum(mean - error, 0)
            panel.fill_between(steps, low, mean + error, alpha=0.2, color=line.get_color())
        panel.set(title=bounds, xlabel="evaluations", ylabel="regret")
        top = max(curve.regret.max() for curve in curves if curve.bounds == bounds)
        panel.set_yscale("symlog", linthresh=max(float(top) / 1000, 1e-12))
        panel.set_ylim(bottom=0)
    panels.flat[0].legend(fontsize=8)
    figure.suptitle(title)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)


def check_picture(path: Path) -> None:
    """Refuse an ending that `draw_regret` does not know, before anything runs."""
    if path.suffix.lower() not in ENDINGS:
        raise DseError(f"{path}: unknown picture format; {nearest(path.suffix, ENDINGS)}")
    require("matplotlib", "pictures", "this picture")
