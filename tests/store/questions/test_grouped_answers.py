"""Groups hold what GROUP BY of plain SQL says, and arithmetic can be shown and sorted by."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from dse.errors import DseError
from dse.store import ask
from dse.store.asked_words import split_terms
from dse.store.questions.grouped_answers import answer_by_group
from tests.store.questions.test_row_answers import ACCURACY, DEPTH, STEM, WIDTH, plain_rows

GROUPS = [
    ("family", "count", "family", "count(*)"),
    ("family", "macs", "family", "min(macs), avg(macs), max(macs)"),
    ("family,width", "count,max(macs)", f"family, {WIDTH}", "count(*), max(macs)"),
    ("depth", "mean(accuracy)", DEPTH, f"avg({ACCURACY})"),
    ("depth / 2", "count", f"{DEPTH} / 2.0", "count(*)"),
    ("width", "mean(macs / params)", WIDTH, "avg(macs * 1.0 / params)"),
    ("run", "min(id)", "run_id", "min(id)"),
]


@pytest.mark.parametrize(("by", "columns", "key", "figures"), GROUPS)
@pytest.mark.parametrize("where", ["macs < 900M", "accuracy is not null"])
def test_groups_are_those_of_sql(
    example: Engine, example_file: Path, by: str, columns: str, key: str, figures: str, where: str
) -> None:
    found = answer_by_group(example, by, where, columns=split_terms(columns))
    met = where.replace("900M", "900000000").replace("accuracy", ACCURACY)
    query = f"SELECT {key}, {figures} FROM candidate WHERE invalid IS NULL AND {met}"
    keys = len(split_terms(by))
    places = ", ".join(f"{place} NULLS LAST" for place in range(1, keys + 1))
    rows = plain_rows(example_file, f"{query} GROUP BY {key} ORDER BY {places}")
    assert [tuple(row.values()) for row in found.rows] == [pytest.approx(row) for row in rows]
    assert found.total == len(rows) > 0


def test_what_makes_the_groups_is_shown_once_though_it_is_named(example: Engine) -> None:
    found = answer_by_group(example, "family,width", columns=["width", "count", "family"])
    assert found.columns == ("family", "width", "count")
    assert found.rows == answer_by_group(example, "family,width", columns=["count"]).rows


def test_a_column_of_two_types_makes_groups_of_both(example: Engine, example_file: Path) -> None:
    found = answer_by_group(example, "stem", columns=["count"])
    rows = plain_rows(
        example_file,
        f"SELECT {STEM}, count(*) FROM candidate WHERE invalid IS NULL GROUP BY 1 ORDER BY 1",
    )
    assert sorted(map(str, found.rows)) == sorted(
        str({"stem": stem, "count": count}) for stem, count in rows
    )


def test_groups_in_an_order_and_the_first_of_them(example: Engine) -> None:
    all_groups = answer_by_group(example, "depth", sort="-max(macs)", columns=["macs"])
    highest = [row["max(macs)"] for row in all_groups.rows]
    assert highest == sorted(highest, reverse=True)
    assert all_groups.columns == ("depth", "min(macs)", "mean(macs)", "max(macs)")
    first = answer_by_group(example, "depth", sort="-max(macs)", columns=["macs"], limit=2)
    assert (first.rows, first.total) == (all_groups.rows[:2], len(highest))


@pytest.mark.parametrize(
    "sort", ["-max(top-1 error)", "- max( `top-1 error` )", "-max(`top-1 error`),depth"]
)
def test_a_column_to_sort_by_is_written_as_freely_as_one_to_show(
    example: Engine, sort: str
) -> None:
    shown = ["max(`top-1 error`)"]
    found = answer_by_group(example, "depth", sort=sort, columns=shown)
    plain = answer_by_group(example, "depth", sort="-max(top-1 error)", columns=shown)
    assert found.rows == plain.rows


def test_what_is_shown_of_a_group_by_default(example: Engine) -> None:
    columns = answer_by_group(example, "family").columns
    assert columns[:5] == ("family", "count", "min(params)", "mean(params)", "max(params)")
    assert "max(top-1 error)" in columns


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ({"by": "deph"}, "group-by 'deph', column 1: unknown column 'deph'; did you mean 'depth'"),
        ({"by": "depth,"}, "a column is missing here"),
        ({"by": "macs < 3"}, "a condition is not a value"),
        ({"by": "depth", "columns": ["family"]}, "family is no number"),
        ({"by": "depth", "columns": ["maxx(macs)"]}, "unknown function 'maxx'; did you mean 'max'"),
        ({"by": "depth", "columns": ["max(mac)"]}, "column 5: unknown column 'mac'"),
        ({"by": "depth", "columns": ["max(family)"]}, "family is no number"),
        ({"by": "depth", "sort": "macs"}, "no column 'macs' here; did you mean 'min"),
    ],
)
def test_a_malformed_grouping(example: Engine, question: dict[str, Any], message: str) -> None:
    with pytest.raises(DseError, match=re.escape(message)):
        answer_by_group(example, **question)


def test_arithmetic_is_shown_and_sorted_by(example: Engine, example_file: Path) -> None:
    rows = ask(example, sort="-macs / params,id", limit=9, columns=["id", "macs / params", "1+id"])
    expected = plain_rows(
        example_file,
        "SELECT id, macs * 1.0 / params, 1 + id FROM candidate WHERE invalid IS NULL "
        "ORDER BY 2 DESC, 1 LIMIT 9",
    )
    assert [tuple(row.values()) for row in rows] == [pytest.approx(row) for row in expected]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a,b", ["a", "b"]),
        ("a, max(b) ,c / d", ["a", "max(b)", "c / d"]),
        ("(a, b), c", ["(a, b)", "c"]),
        ("`a,b`,'c,d'", ["`a,b`", "'c,d'"]),
        ("", [""]),
    ],
)
def test_a_list_splits_at_commas_that_stand_free(text: str, parts: list[str]) -> None:
    assert split_terms(text) == parts
