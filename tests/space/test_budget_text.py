"""Budgets as texts: the same bounds as on a page, conditions on costs, errors that point."""

import pytest

from dse.costs.cost_list import Costs
from dse.errors import DseError
from dse.space import read_budget


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("macs <= 200M", {"macs": "200M"}),
        ("200M >= macs", {"macs": "200M"}),
        ("macs < 200M", {"macs": 199_999_999}),
        ("1M <= params <= 5M", {"params": ["1M", "5M"]}),
        ("params > 1M and params < 5M", {"params": [1_000_001, 4_999_999]}),
        ("peak_memory <= 2MiB and peak_memory <= 1MiB", {"peak_memory": "1MiB"}),
        (
            "macs = 7 and (params >= 2 and flops <= 9)",
            {"macs": [7, 7], "params": [2, None], "flops": 9},
        ),
        ("macs <= 1.5", {"macs": 1}),
        ("2 * macs < 401", {"macs": 200}),
        ("-macs >= -7", {"macs": 7}),
        ("macs / 3 - params / 3 <= 1.5", {"macs - params": 4}),
        ("memory_read <= 20kB - memory_written", {"memory_read + memory_written": "20kB"}),
        ("peak_memory - weight_memory <= 320KiB", {"peak_activations": "320KiB"}),
        ("flops - macs <= 5", {"macs": 5}),
        ("macs / params <= 3", {"macs / params": 3}),
        ("2 <= (macs / params) <= 3", {"macs / params": [2, 3]}),
        ("macs <= 3", {"macs": 3, "macs / params": [None, None], "where": None}),
    ],
)
def test_a_text_bounds_as_a_page_does(text, content):
    assert read_budget({"where": text}) == read_budget(content)


@pytest.mark.parametrize(
    ("content", "admitted"),
    [
        ({"where": "macs <= 3 or params <= 1"}, [(3, 9), (9, 1)]),
        ({"where": "not macs <= 3"}, [(9, 1), (9, 9)]),
        ({"where": "macs != 9"}, [(3, 9)]),
        ({"where": "macs in (1, 3)"}, [(3, 9)]),
        ({"where": "macs > params"}, [(9, 1)]),
        ({"where": "macs / params > 1"}, [(9, 1)]),
        ({"where": "macs >= 9", "params": 1}, [(9, 1)]),
        ({"where": "macs >= 9 and macs * params <= 9"}, [(9, 1)]),
        ({"where": "train_memory is null"}, [(3, 9), (9, 1), (9, 9)]),
        ({"where": "train_memory <= 1 or macs = 3"}, [(3, 9)]),
    ],
    ids=str,
)
def test_what_meets_a_text(content, admitted):
    budget, all_of = read_budget(content), [(3, 9), (9, 1), (9, 9)]
    found = [(m, p) for m, p in all_of if budget.admits(Costs.of({"macs": m, "params": p}))]
    assert found == admitted


def test_a_budget_is_told_as_it_is_read():
    text = "macs - 2 * params <= 3k and (macs < 3 or not params / macs = 2)"
    budget = read_budget({"where": text})
    assert str(budget) == "macs - 2 * params <= 3k and (macs < 3 or not (params / macs = 2))"
    assert read_budget({"where": str(budget)}) == budget


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("macs / params", 6, "a number, not a condition"),
        ("macs + parms <= 3", 8, "unknown cost 'parms'; did you mean 'params'"),
        ("macs <= 3MiB", 9, "macs is a count, which has no unit 'MiB'"),
        ("peak_memory - weight_memory <= 3M", 32, "in bytes, which has no unit 'M'"),
        ("macs like 'a'", 1, "'like' compares texts"),
        ("macs = 'a'", 8, "numbers"),
        ("std(macs) <= 3", 1, "what a store has measured"),
        ("macs <=", 8, "ends too early"),
        ("flops - 2 * macs <= 3", 7, "the same for every network"),
    ],
)
def test_what_is_no_condition_is_pointed_at(text, column, what):
    with pytest.raises(DseError) as caught:
        read_budget({"where": text})
    assert str(caught.value).startswith(f"budget {text!r}, column {column}: ")
    assert what in str(caught.value)


def test_bounds_that_leave_nothing_are_refused():
    with pytest.raises(DseError, match="no network has macs >= 5 and <= 3"):
        read_budget({"where": "macs >= 5 and macs <= 3"})
