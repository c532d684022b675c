"""A family with the values of its axes, and what can be asked of it before anything is stored."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.design_spaces.before_costing import cache_blocks as cache_blocks
    from dse.project.design_spaces.before_costing import recall as recall
    from dse.project.design_spaces.before_costing import refuse_impossible as refuse_impossible
    from dse.project.design_spaces.before_costing import require_enumerable as require_enumerable
    from dse.project.design_spaces.descriptions import Described as Described
    from dse.project.design_spaces.descriptions import described as described
    from dse.project.design_spaces.designing import design_space as design_space
    from dse.project.design_spaces.device_fit import Fit as Fit
    from dse.project.design_spaces.device_fit import fits_of as fits_of
    from dse.project.design_spaces.grid_texts import count_of as count_of
    from dse.project.design_spaces.grid_texts import describe_grid as describe_grid
    from dse.project.design_spaces.grid_texts import lacking_points as lacking_points
    from dse.project.design_spaces.grid_texts import range_of as range_of
    from dse.project.design_spaces.numbered_blocks import declaration_of as declaration_of
    from dse.project.design_spaces.question_checks import Bounds as Bounds
    from dse.project.design_spaces.question_checks import bounds as bounds
    from dse.project.design_spaces.question_checks import check_draws as check_draws
    from dse.project.design_spaces.question_checks import refuse_strata as refuse_strata
    from dse.project.design_spaces.spaces import OF_BLOCKS as OF_BLOCKS
    from dse.project.design_spaces.spaces import Space as Space
    from dse.project.design_spaces.spaces import design_of_blocks as design_of_blocks
    from dse.project.design_spaces.spaces import is_drawn_from as is_drawn_from
    from dse.project.design_spaces.spaces import recorded_space as recorded_space
    from dse.project.design_spaces.spaces import space_in as space_in
    from dse.project.design_spaces.spaces import summable as summable

_HOMES = {
    "dse.project.design_spaces.before_costing": (
        *("cache_blocks", "recall", "refuse_impossible", "require_enumerable"),
    ),
    "dse.project.design_spaces.descriptions": ("Described", "described"),
    "dse.project.design_spaces.designing": ("design_space",),
    "dse.project.design_spaces.device_fit": ("Fit", "fits_of"),
    "dse.project.design_spaces.grid_texts": (
        *("count_of", "describe_grid", "lacking_points", "range_of"),
    ),
    "dse.project.design_spaces.numbered_blocks": ("declaration_of",),
    "dse.project.design_spaces.question_checks": (
        *("Bounds", "bounds", "check_draws", "refuse_strata"),
    ),
    "dse.project.design_spaces.spaces": (
        *("OF_BLOCKS", "Space", "design_of_blocks", "is_drawn_from", "recorded_space", "space_in"),
        "summable",
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
