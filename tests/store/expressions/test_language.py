"""What is no condition is told in one line that points at the place and names the mend."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from dse.errors import DseError
from dse.store import ask, open_for_reading
from dse.store.asked_words import split_terms
from dse.store.questions.grouped_answers import answer_by_group
from dse.store.questions.statements import answer_sql

MALFORMED = [
    ("", "condition is empty"),
    ("   ", "condition is empty"),
    ("maccs < 3", "column 1: unknown column 'maccs'; did you mean 'macs'"),
    ("macs < 3 and widht > 1", "column 14: unknown column 'widht'; did you mean 'width'"),
    ("macs < 300MiB", "column 8: macs is a count, which has no unit 'MiB'; did you mean 'M'"),
    ("64M > peak_memory", "column 1: peak_memory is in bytes, which has no unit 'M'.*'MB'"),
    ("params in (1M, 2MB)", "column 16: params is a count"),
    ("2 * macs < 1Kib", "macs is a count"),
    ("width < 3q", "unknown unit 'q'"),
    ("accuracy < 20ms", "accuracy is a plain number, which has no unit 'ms'"),
    ("accuracy < 1MiB", "accuracy is a plain number, which has no unit 'MiB'"),
    ("2 * accuracy > 3us", "accuracy is a plain number"),
    ("mean(macs) > 1", "column 1: mean is of the replicates of a measurement, or of a group"),
    ("sum(accuracy) > 1", "column 1: unknown function 'sum'; "),
    ("id in (mean(macs))", "column 8: mean is of the replicates"),
    ("mean(accuracy + 1) > 1", "column 1: mean is of the replicates"),
    ("mean(1) > 1", "column 1: mean is of the replicates"),
    ("accuracy < 1e310", "is beyond what a number holds"),
    ("macs < 0.0001k", "not a whole number"),
    ("macs <", "column 7: the text ends too early"),
    ("(macs < 3", "column 10: the text ends too early"),
    ("macs < 3)", "an operator such as .* not '\\)'"),
    ("< 3", "column 1: a column or a value is expected here, not '<'"),
    ("macs < 3 adn width > 1", "column 10: .* not 'adn'; did you mean 'and'"),
    ("macs < 3 && width > 1", "unexpected '&'; write 'and'"),
    ("macs < 3, width > 1", "unexpected ','; write 'and'"),
    ("peak_memory < 1.5 MiB", "a unit stands right behind its number: 1.5MiB"),
    ("macs < 300 M and width > 1", "a unit stands right behind its number: 300M"),
    ("macs < 3 || width > 1", "unexpected '\\|'; write 'or'"),
    ("! se", "write 'not'"),
    ("family = 'resnet", "column 10: .*quote is not closed"),
    ("family = resnet", "column 10: unknown column 'resnet'; text is written in quotes, 'resnet'"),
    ("family = 3", "column 10: family is text, and 3 is a number"),
    ("width = '3'", "width is a number, and '3' is text"),
    ("width = 'x' and macs < 3", "column 9: width is a number"),
    ("family in ('resnet', 3)", "column 22: family is text, and 3 is a number"),
    ("se = 1", "se is true or false, and 1 is a number"),
    ("se < true", "no order"),
    ("stem = true", "stem is a number or text, and this is true or false"),
    ("width like '1%'", "'like' compares text"),
    ("family like 3", "'like' compares text"),
    ("family + 1 > 2", "only calculate with numbers; family is text"),
    ("-family > 2", "only calculate with numbers"),
    ("macs", "macs is a number, not a condition"),
    ("macs and width > 1", "column 1: macs is a number, not a condition"),
    ("not 3", "not a condition"),
    ("(macs < 3) < 4", "a condition cannot be compared"),
    ("(macs < 3) + 4 > 1", "this is a condition"),
    ("(macs < 3) is null", "a condition is never null"),
    ("macs = null", "'is null'"),
    ("macs in ()", "a column or a value is expected"),
    ("macs < 3; drop table run", "unexpected ';'; one condition is enough"),
    ("macs < 99999999999999999999", "too large"),
    ("macs < 99999999999G", "too large"),
    ("macs < 1e999999999", "more digits"),
    ("macs < 1e999999999M", "more digits"),
    ("macs < 1e-999999999", "more digits"),
    ("macs < " + "9" * 5000, "more digits"),
    ("macs < 3\0", "unexpected character"),
    ("family = '\udcff'", "unexpected character"),
    ("not " * 100 + "se", "nested deeper than"),
    ("(" * 4000 + "macs", "ends too early"),
    (" or ".join(["macs < 3"] * 400), "more than 600 parts"),
    ("macs < 3" + " " * 20_000, "at most 10,000"),
    ("macs<" + "-" * 9000 + "1", "nested deeper than"),
    ("1" + "+1" * 4000 + "<macs", "nested deeper than"),
]


@pytest.mark.parametrize(("condition", "message"), MALFORMED, ids=range(len(MALFORMED)))
def test_a_malformed_condition_is_told_in_one_line(
    example: Engine, condition: str, message: str
) -> None:
    with pytest.raises(DseError, match=message) as caught:
        ask(example, condition)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "condition",
    [
        "(" * 4000 + "macs < 3" + ")" * 4000,
        " or ".join(["macs < 3"] * 290),
        "not " * 20 + "(" + " and ".join(["macs / params / width < 3"] * 60) + ")",
        "id in (" + ", ".join(map(str, range(1500))) + ")",
        "(macs < 1 and (" * 11 + "se" + "))" * 11,
        "macs < " + "1 + " * 20 + "1",
        "width < 1" + " / depth" * 20,
    ],
    ids=range(7),
)
def test_a_long_condition_is_answered(example: Engine, condition: str) -> None:
    assert ask(example, condition) is not None


_WORDS = """macs params width depth stem se family accuracy invalid batch id nope `top-1 error`
    and or not in like is null true false ( ) [ ] , < <= > >= = == != <> + - * / 0 1 2.5 300M 64MiB
    1e5 3B 'resnet' "my-net" 'it''s' 'a%' ; -- ' \\ % ? :name $1 é DROP TABLE candidate"""
