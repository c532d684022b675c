"""What is streamed is what is answered at once."""

import numpy as np
import pytest
from sqlalchemy import literal_column, select, text

from dse.store import answer, streamed
from dse.store.opening.database import reading
from dse.store.questions.number_columns import number_columns
from dse.store.questions.pareto_answers import pareto
from tests.store.questions.test_pareto_answers import GOALS

QUESTIONS = [
    (None, None, None),
    ("macs < 900M", "-params", None),
    ("family = 'resnet'", "accuracy,macs", None),
    ("invalid is not null", None, None),
    ("accuracy is not null", None, ["id", "macs / params", "accuracy", "std(accuracy)"]),
    ("macs < 0", None, None),
    ("macs < 0", None, ["study", "macs"]),
]


@pytest.mark.parametrize(("condition", "sort", "columns"), QUESTIONS)
def test_rows_are_those_of_an_answer(example, condition, sort, columns):
    expected = answer(example, condition, sort, None, columns)
    with streamed(example, condition, sort, columns) as stream:
        assert stream.columns == expected.columns
        assert stream.total == expected.total
        assert list(stream.rows) == expected.rows
        assert stream.notes() == expected.notes


@pytest.mark.parametrize("goals", GOALS, ids=str)
def test_what_a_sample_beats_is_on_no_front(example, goals, monkeypatch):
    expected = pareto(example, goals)
    monkeypatch.setattr("dse.store.questions.sieve._WORTH", 0)
    monkeypatch.setattr("dse.store.questions.sieve._SAMPLE", 60)
    assert pareto(example, goals) == expected


def numbers(engine, *rows):
    union = " union all ".join(f"select {a} as a, {b} as b" for a, b in rows)
    query = select(literal_column("a"), literal_column("b")).select_from(text(f"({union})"))
    with reading(engine) as connection:
        return [column.tolist() for column in number_columns(connection, query)]


def test_numbers_are_exact_and_may_be_missing(example):
    assert numbers(example, (1, 2.5), (3, 4)) == [[1, 3], [2.5, 4]]
    large = 2**60 + 1
    assert numbers(example, (large, 1), (large + 1, 2)) == [[large, large + 1], [1, 2]]
    assert numbers(example, ("null", 1), (2, 3)) == [[None, 2], [1, 3]]
    assert np.array(numbers(example, (1, 2))).shape == (2, 1)
