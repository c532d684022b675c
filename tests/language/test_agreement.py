"""One text means the same to a store, to numbers, to arrays, to a budget and to an exclusion."""

from functools import cache

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dse.cost_formulas import formula_value, kind_of
from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import COSTS, RATIOS, Costs
from dse.errors import DseError
from dse.language import COMPARISONS, KnownNumbers, parse_exclusion, parse_test
from dse.space import read_budget
from dse.store import CandidateRow, ask, insert_candidates, open_store, register_family, start_run

MACS = (0, 1, 3, 7, 300_000_000, 300_000_001, 2**40)
PARAMS = (0, 1, 3, 100_000_000)
WEIGHTS = 64
ROWS = tuple(
    Costs.of(
        {
            "macs": macs,
            "params": params,
            "weight_memory": WEIGHTS,
            "peak_activations": params,
            "memory_read": params,
            "memory_written": 2 * params,
        }
        | ({"train_memory": macs, "saved_memory": params} if macs % 2 else {})
    )
    for macs in MACS
    for params in PARAMS
)

TEXTS = (
    *(f"macs {operator} 3" for operator in COMPARISONS),
    *(f"300M {operator} macs" for operator in COMPARISONS),
    *(f"macs {operator} params" for operator in COMPARISONS),
    *(f"macs {operator} 2 * params - 1" for operator in COMPARISONS),
    *(f"1 {operator} macs / 2" for operator in COMPARISONS),
    "0 < macs < 300M",
    "1 <= params <= macs <= 1e12",
    "macs in (1, 300M)",
    "macs in [1, 300M]",
    "macs not in (1, 7) and params not in [0]",
    "not macs > 3",
    "macs > 3 and params > 1 or macs = 0",
    "not (macs > 3 and (params = 0 or params = 3))",
    "-macs <= -7 and +params >= 1",
    "(macs + params) * 2 <= 8 and macs - params >= 1",
    "weight_memory <= 0.0625KiB and peak_memory <= 67B",
    "true and macs = 7",
    "macs < 3 or false",
)
"""What every back end takes."""

TEXTS_OF_COSTS = (
    "train_memory > 3",
    "not train_memory > 3",
    "train_memory is null or macs = 7",
    "train_memory is not null and saved_memory in (1, 3)",
    "macs / params > 2",
    "not macs / params > 2",
    "macs / (params - 1) is null",
    "peak_memory - weight_memory <= 3B",
    "peak_activations <= 3B",
    "macs * macs * params / 1e15 > 1e15",
    *(f"{name} > 2" for name in RATIOS),
)
"""What may be missing, which the axes of a grid never are, and what is worked out of others."""


@cache
def store(directory):
    engine = open_store(str(directory / "agreement.db"))
    register_family(engine, "net", {"width": "number"})
    run = start_run(engine, "", {}, {})
    rows = [
        CandidateRow(key, "net", Conditions(), {"width": 1.0}, costs, None)
        for key, costs in enumerate(ROWS)
    ]
    insert_candidates(engine, run, rows)
    return engine


def by_sql(text, directory):
    return {row["key"] for row in ask(store(directory), text)}


def by_numbers(text, directory):
    condition = parse_test(text, COSTS, kind_of)
    return {key for key, costs in enumerate(ROWS) if condition.holds(Names(costs))}


def by_arrays(text, directory):
    condition = parse_test(text, COSTS, kind_of)
    columns = {}
    for name in condition.names:
        values = [costs[name] for costs in ROWS]
        known = numpy.array([value is not None for value in values])
        columns[name] = KnownNumbers(numpy.array([value or 0 for value in values]), known)
    holds = numpy.broadcast_to(condition.holds(columns), len(ROWS))
    return set(numpy.flatnonzero(holds).tolist())


def by_budget(text, directory):
    budget = read_budget({"where": text})
    return {key for key, costs in enumerate(ROWS) if budget.admits(costs)}


def by_exclusion(text, directory):
    rule = parse_exclusion(text, "grid.exclude[0]", COSTS)
    return {key for key, costs in enumerate(ROWS) if rule.evaluate(Names(costs))}


