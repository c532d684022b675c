"""Questions about whole spaces: how many, extremes, draws, and why nothing is within a budget."""

from dse.space.answers.checking import Checks, check_family
from dse.space.answers.drawing import draw, feasible_number
from dse.space.answers.feasibility import require_buildable, require_feasible, require_numbers
from dse.space.answers.space_overview import QUANTILES, End, Overview, overview

__all__ = [
    "QUANTILES",
    "Checks",
    "End",
    "Overview",
    "check_family",
    "draw",
    "feasible_number",
    "overview",
    "require_buildable",
    "require_feasible",
    "require_numbers",
]
