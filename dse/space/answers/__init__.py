"""Questions about whole spaces: how many, extremes, draws, and why nothing is within a budget."""

from dse.space.answers.checking import Checks, check_family
from dse.space.answers.drawing import draw, feasible_number
from dse.space.answers.drawn_settings import DrawnSettings, draw_settings, too_few
from dse.space.answers.feasibility import (
    require_buildable,
    require_feasible,
    require_numbers,
    unbuildable,
)
from dse.space.answers.space_overview import QUANTILES, End, Overview, overview

__all__ = [
    "QUANTILES",
    "Checks",
    "DrawnSettings",
    "End",
    "Overview",
    "check_family",
    "draw",
    "draw_settings",
    "feasible_number",
    "overview",
    "require_buildable",
    "require_feasible",
    "require_numbers",
    "too_few",
    "unbuildable",
]
