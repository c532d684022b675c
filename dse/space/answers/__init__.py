"""Questions about whole spaces: how many, extremes, draws, and why nothing is within a budget."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.space.answers.checking import Checks as Checks
    from dse.space.answers.checking import check_family as check_family
    from dse.space.answers.drawing import draw as draw
    from dse.space.answers.drawing import feasible_number as feasible_number
    from dse.space.answers.drawn_settings import DrawnSettings as DrawnSettings
    from dse.space.answers.drawn_settings import draw_settings as draw_settings
    from dse.space.answers.drawn_settings import too_few as too_few
    from dse.space.answers.feasibility import require_buildable as require_buildable
    from dse.space.answers.feasibility import require_feasible as require_feasible
    from dse.space.answers.feasibility import require_numbers as require_numbers
    from dse.space.answers.feasibility import unbuildable as unbuildable
    from dse.space.answers.space_overview import QUANTILES as QUANTILES
    from dse.space.answers.space_overview import End as End
    from dse.space.answers.space_overview import Overview as Overview
    from dse.space.answers.space_overview import ends_of as ends_of
    from dse.space.answers.space_overview import overview as overview

_HOMES = {
    "dse.space.answers.checking": ("Checks", "check_family"),
    "dse.space.answers.drawing": ("draw", "feasible_number"),
    "dse.space.answers.drawn_settings": ("DrawnSettings", "draw_settings", "too_few"),
    "dse.space.answers.feasibility": (
        *("require_buildable", "require_feasible", "require_numbers", "unbuildable"),
    ),
    "dse.space.answers.space_overview": ("End", "Overview", "QUANTILES", "ends_of", "overview"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
