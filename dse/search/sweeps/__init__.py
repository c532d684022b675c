"""Every candidate of a space, costed and stored: all, what a budget admits, or a front."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.sweeps.kept import FrontGoal as FrontGoal
    from dse.search.sweeps.kept import Keep as Keep
    from dse.search.sweeps.sweeping import SweepSummary as SweepSummary
    from dse.search.sweeps.sweeping import completed_of as completed_of
    from dse.search.sweeps.sweeping import keep_blocks as keep_blocks
    from dse.search.sweeps.sweeping import recall_blocks as recall_blocks
    from dse.search.sweeps.sweeping import sweep as sweep
    from dse.search.sweeps.table_sweep import store_choices as store_choices
    from dse.search.sweeps.table_sweep import store_points as store_points

_HOMES = {
    "dse.search.sweeps.kept": ("FrontGoal", "Keep"),
    "dse.search.sweeps.sweeping": (
        *("SweepSummary", "completed_of", "keep_blocks", "recall_blocks", "sweep"),
    ),
    "dse.search.sweeps.table_sweep": ("store_choices", "store_points"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
