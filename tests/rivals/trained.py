"""Tables of models that scikit-learn trains on the data that it ships.

`python -m tests.rivals train` makes them, in a quarter of an hour of one processor. Each row is
trained on two thirds of the data and judged by the last, three times over: `acc` is the mean, in
percent, and `acc1` the first of the three. No part of our sampler was chosen by these tables.
"""

from __future__ import annotations

import csv
import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dse.files.cache_files import cache_file
from dse.files.whole_files import written_whole

Row = dict[str, Any]
Axes = Mapping[str, tuple[Any, ...]]
Data = tuple[NDArray[np.float64], NDArray[np.int64]]


@dataclass(frozen=True)
class TrainedTable:
    """A table that is made here."""

    cost: str
    """The column of what a model holds or reads: nodes, vectors or numbers."""
    axes: Axes
    rows: Callable[[Axes], Iterator[Row]]
    """Trains every model, one after the other."""


def file_of(name: str) -> Path:
    """Return where a table lies once it is made: in the cache."""
    return cache_file("rivals", f"{name}.csv")


def train(name: str, most: int | None = None) -> Path:
    """Train the models of a table, the first ones or all, and write it."""
    table = TRAINED[name]
    rows = list(itertools.islice(table.rows(table.axes), most))
    path = file_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def vectors(axes: Axes) -> Iterator[Row]:
    """Support vector machines on 700 digits: which axes matter depends on the kernel, 975 rows."""
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    inputs, labels = _digits(700)
    scaled = {
        "none": inputs / 16,
        "standard": StandardScaler().fit_transform(inputs),
        "binary": (inputs > 7).astype(float),
    }
    for chosen in _grid(axes):
        kernel = chosen["kernel"]
        if (kernel != "poly" and chosen["degree"] != 2) or (kernel == "rbf" and chosen["coef0"]):
            continue
        options = {name: value for name, value in chosen.items() if name != "scaling"}
        data = scaled[chosen["scaling"]], labels
        yield _judged(chosen, lambda o=options: SVC(**o), data, "vectors", _support_vectors)


def forest(axes: Axes) -> Iterator[Row]:
    """Forests of two kinds on 900 digits, 1,920 rows."""
    from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier

    kinds = {"forest": RandomForestClassifier, "extra": ExtraTreesClassifier}
    for chosen in _grid(axes):
        options = {name: value for name, value in chosen.items() if name != "kind"}
        kind = kinds[chosen["kind"]]

        def make(kind: Any = kind, options: Row = options) -> Any:
            return kind(**options, random_state=0)

        yield _judged(chosen, make, _digits(900), "nodes", _nodes_of_trees)


def boosting(axes: Axes) -> Iterator[Row]:
    """Gradient boosting on data of tumours: six axes in order, 2,160 rows."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import HistGradientBoostingClassifier

    data = load_breast_cancer(return_X_y=True)
    for chosen in _grid(axes):

        def make(options: Row = chosen) -> Any:
            return HistGradientBoostingClassifier(**options, early_stopping=False, random_state=0)

        yield _judged(chosen, make, data, "nodes", _nodes_of_boosting)


def neighbours(axes: Axes) -> Iterator[Row]:
    """Nearest neighbours on data of wines with noise: which columns are read, 4,032 rows."""
    from sklearn.datasets import load_wine
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import StandardScaler

    inputs, labels = load_wine(return_X_y=True)
    inputs = StandardScaler().fit_transform(inputs)
    inputs = inputs + np.random.default_rng(0).normal(size=inputs.shape) * 0.8
    for chosen in _grid(axes):
        read = [column for column in range(13) if chosen[f"pair{min(column // 2, 5)}"]]
        if not read:
            continue
        options = {name: chosen[name] for name in ("n_neighbors", "weights", "metric")}

        def make(options: Row = options) -> Any:
            return KNeighborsClassifier(**options)

        yield _judged(chosen, make, (inputs[:, read], labels), "reads", _numbers_read)


TRAINED: Mapping[str, TrainedTable] = {
    "boosting": TrainedTable(
        "nodes",
        {
            "learning_rate": (0.01, 0.03, 0.1, 0.3, 1.0),
            "max_iter": (5, 10, 20, 40),
            "max_leaf_nodes": (2, 4, 8, 16),
            "l2_regularization": (0.0, 1.0, 10.0),
            "min_samples_leaf": (2, 8, 24),
            "max_bins": (8, 32, 128),
        },
        boosting,
    ),
    "forest": TrainedTable(
        "nodes",
        {
            "kind": ("forest", "extra"),
            "n_estimators": (1, 2, 4, 8, 16, 32),
            "max_depth": (2, 4, 6, 9, 14),
            "max_features": ("sqrt", "log2", 0.3, 0.6),
            "min_samples_leaf": (1, 2, 4, 8),
            "criterion": ("gini", "entropy"),
        },
        forest,
    ),
    "neighbours": TrainedTable(
        "reads",
        {
            "n_neighbors": (1, 2, 3, 5, 8, 13, 21, 34),
            "weights": ("uniform", "distance"),
            "metric": ("euclidean", "manhattan", "chebyshev", "cosine"),
            **{f"pair{pair}": (0, 1) for pair in range(6)},
        },
        neighbours,
    ),
    "vectors": TrainedTable(
        "vectors",
        {
            "kernel": ("rbf", "poly", "sigmoid"),
            "C": (0.01, 0.1, 1, 10, 100),
            "gamma": (0.0005, 0.002, 0.01, 0.05, 0.2),
            "degree": (2, 3, 5),
            "coef0": (0.0, 0.5, 2.0),
            "scaling": ("none", "standard", "binary"),
        },
        vectors,
    ),
}


def _grid(axes: Mapping[str, tuple[Any, ...]]) -> Iterator[Row]:
    for values in itertools.product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def _digits(number: int) -> Data:
    from sklearn.datasets import load_digits

    inputs, labels = load_digits(return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(inputs))[:number]
    return inputs[chosen], labels[chosen]


def _judged(
    chosen: Row, make: Callable[[], Any], data: Data, cost: str, held: Callable[[Any], int]
) -> Row:
    """Return a row: the settings, the accuracies in percent, and what the three models hold."""
    from sklearn.model_selection import StratifiedKFold

    inputs, labels = data
    accuracies, total = [], 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for known, other in StratifiedKFold(3, shuffle=True, random_state=0).split(inputs, labels):
            model = make().fit(inputs[known], labels[known])
            accuracies.append(float((model.predict(inputs[other]) == labels[other]).mean()))
            total += held(model)
    mean, first = 100 * float(np.mean(accuracies)), 100 * accuracies[0]
    return {**chosen, "acc": mean, "acc1": first, cost: total}


def _support_vectors(model: Any) -> int:
    return int(model.n_support_.sum())


def _nodes_of_trees(model: Any) -> int:
    return sum(tree.tree_.node_count for tree in model.estimators_)


def _nodes_of_boosting(model: Any) -> int:
    # There is no public word for it.
    return sum(len(tree.nodes) for trees in model._predictors for tree in trees)


def _numbers_read(model: Any) -> int:
    return int(model.n_features_in_ * model.n_neighbors)
