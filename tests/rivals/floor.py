"""The regret that remains to whoever knows nearly everything: what noise and oddness set."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.model_selection import KFold

from dse.search import Case, MeasuredTable
from tests.rivals.encodings import Floats, one_hot

FOLDS = 5
TREES = 100


def floor(case: Case, evaluations: int) -> Floats:
    """Return the regret after each evaluation of one who has seen four labels of five.

    The feasible candidates are split into five folds. Trees that learn four of them, by settings
    and costs, predict the fifth, so that each candidate has a prediction that its own label had no
    part in. The candidates are then evaluated in the order of these predictions.
    """
    within = case.within
    predicted = out_of_fold(columns(within), within.gains[:, 0])
    order = np.argsort(-predicted, kind="stable")[:evaluations]
    return case.yardstick.regrets(order.tolist())


def columns(within: MeasuredTable) -> Floats:
    """Return the settings and the costs of candidates as columns of numbers."""
    pool = within.pool
    choices = np.unique(pool.choices, return_inverse=True)[1].reshape(pool.choices.shape)
    settings = one_hot(choices, [True] * len(pool.dimensions))
    return np.concatenate([settings, pool.cost_matrix], axis=1)


def out_of_fold(rows: Floats, values: Floats) -> Floats:
    """Return a prediction of each value by trees that learned others."""
    predicted = np.empty(len(values))
    for learned, asked in KFold(FOLDS, shuffle=True, random_state=0).split(rows):
        trees = ExtraTreesRegressor(TREES, random_state=0).fit(rows[learned], values[learned])
        predicted[asked] = trees.predict(rows[asked])
    return predicted
