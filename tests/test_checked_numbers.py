"""Numbers that a call is given in Python are held to what they count."""

import numpy
import pytest

import dse
from dse.checked_numbers import check_counts, check_number, checked_seed
from dse.errors import DseError
from dse.project.plots.distribution_plot import plot_distribution

SPACE = dse.design_space("mlp", grid={"width": [8, 16], "depth": 1, "resolution": 8})
COUNTS = {
    "trials": lambda project, given: project.search(SPACE, trials=given),
    "workers": lambda project, given: project.search(SPACE, workers=given),
    "diverse": lambda project, given: project.search(SPACE, diverse=given, minimize="macs"),
    "limit": lambda project, given: project.sweep(SPACE, limit=given),
    "sample": lambda project, given: SPACE.sample(given),
    "strata": lambda project, given: SPACE.sample(1, stratify="macs", strata=given),
    "bars": lambda project, given: plot_distribution(SPACE, "macs", bars=given),
    "seed": lambda project, given: SPACE.sample(1, seed=given),
}


@pytest.mark.parametrize("given", ["3", 1.5, True, -1], ids=repr)
@pytest.mark.parametrize("name", COUNTS)
def test_what_counts_nothing_is_refused_before_anything_is_done(name, given, tmp_path):
    place = tmp_path / "results.db"
    with pytest.raises(DseError) as caught:
        COUNTS[name](dse.open(place), given)
    what = ("is negative" if name == "seed" else "is not positive") if given == -1 else None
    told = f"{given} {what}" if what else f"{given!r} is no whole number"
    assert str(caught.value) == f"{name}: {told}"
    assert not place.exists()


def test_whole_numbers_of_any_kind_and_none_are_taken():
    check_counts({"trials": numpy.int64(3), "workers": None, "batch": 2**70})
    assert checked_seed(numpy.uint8(7)) == 7
    check_number("lr", numpy.float32(0.5), float, 0.0, 1.0)
    check_number("lr", 1, float, 0.0, 1.0)


@pytest.mark.parametrize("budget", [5, ["macs < 5M"]], ids=repr)
def test_what_is_no_budget_is_refused(budget, tmp_path):
    project = dse.open(tmp_path / "results.db")
    calls = (project.search, project.sweep)
    asked = (lambda: SPACE.sample(1, budget), *(lambda c=c: c(SPACE, budget=budget) for c in calls))
    for call in asked:
        with pytest.raises(DseError, match="budget: expected a text such as 'macs <= 200M'"):
            call()
