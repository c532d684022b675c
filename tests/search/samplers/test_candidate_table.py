"""Candidates as a table are what they were one by one."""

import numpy as np
import pytest

import dse
from dse.search.samplers import CandidateTable
from dse.search.samplers.ranks import ranked

ROWS = [{"a": 3, "b": "x"}, {"a": 1.0, "b": None}, {"a": 1, "b": True}, {"a": 3, "b": "x"}]


def test_a_table_holds_what_it_was_made_of():
    table = CandidateTable.of(ROWS)
    assert [*table] == ROWS == table[:]
    assert table[-1] == ROWS[-1]
    assert CandidateTable.of(table) is table
    assert table.numbers.nbytes == len(ROWS) * 2


def test_more_candidates_than_are_read_at_once(monkeypatch):
    monkeypatch.setattr("dse.search.samplers.candidate_table.AT_ONCE", 7)
    rows = [{"a": index % 200, "b": str(index)} for index in range(300)]
    assert [*CandidateTable.of(iter_only(rows))] == rows
    rows[200] = {"a": 1}
    with pytest.raises(ValueError, match="candidate 200 has other parameters"):
        CandidateTable.of(rows)


def iter_only(rows):
    """A sequence of mappings that makes each anew."""
    return type("Rows", (), {"__len__": lambda s: len(rows), "__getitem__": lambda s, i: rows[i]})()


def test_codes_may_be_of_values_that_are_equal_or_do_not_occur():
    codes = np.array([0, 2, 1, 0])
    table = CandidateTable.of_codes(
        {"a": ((1, 1.0, 7, 9), codes), "b": (("x",), 0 * codes)}, len(codes)
    )
    assert [*table] == [{"a": a, "b": "x"} for a in (1, 7, 1, 1)]
    assert table.values == {"a": [1, 7], "b": ["x"]}


def test_ranks_are_of_numbers_in_order_and_of_names_as_they_come():
    table = CandidateTable.of([{"a": 3, "b": "x"}, {"a": 1, "b": "c"}, {"a": 2, "b": "x"}])
    choices, ordered, ranks = ranked(table, {})
    assert choices.tolist() == [[2, 0], [0, 1], [1, 0]]
    assert ordered == [True, False]
    assert ranks == [{1: 0, 2: 1, 3: 2}, {"x": 0, "c": 1}]
    assert ranked(table, {"a": False})[1] == [False, False]


def test_a_space_without_choices_has_its_one_candidate(tmp_path):
    table = CandidateTable.of_codes({}, 1)
    assert (len(table), list(table)) == (1, [{}])
    space = dse.design_space("mlp", {})
    project = dse.open(tmp_path / "store.db")
    for exact in (True, False):
        study = project.search(space, minimize="macs", exact=exact)
        assert len(study.best) == 1
