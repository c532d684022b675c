"""Means and spreads of numbers equal those of the standard library, on every kind of store."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Double, literal, select, union_all

from dse.store import open_store
from dse.store.sample_deviation import _Deviation, mean, sample_deviation


def figure_in(url, figure, numbers):
    rows = union_all(*(select(literal(each, Double).label("number")) for each in numbers))
    with open_store(url).connect() as connection:
        return connection.scalar(select(figure(rows.subquery().c.number)))


@pytest.mark.parametrize(
    "numbers", [[1e200, -3e200], [1e154, 2e154, 3e154], [1e-300, 3e-300], [3], [0.1, 0.2, None]]
)
def test_means_of_numbers_of_any_size(store_url, numbers):
    expected = statistics.fmean(each for each in numbers if each is not None)
    assert figure_in(store_url, mean, [None, *numbers]) == pytest.approx(expected, rel=1e-15)


def test_none_have_no_mean(store_url):
    assert figure_in(store_url, mean, [None]) is None


@pytest.mark.parametrize(
    "numbers",
    [
        [0.5, 0.6, 0.7],
        [1.7e9, 1.7e9 + 1, 1.7e9 + 2],
        [1e17, 1e17 + 64, 1e17 - 64],
        [3.0, 3.0, 3.0],
        [-1e-9, 1e-9],
        [2e9, 0.1, -5.0],
    ],
)
def test_large_numbers_close_together(store_url, numbers):
    """Around one mean of all, or around none, their squares would round the spread away."""
    expected = pytest.approx(statistics.stdev(numbers), rel=1e-9)
    assert figure_in(store_url, sample_deviation, [None, *numbers, None]) == expected


@pytest.mark.parametrize("numbers", [[7.0], [None], [None, 7.0]])
def test_less_than_two_have_none(store_url, numbers):
    assert figure_in(store_url, sample_deviation, numbers) is None


@given(st.lists(st.floats(-1e12, 1e12), min_size=2, max_size=50))
def test_any_numbers(numbers):
    deviation = _Deviation()
    for each in numbers:
        deviation.step(each)
    rounded = max(1e-14 * max(map(abs, numbers)), 1e-150)
    expected = pytest.approx(statistics.stdev(numbers), rel=1e-9, abs=rounded)
    assert deviation.finalize() == expected
