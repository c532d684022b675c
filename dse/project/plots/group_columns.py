"""Groups of candidates: by the values of columns, or by conditions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dse.errors import DseError
from dse.project.plots.candidate_columns import CandidateColumns, read_candidate_columns
from dse.project.store_access import Names
from dse.report import told
from dse.store import words_of

MOST_GROUPS = 40


def grouped_columns(
    url: str,
    names: Sequence[str],
    where: str | None,
    group_by: Names,
    groups: Sequence[str],
    limit: int | None = None,
) -> list[tuple[str, CandidateColumns]]:
    """Return columns of each group of candidates, with its name.

    Args:
        url: of a store.
        names: numbers that a candidate must have to be in a group.
        where: which candidates.
        group_by: columns whose values make the groups.
        groups: or a condition for each group; a candidate may be in several.
        limit: candidates of a group at most, the first by id.

    Raises:
        DseError: for both ways at once, more groups than a picture has room for, or none.
    """
    by = words_of(group_by, "group-by")
    if by and groups:
        raise DseError("groups are made by --group-by or by --groups, not by both")
    if groups:
        found = []
        for condition in dict.fromkeys(groups):
            both = condition if where is None else f"({where}) and ({condition})"
            found.append((condition, read_candidate_columns(url, names, both)))
    else:
        found = _by_values(read_candidate_columns(url, [*names, *by], where), by)
    sized = [(name, group.with_all(names)) for name, group in found]
    sized = [(name, group) for name, group in sized if len(group.ids)]
    if not sized:
        raise DseError(f"no candidate has {' and '.join(names)}, so that there is nothing to draw")
    if len(sized) > MOST_GROUPS:
        raise DseError(f"{len(sized)} groups are more than a picture has room for ({MOST_GROUPS})")
    if limit is not None:
        sized = [(name, group.at(np.arange(min(limit, len(group.ids))))) for name, group in sized]
    return sized


def _by_values(found: CandidateColumns, by: Sequence[str]) -> list[tuple[str, CandidateColumns]]:
    if not by:
        return [("all", found)]
    parts = [
        [f"{name} {told(value)}" if len(by) > 1 else told(value) for value in found[name].values]
        for name in by
    ]
    labels = [" ".join(row) for row in zip(*parts, strict=True)]
    array = np.array(labels, dtype=object)
    ordered = [told(value) for value in found[by[0]].categories] if len(by) == 1 else []
    order = [*ordered, *sorted(set(labels) - set(ordered))]
    return [(label, found.at(np.flatnonzero(array == label))) for label in order]
