"""What the config of a search says of its budget and of objectives that are costs."""

import pytest

from dse.errors import DseError
from dse.project.config_groups.search_config import read_objective, split_budget
from dse.search import Limit
from dse.search.exact_answers.exact import goal_of_costs

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
