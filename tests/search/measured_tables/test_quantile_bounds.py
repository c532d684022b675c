"""Budgets by quantile of a column, beside numpy's."""

import numpy as np
import pytest

from dse.errors import DseError
from dse.search.measured_tables.table_bounds import parse_bounds

MACS = np.random.default_rng(0).integers(1, 10**6, 101)
ROWS = {"macs": MACS, "params": np.linspace(0.5, 10.5, 101), "q5": np.arange(101)}


def bounds(text):
    return parse_bounds(text, [*ROWS], ROWS)


def test_a_quantile_is_the_value_of_a_row():
    assert bounds("macs <= q20").ends == {"macs": (None, np.sort(MACS)[20])}
    assert bounds("q40 <= macs <= q60").ends == {"macs": tuple(np.sort(MACS)[[40, 60]])}
    assert bounds("macs >= Q12.5").ends == {"macs": (np.sort(MACS)[12], None)}
    assert bounds("q0 <= params <= q100").ends == {"params": (0.5, 10.5)}
    within = bounds("macs <= q20").admits(ROWS)
    assert within.sum() == 21


def test_it_is_told_beside_its_number():
    assert str(bounds("params <= q20")) == "params <= 2.5 (q20)"
    assert str(bounds("q40 <= params <= q60")) == "4.5 (q40) <= params <= 6.5 (q60)"
    assert str(bounds("params < q20 or macs > q90")) == (
        f"(params < 2.5 or macs > {np.sort(MACS)[90]} (q20, q90))"
    )


def test_it_goes_together_with_other_conditions():
    both = bounds("params <= q20 and macs >= 1k, params >= 1")
    assert both == parse_bounds("1 <= params <= 2.5, macs >= 1000", [*ROWS])
    assert bounds("params <= q20, params <= 2").ends == {"params": (None, 2)}
    assert str(bounds("params <= q20, params <= 2")) == "params <= 2"
    assert bounds("not params < q20").admits(ROWS).sum() == 81


def test_a_column_of_that_name_is_no_quantile():
    assert bounds("q5 <= 7").ends == {"q5": (None, 7)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("macs <= q101", "column 9: q101: quantiles go from q0 to q100"),
        ("q20 <= 5", "column 1: q20 is a quantile: compare a column with it, as in macs <= q20"),
        ("2 * macs <= q20", "q20 is a quantile"),
        ("macs in (1, q20)", "q20 is a quantile"),
        ("macs <= q20 + 1", "q20 is a quantile"),
        ("macs <= q20 <= params", "q20 is a quantile"),
        ("mac <= q20", "column 1: unknown cost 'mac'; did you mean 'macs'"),
        ("macs <= q20 and q40 <= parms", "unknown cost 'parms'; did you mean 'params'"),
    ],
)
def test_what_is_no_quantile_of_a_column_is_refused(text, message):
    with pytest.raises(DseError, match=message):
        bounds(text)