WORDS = _WORDS.split()

texts = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=15).map("".join),
)
VALUES = "macs params width depth accuracy 3 0 1.5 300M -2 macs/params (width+1)*0 1e18*macs"
operands = st.sampled_from(VALUES.split())
relations = st.one_of(
    st.builds(
        "{} {} {}".format, operands, st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), operands
    ),
    st.builds("{} < {} <= {}".format, operands, operands, operands),
    st.builds("{} in ({}, {})".format, operands, operands, operands),
    st.builds("{} is not null".format, operands),
    st.sampled_from(["se", "family like 'r%'", "stem = 'deep'", "stem > 3", "invalid is null"]),
)
conditions = st.recursive(
    relations,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("not {}".format, inner),
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def shared(example_file: Path) -> Engine:
    return open_for_reading(str(example_file))


FUZZ = settings(max_examples=1000, deadline=None, database=None)
"""Four tests of as many texts each; what is well formed takes a multiple of the time."""


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_written(example_file: Path) -> Iterator[None]:
    before = hashlib.sha256(example_file.read_bytes()).digest()
    yield
    assert hashlib.sha256(example_file.read_bytes()).digest() == before


@FUZZ
@given(condition=texts)
def test_any_condition_is_answered_or_refused(shared: Engine, condition: str) -> None:
    with contextlib.suppress(DseError):
        ask(shared, condition, limit=3)


@FUZZ
@given(sort=texts, columns=texts)
def test_any_order_and_columns_are_answered_or_refused(
    shared: Engine, sort: str, columns: str
) -> None:
    with contextlib.suppress(DseError):
        ask(shared, sort=sort, limit=3)
    with contextlib.suppress(DseError):
        ask(shared, columns=split_terms(columns), limit=3)


@FUZZ
@given(by=texts, columns=texts, sort=st.none() | texts)
def test_any_groups_are_answered_or_refused(
    shared: Engine, by: str, columns: str, sort: str | None
) -> None:
    for of in ("depth", by):
        with contextlib.suppress(DseError):
            answer_by_group(shared, of, None, sort, 3, split_terms(columns))


@FUZZ
@given(statement=st.one_of(texts, texts.map("select {}".format), texts.map("delete {}".format)))
def test_any_sql_is_answered_or_refused(shared: Engine, statement: str) -> None:
    with contextlib.suppress(DseError):
        answer_sql(shared, statement, 3)


@settings(max_examples=300, deadline=None)
@given(condition=conditions)
def test_any_well_formed_condition_is_answered(shared: Engine, condition: str) -> None:
    assert len(ask(shared, condition, limit=3, columns=["id"])) <= 3


@settings(max_examples=100, deadline=None)
@given(condition=conditions)
def test_every_well_formed_condition_is_answered(shared: Engine, condition: str) -> None:
    ids = {row["id"] for row in ask(shared, condition)}
    assert {row["id"] for row in ask(shared, f"not not ({condition})")} == ids
    assert not ids & {row["id"] for row in ask(shared, f"not ({condition})")}


@pytest.mark.parametrize(
    "question",
    [
        {"condition": "top-1 error < 0.3"},
        {"condition": "top-1 error is not null"},
        {"condition": "macs < 3M and top-1 error < 0.3"},
        {"condition": "error < 0.3"},
        {"condition": "top < 0.3"},
        {"sort": "-top-1 error / macs"},
        {"columns": ["id", "2 * top-1 error"]},
        {"columns": ["top-1"]},
    ],
    ids=str,
)
def test_a_column_with_a_blank_in_its_name_is_told_how_to_be_written(example, question):
    with pytest.raises(DseError) as refusal:
        ask(example, **question)
    assert str(refusal.value).count("the column is written `top-1 error`") == 1


def test_it_is_written_so(example):
    (row,) = ask(example, "`top-1 error` < 0.3", "-`top-1 error`", columns=["id", "`top-1 error`"])
    assert row == {"id": 5, "top-1 error": 0.25}
