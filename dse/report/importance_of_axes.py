"""How much each axis decides on a number, by a kept library's evaluators."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from dse.errors import DseError, nearest
from dse.extras import require
from dse.report.figures import PlottedColumn

Method = Literal["fanova", "ped_anova", "permutation"]
METHODS: tuple[Method, ...] = get_args(Method)

_REPEATS = 10
"""Permutations of an axis."""


def axis_importance(
    axes: Sequence[PlottedColumn],
    values: npt.NDArray[np.float64],
    method: Method = "fanova",
    seed: int = 0,
) -> dict[str, float]:
    """Return the share of each axis in what a number varies by; all of them together are 1.

    `fanova` (Hutter et al., 2014) is how much of the variance of a random forest is the axis's own,
    `ped_anova` (arXiv:2304.10255) how much its values differ among the best tenth, both as Optuna
    has them; `permutation` is how much worse a random forest of scikit-learn predicts where the
    values of the axis are shuffled.

    Args:
        axes: the values of all candidates, of numbers, words or truths; none is missing.
        values: what is explained, all finite.
        method: one of the three.
        seed: of forests and permutations.

    Raises:
        DseError: for an unknown method, less than two axes that vary or less than four candidates,
            and where the library is not installed.
    """
    if method not in METHODS:
        raise DseError(f"method: unknown {method!r}; {nearest(method, METHODS)}")
    varying = [axis for axis in axes if len(axis.categories) > 1]
    if not varying:
        raise DseError("importance: no axis varies among these candidates")
    if len(values) < 4 or float(np.ptp(values)) == 0:
        raise DseError("importance: needs four candidates or more, and a number that varies")
    if len(varying) == 1:
        return {varying[0].name: 1.0}
    if method == "permutation":
        found = _permuted(varying, values, seed)
    else:
        found = _by_optuna(varying, values, method, seed)
    total = sum(found.values())
    shares = {name: value / total if total else 0.0 for name, value in found.items()}
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _permuted(
    axes: Sequence[PlottedColumn], values: npt.NDArray[np.float64], seed: int
) -> dict[str, float]:
    ensemble = require("sklearn.ensemble", "train", "importance by permutation")
    inspection = require("sklearn.inspection", "train", "importance by permutation")
    matrix = np.stack([_numbers(axis) for axis in axes], axis=1)
    forest = ensemble.RandomForestRegressor(n_estimators=64, random_state=seed)
    forest.fit(matrix, values)
    found = inspection.permutation_importance(
        forest, matrix, values, n_repeats=_REPEATS, random_state=seed
    )
    means = np.maximum(found.importances_mean, 0).tolist()
    return dict(zip([axis.name for axis in axes], means, strict=True))


def _by_optuna(
    axes: Sequence[PlottedColumn], values: npt.NDArray[np.float64], method: Method, seed: int
) -> dict[str, float]:
    import optuna

    if method == "fanova":
        require("sklearn", "train", "importance by fANOVA")
        evaluator: Any = optuna.importance.FanovaImportanceEvaluator(seed=seed)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            evaluator = optuna.importance.PedAnovaImportanceEvaluator()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    distributions = {axis.name: _distribution(axis) for axis in axes}
    columns = {axis.name: _parameters(axis) for axis in axes}
    study = optuna.create_study(direction="maximize")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study.add_trials(
            [
                optuna.trial.create_trial(
                    params={name: column[row] for name, column in columns.items()},
                    distributions=distributions,
                    value=value,
                )
                for row, value in enumerate(values.tolist())
            ]
        )
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    return {axis.name: float(found.get(axis.name, 0.0)) for axis in axes}


def _distribution(axis: PlottedColumn) -> Any:
    import optuna

    if not axis.is_number:
        return optuna.distributions.CategoricalDistribution([str(c) for c in axis.categories])
    low, high = float(axis.values.min()), float(axis.values.max())
    return optuna.distributions.FloatDistribution(low, high)


def _parameters(axis: PlottedColumn) -> list[Any]:
    values: list[Any] = axis.values.tolist()
    return values if axis.is_number else [str(value) for value in values]


def _numbers(axis: PlottedColumn) -> npt.NDArray[np.float64]:
    """Return an axis as numbers; words by their place in order."""
    if axis.is_number:
        return axis.values
    places = {value: place for place, value in enumerate(axis.categories)}
    return np.array([places[value] for value in axis.values.tolist()], dtype=np.float64)
