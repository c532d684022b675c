"""What the config of a search says of its budget and of objectives that are costs."""

import inspect
import math

import pytest

from dse.errors import DseError
from dse.project.config_groups.search_config import read_objective, split_budget
from dse.search import OBJECTIVES, Limit
from dse.search.exact_answers.exact import goal_of_costs
from dse.search.objective import GIVEN

NASWOT = read_objective("naswot", {"_target_": "dse.search.objectives.naswot"}, [])


def of_cost(formula):
    return read_objective("cost", {"_target_": "dse.search.objectives.cost", "cost": formula}, [])


@pytest.mark.parametrize(
    ("text", "costs", "limits"),
    [
        ("macs <= 3M", "macs <= 3M", ()),
        ("macs <= 3M and naswot >= 0.5", "macs <= 3M", (Limit("naswot", 0.5, None),)),
        ("2 * naswot <= 7 and macs != 3", "macs != 3", (Limit("naswot", None, 3.5),)),
        ("naswot = 1 and (macs < 3 or macs > 9)", "macs < 3 or macs > 9", (Limit("naswot", 1, 1),)),
        ("(macs < 3 or macs > 9) and params < 5", "(macs < 3 or macs > 9) and params < 5", ()),
        ("naswot <= 1", None, (Limit("naswot", None, 1.0),)),
    ],
)  # fmt: skip
def test_a_text_bounds_costs_and_what_is_measured(text, costs, limits):
    assert split_budget({"where": text, "params": "5M"}, NASWOT) == (
        {"where": costs, "params": "5M"},
        limits,
    )


def test_what_is_measured_is_not_mixed_with_costs():
    for text in ("naswot >= macs", "naswot > 1 or macs > 1"):
        with pytest.raises(DseError, match=r"column .: what an objective measures is bounded by"):
            split_budget({"where": text}, NASWOT)


@pytest.mark.parametrize(
    ("formula", "goal"),
    [
        ("flops", {"flops": 1.0}),
        ("0.5 * macs - params", {"macs": 0.5, "params": -1.0}),
        ("macs / params", {"macs / params": 1.0}),
        ("macs + 1", {"macs + 1": 1.0}),
    ],
)
def test_a_formula_as_a_goal(formula, goal):
    assert goal_of_costs(of_cost(formula)) == goal


def test_a_mistake_in_a_formula_is_pointed_at():
    with pytest.raises(DseError, match=r"^objective.cost 'macs / parms', column 8: unknown cost"):
        of_cost("macs / parms")


def numbers_of_objectives():
    """Yield each option of a shipped objective that is a number, whole or not."""
    for path in OBJECTIVES:
        for name, parameter in inspect.signature(OBJECTIVES[path]).parameters.items():
            kind = str(parameter.annotation).removesuffix(" | None")
            if kind in ("int", "float") and name not in GIVEN:
                yield path, name, kind == "int"


@pytest.mark.parametrize(
    ("path", "option", "is_whole"),
    list(numbers_of_objectives()),
    ids=lambda each: str(each).rpartition(".")[2],
)
def test_a_number_that_no_objective_goes_by_is_refused_before_anything_runs(path, option, is_whole):
    for wrong in ["many", -1, math.nan, *([1.5] if is_whole else [])]:
        needed = {"tokens": 1e9} if path.endswith("scaling_law") else {}
        content = {"_target_": path, **needed, option: wrong}
        with pytest.raises(DseError, match=rf"^objective\.{option}: "):
            read_objective("mine", content, [])


@pytest.mark.parametrize(
    ("path", "option", "least"),
    [
        ("naswot", "batch", 1),
        ("zen", "repeats", 1),
        ("latency", "repeats", 2),
        ("latency", "warmup", 0),
        ("train", "batch", 2),
    ],
)
def test_the_least_that_an_objective_goes_by_is_taken(path, option, least):
    content = {"_target_": f"dse.search.objectives.{path}", option: least}
    assert read_objective("mine", content, []).measures[0].options[option] == least
    with pytest.raises(DseError, match=f"{option}: {least - 1} is below {least}"):
        read_objective("mine", {**content, option: least - 1}, [])


def test_a_wrong_option_of_one_of_several_goals_is_told_at_its_place():
    goals = {"score": {"_target_": "dse.search.objectives.naswot", "batch": 0}}
    with pytest.raises(DseError, match=r"^objective\.goals\.score\.batch: 0 is below 1"):
        read_objective("several", {"goals": goals}, [])
