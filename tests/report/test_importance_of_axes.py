import numpy as np
import pytest

from dse.errors import DseError
from dse.report.figures.plotted_column import column_of
from dse.report.importance_of_axes import METHODS, axis_importance

RANDOM = np.random.default_rng(0)
WIDTH = RANDOM.integers(1, 9, 120)
NORM = RANDOM.choice(["batch", "layer"], 120)
AXES = [
    column_of("width", WIDTH.tolist()),
    column_of("norm", NORM.tolist()),
    column_of("noise", RANDOM.normal(size=120).tolist()),
]


@pytest.mark.parametrize("method", METHODS)
def test_what_decides_is_the_most_important(method):
    found = axis_importance(AXES, 10.0 * WIDTH + (NORM == "batch"), method)
    assert max(found, key=found.get) == next(iter(found)) == "width"
    assert sum(found.values()) == pytest.approx(1)


def test_an_axis_of_one_value_decides_nothing():
    same = column_of("same", [1] * 120)
    assert axis_importance([AXES[0], same], WIDTH * 1.0) == {"width": 1.0}
    with pytest.raises(DseError, match="no axis varies"):
        axis_importance([same], WIDTH * 1.0)


def test_what_does_not_vary_depends_on_nothing():
    with pytest.raises(DseError, match="a number that varies"):
        axis_importance(AXES, np.ones(120))