class Names:
    def __init__(self, costs):
        self.costs = costs

    def __getitem__(self, name):
        return self.costs[name]


OF_COSTS = {"sql": by_sql, "numbers": by_numbers, "arrays": by_arrays, "budget": by_budget}
ALL = {**OF_COSTS, "exclusion": by_exclusion}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("agreement")


@pytest.mark.parametrize("text", TEXTS)
def test_all_agree_on_a_text(text, directory):
    found = {name: back_end(text, directory) for name, back_end in ALL.items()}
    assert all(each == found["sql"] for each in found.values())


@pytest.mark.parametrize("text", TEXTS_OF_COSTS)
def test_all_agree_on_what_may_be_missing(text, directory):
    found = {name: back_end(text, directory) for name, back_end in OF_COSTS.items()}
    assert all(each == found["sql"] for each in found.values())
    assert 0 < len(found["sql"]) < len(ROWS)


def test_the_texts_tell_candidates_apart(directory):
    found = [by_sql(text, directory) for text in TEXTS]
    assert sum(0 < len(each) < len(ROWS) for each in found) > 0.8 * len(TEXTS)


VALUES = st.recursive(
    st.sampled_from(["macs", "params", "3", "1", "300M", "2.5"]),
    lambda inner: st.tuples(inner, st.sampled_from("+-*"), inner).map(
        lambda parts: f"({' '.join(parts)})"
    ),
    max_leaves=4,
)
CONDITIONS = st.recursive(
    st.tuples(VALUES, st.sampled_from(sorted(COMPARISONS)), VALUES).map(" ".join),
    lambda inner: (
        inner.map(lambda one: f"not ({one})")
        | st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        )
    ),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(CONDITIONS)
def test_all_agree_on_any_condition(directory, text):
    found = {name: met(back_end, text, directory) for name, back_end in ALL.items()}
    assert all(each == found["sql"] for each in found.values()), text


def met(back_end, text, directory):
    """Return who meets a text; nobody where a budget refuses bounds that nothing lies between."""
    try:
        return back_end(text, directory)
    except DseError as error:
        if "no network has" in str(error):
            return set()
        raise


WRONG = (
    ("mcas = 3", 1, "did you mean 'macs'"),
    ("macs <= 3 and parms = 3", 15, "did you mean 'params'"),
    ("macs <= 3Q", 9, "'Q'"),
    ("macs in (3", 11, "ends too early"),
    ("macs = 3 & params <= 3", 10, "write 'and'"),
    ("macs 3", 6, "expected here"),
)


@pytest.mark.parametrize(("text", "column", "what"), WRONG)
@pytest.mark.parametrize("name", ALL)
def test_all_point_at_a_mistake(name, text, column, what, directory):
    with pytest.raises(DseError) as caught:
        ALL[name](text, directory)
    assert f"column {column}: " in str(caught.value)
    assert what in str(caught.value)


@pytest.mark.parametrize("text", ["macs / params", "params", "2 * macs - params", "macs - params"])
def test_a_formula_is_worth_the_same(text, directory):
    rows = ask(store(directory), columns=["key", text])
    assert {row["key"]: row[text] for row in rows} == {
        key: formula_value(costs, text) for key, costs in enumerate(ROWS)
    }


@pytest.mark.parametrize("name", RATIOS)
def test_a_ratio_of_costs_is_asked_for_by_its_name(name, tmp_path):
    for number in (0, 1 / 3, 2, 1e8):
        found = by_sql(f"{name} > {number}", tmp_path)
        assert found == by_sql(f"{RATIOS[name]} > {number}", tmp_path)
    assert by_sql(f"{name} is null", tmp_path) == {
        key for key, costs in enumerate(ROWS) if not costs.memory_read
    }
    for row in ask(store(tmp_path), None, columns=["key", name]):
        costs = ROWS[row["key"]]
        assert row[name] == (getattr(costs, name) if costs.memory_read else None)
