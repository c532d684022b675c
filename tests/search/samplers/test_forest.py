"""Trees learn what can be asked of a candidate."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.ensemble import ExtraTreesRegressor

from dse.search.samplers.forest import grow
from dse.search.samplers.forest_model import ForestModel, GrownForest
from dse.search.samplers.pool_columns import PoolColumns, ValueBlock
from dse.search.samplers.readings import TreeColumns

RNG = np.random.default_rng(0)
ASKED = RNG.integers(0, 5, (600, 4)).astype(np.float32)
ORDERED = np.array([True, False, True, False])
NONE = np.array([], dtype=int)


def law(asked):
    """A step, a category, and one that matters only beside another."""
    step, kind, _, other = asked.T
    return 2.0 * (step > 2) + (kind == 3) + 1.5 * (kind == 1) * (other == 0)


def test_what_one_question_tells_is_learned_whole():
    values = 1.0 * (ASKED[:, 1] == 2)
    forest = grow(ASKED[:200], ORDERED, values[:200], np.random.default_rng(0))
    assert forest.predict(ASKED).mean(axis=0) == pytest.approx(values, abs=0.05)


def test_equal_values_need_no_question():
    forest = grow(ASKED[:9], ORDERED, np.full(9, 3.0), np.random.default_rng(0))
    assert (forest.columns == -1).all()
    assert (forest.predict(ASKED) == 3.0).all()


def test_trees_predict_about_as_well_as_those_of_scikit_learn():
    values, seen = law(ASKED), slice(0, 80)
    ours = grow(ASKED[seen], ORDERED, values[seen], np.random.default_rng(0)).predict(ASKED)
    columns = np.hstack([ASKED, *(ASKED[:, [i]] == np.arange(5) for i in (1, 3))])
    theirs = ExtraTreesRegressor(100, bootstrap=True, random_state=0).fit(
        columns[seen], values[seen]
    )
    mine, other = (
        spearmanr(found[80:], values[80:]).statistic
        for found in (ours.mean(axis=0), theirs.predict(columns))
    )
    assert mine > other - 0.1


def test_observations_that_a_tree_has_not_seen_do_not_change_it():
    values = law(ASKED[:40])
    first = grow(ASKED[:40], ORDERED, values, np.random.default_rng(1))
    changed = np.where(np.arange(40) == 7, 100.0, values)
    second = grow(ASKED[:40], ORDERED, changed, np.random.default_rng(1))
    far = second.predict(ASKED[:40]).max(axis=1) > 10
    assert far[first.counts[:, 7] == 0].sum() == 0
    assert far[first.counts[:, 7] > 0].all()


def test_intervals_hold_what_was_not_seen():
    noisy = law(ASKED) + 0.3 * RNG.normal(size=len(ASKED))
    values = (noisy - noisy[:60].mean()) / noisy[:60].std()
    seen = np.arange(60), values[:60]
    columns = TreeColumns(PoolColumns([ValueBlock(ASKED, ASKED[0])]), ORDERED)
    model = ForestModel(GrownForest(columns, np.arange(600), *seen, 0), *seen)
    means, variances = model.predictions(values[:60], NONE)
    away = np.abs(values - means)[60:] / np.sqrt(variances[60:])
    assert (away < 2.5).mean() > 0.85


def test_trees_take_further_observations_into_their_leaves():
    values = law(ASKED[:80])
    first = grow(ASKED[:40], ORDERED, values[:40], np.random.default_rng(0))
    counts = np.random.default_rng(1).poisson(1.0, (len(first.counts), 40))
    same = first.with_values(ASKED[:40], counts[:, :0], values[:40])
    assert same.predict(ASKED) == pytest.approx(first.predict(ASKED))
    doubled = first.with_values(ASKED[:40], counts[:, :0], 2 * values[:40] + 1)
    assert doubled.predict(ASKED) == pytest.approx(2 * first.predict(ASKED) + 1)
    further = first.with_values(ASKED[:80], counts, values)
    before, after = (
        np.abs(each.predict(ASKED).mean(axis=0) - law(ASKED)).mean() for each in (first, further)
    )
    assert after < before
