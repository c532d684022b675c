"""The values of candidates as ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def ranked(
    candidates: Sequence[Mapping[str, Any]], names: Sequence[str], ordered: Mapping[str, bool]
) -> tuple[NDArray[np.int64], list[bool]]:
    """Return the rank of each candidate's values, and which ranks mean something.

    Args:
        candidates: the parameters of each.
        names: of the parameters.
        ordered: what is said of some; of others, numbers are in order and all else is not.

    Returns:
        Ranks of shape (candidates, names), and for each name whether they are in an order.
    """
    ranks = np.zeros((len(candidates), len(names)), dtype=np.int64)
    meant = []
    for column, name in enumerate(names):
        values = list(dict.fromkeys(candidate[name] for candidate in candidates))
        is_numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        if is_numeric:
            values.sort()
        rank = {value: number for number, value in enumerate(values)}
        ranks[:, column] = [rank[candidate[name]] for candidate in candidates]
        meant.append(ordered.get(name, is_numeric))
    return ranks, meant
