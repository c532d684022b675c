"""How far two numbers rank candidates alike."""

from __future__ import annotations

import math
from itertools import combinations
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, select

from dse.errors import DseError
from dse.store.asked_words import Words, words_of
from dse.store.expressions import read_term, read_vocabulary, types_of, value_of
from dse.store.opening import reading
from dse.store.questions.answers import Answer, qualifying
from dse.store.questions.number_columns import number_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMNS = ("a", "b", "n", "spearman", "kendall")


def correlate(engine: Engine, columns: Words, condition: str | None = None) -> Answer:
    """Return Spearman's ρ and Kendall's τ-b of each pair of numbers.

    `n` is the number of candidates that have both. The coefficients are None where they are not
    defined: for less than two candidates, or a constant.

    Args:
        engine: a store.
        columns: two or more costs, axes or measurements, or arithmetic over them.
        condition: which candidates; as for `ask`.

    Raises:
        DseError: for less than two columns, an unknown one, or a malformed condition.
    """
    named = words_of(columns, "columns")
    if len(named) < 2:
        raise DseError("name two or more columns, as in: dse correlate accuracy macs params")
    with reading(engine) as connection:
        vocabulary = read_vocabulary(connection)
        asked = qualifying(condition, vocabulary)
        terms = [read_term(column, "column", vocabulary) for column in named]
        for term in terms:
            if "number" not in types_of(term.node, vocabulary):
                raise DseError(f"{term.label} is no number")
        values = [value_of(term.node, "number", vocabulary) for term in terms]
        source = vocabulary.source()
        query = select(*values).select_from(source).where(*asked.clauses)
        numbers = number_columns(connection, query)
        notes = asked.notes(connection, source)
    found = []
    for first, second in combinations(range(len(terms)), 2):
        pairs = _both(numbers[first], numbers[second])
        figures = (terms[first].label, terms[second].label, len(pairs[0]), *_coefficients(*pairs))
        found.append(dict(zip(COLUMNS, figures, strict=True)))
    return Answer(COLUMNS, found, len(found), notes)


def _both(first: NDArray[Any], second: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the numbers of those that have both; columns that lack some are of objects."""
    import numpy as np

    if first.dtype != object and second.dtype != object:
        return first, second
    both = [place for place, pair in enumerate(zip(first, second, strict=True)) if None not in pair]
    return np.array(first[both].tolist()), np.array(second[both].tolist())


def _coefficients(first: NDArray[Any], second: NDArray[Any]) -> tuple[float | None, float | None]:
    if not len(first) or (first == first[0]).all() or (second == second[0]).all():
        return None, None
    # SciPy takes half a second to load.
    from scipy.stats import kendalltau, spearmanr

    results = float(spearmanr(first, second).statistic), float(kendalltau(first, second).statistic)
    assert not any(map(math.isnan, results)), "both sides vary"
    return results
