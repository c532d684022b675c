"""The values of candidates as ranks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dse.search.samplers.candidate_table import CandidateTable, Numbers


def ranked(
    table: CandidateTable, ordered: Mapping[str, bool]
) -> tuple[Numbers, list[bool], list[dict[Any, int]]]:
    """Return the rank of each candidate's values, and which ranks mean something.

    Args:
        table: the candidates.
        ordered: what is said of some names; of others, numbers are in order and all else is not.

    Returns:
        Ranks of shape (candidates, names), for each name whether they are in an order, and the rank
        of each of its values.
    """
    ranks, meant, found = np.empty_like(table.numbers), [], []
    for column, (name, values) in enumerate(table.values.items()):
        is_numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        order = sorted(values) if is_numeric else list(values)
        rank = {value: number for number, value in enumerate(order)}
        places = np.array([rank[value] for value in values], dtype=ranks.dtype)
        ranks[:, column] = places[table.numbers[:, column]]
        meant.append(ordered.get(name, is_numeric))
        found.append(rank)
    return ranks, meant, found
