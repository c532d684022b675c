"""The front is what comparing every pair finds, on any points and on a store."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from dse.dominance import non_dominated
from dse.errors import DseError
from dse.store import ask
from dse.store.questions.pareto_answers import ParetoGoal, pareto


def by_comparing_every_pair(points: np.ndarray) -> list[int]:
    return [
        place
        for place, point in enumerate(points)
        if not any((other <= point).all() and (other < point).any() for other in points)
    ]


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda goals: st.lists(st.tuples(*[st.integers(-3, 3)] * goals), min_size=1, max_size=40)
    )
)
def test_the_front_of_few_points_with_many_ties(points: list[tuple[int, ...]]) -> None:
    array = np.array(points)
    assert non_dominated(list(array.T)).tolist() == by_comparing_every_pair(array)


@pytest.mark.parametrize("goals", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("shape", ["free", "opposed"])
def test_the_front_of_many_points(goals: int, shape: str) -> None:
    draw = np.random.default_rng(goals)
    points = draw.integers(0, 50, (800, goals)).astype(float)
    if shape == "opposed":
        points[:, -1] = 50 * goals - points.sum(axis=1) + draw.integers(0, 9, 800)
    assert non_dominated(list(points.T)).tolist() == by_comparing_every_pair(points)


@pytest.mark.parametrize("goals", [2, 3, 4])
def test_the_front_holds_all_points_where_none_is_better(goals: int) -> None:
    points = np.random.default_rng(goals).permutation(100_000 // 4**goals)[:, None]
    columns = [points[:, 0]] * (goals - 1) + [-points[:, 0]]
    assert non_dominated(columns).tolist() == list(range(len(points)))


def test_no_points_have_no_front() -> None:
    assert non_dominated([np.array([]), np.array([])]).tolist() == []


def test_integers_are_compared_exactly() -> None:
    large = 2**62
    points = [np.array([large + 1, large]), np.array([1, 1])]
    assert non_dominated(points).tolist() == [1]


GOALS = [
    [ParetoGoal("macs", "min"), ParetoGoal("accuracy", "max")],
    [ParetoGoal("macs", "min"), ParetoGoal("params", "min"), ParetoGoal("peak_memory", "max")],
    [ParetoGoal("macs / params", "max"), ParetoGoal("width", "min")],
    [ParetoGoal("depth", "max")],
]


@pytest.mark.parametrize("goals", GOALS, ids=str)
@pytest.mark.parametrize("condition", [None, "macs < 900M and family = 'resnet'"])
def test_no_candidate_beats_one_of_the_front(
    example: Engine, goals: list[ParetoGoal], condition: str | None
) -> None:
    labels = [goal.text for goal in goals]
    rows = [
        row
        for row in ask(example, condition, columns=["id", *labels])
        if all(row[label] is not None for label in labels)
    ]
    signs = np.array([1 if goal.direction == "min" else -1 for goal in goals])
    points = np.array([[row[label] for label in labels] for row in rows]) * signs
    expected = {rows[place]["id"] for place in by_comparing_every_pair(points)}
    found = pareto(example, goals, condition)
    assert {row["id"] for row in found.rows} == expected
    assert found.total == len(expected)
    first = [row[labels[0]] for row in found.rows]
    assert first == sorted(first, reverse=goals[0].direction == "max")
    assert found.columns[:2] == ("id", "family")
    assert set(labels) <= set(found.columns)


def test_the_first_few_with_chosen_columns(example: Engine) -> None:
    found = pareto(example, GOALS[1], limit=2, columns=["macs", "id", "macs / params"])
    assert found.columns == ("macs", "id", "macs / params")
    assert len(found.rows) == 2 < found.total


@pytest.mark.parametrize(
    ("goals", "condition", "message"),
    [
        ([], None, "say what is to be small or large"),
        (
            [ParetoGoal("maccs", "min")],
            None,
            "min 'maccs', column 1: unknown column 'maccs'; did you",
        ),
        ([ParetoGoal("family", "max")], None, "max 'family': family is no number"),
        ([ParetoGoal("macs", "max")], "width >", "column 8: the text ends too early"),
    ],
)
def test_a_malformed_question(
    example: Engine, goals: list[ParetoGoal], condition: str | None, message: str
) -> None:
    with pytest.raises(DseError, match=message):
        pareto(example, goals, condition)


def test_an_empty_store_has_no_front(empty: Engine) -> None:
    assert pareto(empty, [ParetoGoal("macs", "min")]).rows == []


def test_what_is_not_measured_is_left_out(example: Engine) -> None:
    rows: list[dict[str, Any]] = pareto(example, [ParetoGoal("top-1 error", "min")]).rows
    assert [row["id"] for row in rows] == [5]
