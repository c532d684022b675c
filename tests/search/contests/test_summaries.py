"""Summaries of curves, and ranks beside those of a published example and of scipy."""

import math

import numpy as np
import pytest
from scipy.stats import friedmanchisquare

from dse.search import Curve, rank_samplers, summarise


def summaries(table):
    """Return summaries of the regrets of samplers, a row a case."""
    curves = [
        Curve(f"s{place}", "no bounds", 0, np.array([regret]), f"t{case}")
        for case, row in enumerate(table)
        for place, regret in enumerate(row)
    ]
    return summarise(curves, [1])


def test_a_run_that_found_none_has_no_mean_and_is_counted():
    regrets = [[np.nan, np.nan], [1.0, 0.5], [3.0, 2.0]]
    curves = [Curve("a", "b", seed, np.array(each)) for seed, each in enumerate(regrets)]
    (found,) = summarise(curves, [2])
    assert (found.missing, found.seeds, found.median) == (1, 3, 2.0)
    assert math.isnan(found.mean)
    assert math.isnan(found.error)
    assert math.isnan(found.worst)
    (none,) = summarise(curves[:1], [2])
    assert math.isnan(none.median)


def test_the_critical_difference_is_that_of_demsar():
    """Four classifiers on 14 data sets: CD = 1.25, 10.5555/1248547.1248548, section 3.2.2."""
    table = np.random.default_rng(0).random((14, 4))
    ranks = rank_samplers(summaries(table))
    assert ranks.critical_difference == pytest.approx(1.25, abs=0.005)
    assert ranks.cases == 14


def test_ranks_are_friedmans():
    table = [[1, 2, 3], [1, 3, 2], [2, 4, 6], [0, 5, 5]]
    ranks = rank_samplers(summaries(table))
    assert ranks.samplers == ("s0", "s1", "s2")
    assert ranks.means == (1.0, (2 + 3 + 2 + 2.5) / 4, (3 + 2 + 3 + 2.5) / 4)
    assert ranks.probability == pytest.approx(friedmanchisquare(*zip(*table, strict=True)).pvalue)
    assert ranks.evaluations == 1


def test_what_differs_in_the_last_digit_alone_is_equal():
    ranks = rank_samplers(summaries([[0.1 + 0.2, 0.3, 5], [1e-9, 2e-9, 3e-9]]))
    assert ranks.means == (1.25, 1.75, 3.0)


def test_a_run_that_ended_early_is_counted():
    regret = np.array([2.0, 1.0, 1.0])
    curves = [Curve("a", "b", seed, regret, found=found) for seed, found in enumerate((2, None))]
    assert [each.held for each in summarise(curves, [2, 3])] == [0, 1]


def test_a_sampler_without_a_mean_comes_last():
    ranks = rank_samplers(summaries([[np.nan, 1, 2], [np.nan, 2, 1]]))
    assert ranks.means == (3.0, 1.5, 1.5)


def test_few_samplers_or_cases_have_no_ranks():
    assert rank_samplers(summaries([[1, 2], [2, 1]])) is None
    assert rank_samplers(summaries([[1, 2, 3]])) is None
    assert rank_samplers(summaries([[1, 1, 1], [2, 2, 2]])).probability == 1
