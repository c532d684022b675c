"""Budgets as texts: the same bounds as on a page, or an error that points at the place."""

import pytest

from dse.errors import DseError
from dse.space import bounds_in, read_budget


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
    ],
)
def test_a_text_bounds_as_a_page_does(text, content):
    assert read_budget(bounds_in(text)) == read_budget(content)


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("macs <= 200M or params <= 1M", 1, "joined by 'and'"),
        ("not macs <= 200M", 1, "joined by 'and'"),
        ("macs <= params", 1, "a name and a number"),
        ("macs / params <= 3", 6, "a name and a number"),
        ("macs != 3", 9, "no bound"),
        ("macs <= 1.5", 9, "not a whole number"),
        ("macs <=", 8, "ends too early"),
    ],
)
def test_what_is_no_bound_is_pointed_at(text, column, what):
    with pytest.raises(DseError, match=rf"^budget {text!r}, column {column}: .*{what}"):
        bounds_in(text)
