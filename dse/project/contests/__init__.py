"""Samplers side by side on tables of measured candidates: a request, its call, and the curves."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.contests.contest_call import ContestCall as ContestCall
    from dse.project.contests.contest_curves import read_curves as read_curves
    from dse.project.contests.contest_requests import Contest as Contest
    from dse.project.contests.contest_requests import Contested as Contested
    from dse.project.contests.contest_requests import run_contest as run_contest

_HOMES = {
    "dse.project.contests.contest_call": ("ContestCall",),
    "dse.project.contests.contest_curves": ("read_curves",),
    "dse.project.contests.contest_requests": ("Contest", "Contested", "run_contest"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
