"""What a question is given: a mistake there is told as one, and no store is blamed for it."""

import numpy as np
import pytest

import dse
from dse.errors import DseError
from dse.store import get_candidate


@pytest.fixture
def reader(example_file):
    return dse.open(example_file)


def question_of(name):
    """Return a call of a method with one argument of a wrong type in the place of `given`."""
    method, _, option = name.partition(".")
    fixed = {"pareto": {"minimize": "macs"}, "correlate": {"columns": "macs,params"}}.get(
        method, {}
    )
    return lambda reader, given: getattr(reader, method)(**{**fixed, option: given})


TEXTS = ("query.where", "pareto.where", "correlate.where", "sql.statement")
LISTS = (
    *("query.columns", "query.sort", "query.group_by"),
    *("pareto.minimize", "pareto.maximize", "pareto.columns", "correlate.columns"),
)
LIMITS = ("query.limit", "pareto.limit")
IDS = ("show.id", "export.id", "run.id", "trials.study")
NONE_OF_THEM = (3.5, b"macs", object(), {"macs": 1}.values(), [3], True)


@pytest.mark.parametrize("name", [*TEXTS, *LISTS, *LIMITS, *IDS])
def test_a_wrong_type_is_told_in_a_line_that_names_it(reader, name):
    for given in NONE_OF_THEM:
        with pytest.raises(DseError) as told:
            question_of(name)(reader, given)
        assert "damaged" not in str(told.value), given


@pytest.mark.parametrize("name", LISTS)
def test_columns_are_a_list_or_a_text_with_commas(reader, name):
    ask = question_of(name)
    assert ask(reader, ["macs", "params"]).equals(ask(reader, "macs, params"))
    assert ask(reader, ("macs", "params")).equals(ask(reader, "macs, params"))


def test_a_list_sorts_and_groups_as_its_text_does(reader):
    found = reader.query(sort=["-macs", "id"], columns=["id", "macs"])
    assert found["macs"].to_list() == sorted(found["macs"].to_list(), reverse=True)
    groups = reader.query(group_by=["family", "params"], columns=["count"])
    assert groups.columns == ["family", "params", "count"]


@pytest.mark.parametrize("whole", [2, np.int64(2), np.uint8(2)])
def test_whole_numbers_of_numpy_are_whole_numbers(reader, example, whole):
    assert len(reader.query(limit=whole)) == 2
    assert get_candidate(example, whole).id == 2


@pytest.mark.parametrize("limit", [-1, 2**63, 1.0, "2"])
def test_a_limit_is_a_number_of_rows(reader, limit):
    for ask in (
        lambda: reader.query(limit=limit),
        lambda: reader.query(group_by="family", limit=limit),
        lambda: reader.pareto("macs", limit=limit),
        lambda: reader.sql("select 1", limit=limit),
    ):
        with pytest.raises(DseError, match="give a whole number of rows, 0 or more"):
            ask()
