"""Samplers side by side on tables of measured candidates: their runs, regret and ranks."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.contests.comparison import Case as Case
    from dse.search.contests.comparison import Contestant as Contestant
    from dse.search.contests.comparison import Curve as Curve
    from dse.search.contests.comparison import compare as compare
    from dse.search.contests.summaries import Ranks as Ranks
    from dse.search.contests.summaries import Summary as Summary
    from dse.search.contests.summaries import rank_samplers as rank_samplers
    from dse.search.contests.summaries import summarise as summarise

_HOMES = {
    "dse.search.contests.comparison": ("Case", "Contestant", "Curve", "compare"),
    "dse.search.contests.summaries": ("Ranks", "Summary", "rank_samplers", "summarise"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
