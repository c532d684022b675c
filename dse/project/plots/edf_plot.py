"""Error distribution functions of groups of stored candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dse.costs import Unit
from dse.project.plots.goal_directions import is_score_of
from dse.project.plots.group_columns import grouped_columns
from dse.project.store_access import Names, StoreReader
from dse.report import ErrorDistribution, edf_figure, error_distribution

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True)
class Distributions:
    """The error distribution functions of groups of candidates."""

    groups: tuple[ErrorDistribution, ...]
    name: str
    is_score: bool
    unit: Unit | None


def plot_edf(
    project: StoreReader,
    value: str,
    where: str | None = None,
    *,
    group_by: Names = (),
    groups: Sequence[str] = (),
    maximize: bool | None = None,
    limit: int | None = None,
    title: str = "",
) -> Figure:
    """Draw what share of each group of networks is better than any value of a number.

    Args:
        project: whose candidates are drawn.
        value: an error or a score that was measured, or a cost.
        where: which candidates.
        group_by: columns whose values make the groups, such as `family`.
        groups: in place of it a condition for each group, such as a sub-space.
        maximize: whether more is better; by default as the studies of the store have it, and
            otherwise not.
        limit: candidates of a group at most, the first by id.
        title: above the picture.

    Raises:
        DseError: for an unknown column, a malformed condition, or where no candidate has the value.
    """
    found = edf_of_groups(project, value, where, group_by, groups, maximize, limit)
    return edf_figure(found.groups, found.name, found.is_score, found.unit, title)


def edf_of_groups(
    project: StoreReader,
    value: str,
    where: str | None = None,
    group_by: Names = (),
    groups: Sequence[str] = (),
    maximize: bool | None = None,
    limit: int | None = None,
) -> Distributions:
    """Return what `plot_edf` draws."""
    found = grouped_columns(project.url, [value], where, group_by, groups, limit)
    is_score = is_score_of(project.url, value) if maximize is None else maximize
    functions = tuple(
        error_distribution(group.numbers(value), name, is_score) for name, group in found
    )
    return Distributions(functions, value, is_score, found[0][1][value].unit)
