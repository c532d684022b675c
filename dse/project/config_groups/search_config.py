"""From the config of a search to its objective and pruner."""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from omegaconf import MISSING

from dse.costs import COSTS
from dse.errors import DseError, nearest
from dse.lazy_exports import ImportedPaths, at_path
from dse.project.config_groups.given_functions import checked_function
from dse.project.config_groups.sampler_config import classes_of
from dse.search import (
    CHECKS,
    Direction,
    Goal,
    Limit,
    Measure,
    Objective,
)
from dse.search import OBJECTIVES as SEARCH_OBJECTIVES
from dse.space import (
    DesignSpace,
    Side,
    check_arguments,
    find_target,
    import_own,
    read_where,
    unknown_cost,
)
from dse.supernet import SUPERNET_CHECKS, SUPERNET_OBJECTIVES

OBJECTIVES = ImportedPaths([*SEARCH_OBJECTIVES, *SUPERNET_OBJECTIVES])
"""The objectives that any config may name, by their paths."""

PRUNERS = classes_of(optuna.pruners, optuna.pruners.BasePruner)
"""The pruners that any config may name, by their paths."""

GIVEN = ("candidate", "module", "device", "seed", "report", "checkpoint")
"""What a search gives to an objective that asks for it."""

_DIRECTIONS: tuple[Direction, ...] = ("maximize", "minimize")


def read_objective(name: str, content: Mapping[str, Any], allow: Sequence[str]) -> Objective:
    """Return the objective that a config describes.

    One measure is `_target_`, `direction`, perhaps a `name`, and its options. `sum` holds several
    measures by name, each with a `weight`; `goals` several with a direction each, or null for one
    that is only measured. Each candidate is evaluated `replicates` times.

    Raises:
        DseError: for a target that is not allowed, or an option that it does not take.
    """
    import_own(allow)
    content = {str(key): value for key, value in content.items()}
    number = content.pop("replicates", 1)
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise DseError(f"objective.replicates: {number!r} is no number of evaluations")
    if "goals" in content:
        found = _several(content, allow)
    elif "sum" in content:
        found = _weighted(name, content, allow)
    else:
        found = _single(name, content, allow)
    return dataclasses.replace(found, replicates=number)


def _single(name: str, content: dict[str, Any], allow: Sequence[str]) -> Objective:
    direction = _direction(content.pop("direction", "maximize"), "objective.direction")
    name = str(content.pop("name", name))
    measure = _measure(name, content, allow, "objective")
    return Objective((measure,), (Goal(name, direction, {name: 1.0}),))


def _several(content: Mapping[str, Any], allow: Sequence[str]) -> Objective:
    _only(content, ("goals",), "objective")
    measures, goals = [], []
    for name, options in _named(content["goals"], "objective.goals").items():
        where = f"objective.goals.{name}"
        direction = options.pop("direction", "maximize")
        if direction is not None:
            goals.append(Goal(name, _direction(direction, f"{where}.direction"), {name: 1.0}))
        measures.append(_measure(name, options, allow, where))
    if not goals:
        raise DseError("objective.goals: none has a direction")
    return Objective(tuple(measures), tuple(goals))


def _weighted(name: str, content: Mapping[str, Any], allow: Sequence[str]) -> Objective:
    _only(content, ("sum", "direction"), "objective")
    direction = _direction(content.get("direction", "maximize"), "objective.direction")
    measures, weights = [], {}
    for term, options in _named(content["sum"], "objective.sum").items():
        where = f"objective.sum.{term}"
        weight = options.pop("weight", 1.0)
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise DseError(f"{where}.weight: {weight!r} is no number")
        weights[term] = float(weight)
        measures.append(_measure(term, options, allow, where))
    return Objective(tuple(measures), (Goal(name, direction, weights),))


def _named(content: Any, where: str) -> dict[str, dict[str, Any]]:
    entries = content if isinstance(content, Mapping) else {}
    found = {str(name): options for name, options in entries.items() if options is not None}
    if not found:
        raise DseError(f"{where}: expected measures by their names")
    for name, options in found.items():
        if not isinstance(options, Mapping):
            raise DseError(f"{where}.{name}: expected _target_ and options, not {options!r}")
    return {
        name: {str(key): value for key, value in options.items()} for name, options in found.items()
    }


def _only(content: Mapping[str, Any], keys: Sequence[str], where: str) -> None:
    for key in content:
        if key not in keys:
            raise DseError(f"{where}: unknown key {key!r}; {nearest(key, keys)}")


def _direction(value: Any, where: str) -> Direction:
    for direction in _DIRECTIONS:
        if value == direction:
            return direction
    raise DseError(f"{where}: unknown {value!r}; {nearest(str(value), _DIRECTIONS)}")


def _measure(name: str, content: Mapping[str, Any], allow: Sequence[str], where: str) -> Measure:
    options = dict(content)
    target = options.pop("_target_", None)
    is_given = callable(target)
    if is_given:
        function = checked_function(target, where)
    else:
        function = find_target(target, OBJECTIVES, allow, f"{where}._target_")
    check_arguments(function, options, where, GIVEN)
    for required in _required(function):
        if options.get(required, MISSING) in (None, MISSING):
            known = f"; a function is called with any of {', '.join(GIVEN)}" if is_given else ""
            raise DseError(f"{where}: {required} is not given{known}")
    check = CHECKS.get(_shipped_path(function) or "")
    if check is not None:
        try:
            at_path(check)(**options)
        except DseError as error:
            # A check knows of the one objective; of several each has a place of its own.
            raise DseError(re.sub(r"^objective(?=\.)", where, str(error))) from error
    return Measure(name, function, options, is_given)


def check_objective_on(space: DesignSpace, objective: Objective) -> None:
    """Refuse an objective that no candidate of a space could be judged by, before any is.

    Raises:
        DseError: naming what does not go together.
    """
    for measure in objective.measures:
        check = SUPERNET_CHECKS.get(_shipped_path(measure.function) or "")
        if check is not None:
            at_path(check)(space, **measure.options)


def _shipped_path(function: Any) -> str | None:
    """Return the path of one of the objectives that any config may name; None for any other."""
    name = getattr(function, "__name__", "")
    named = [path for path in OBJECTIVES if path.rpartition(".")[2] == name]
    return next((path for path in named if OBJECTIVES[path] is function), None)


def _required(function: Any) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [
        p.name
        for p in parameters
        if p.default is p.empty
        and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
        and p.name not in GIVEN
    ]


def split_budget(
    content: Mapping[str, Any] | None, objective: Objective
) -> tuple[dict[str, Any], tuple[Limit, ...]]:
    """Return the bounds on costs, and those on what the objective measures.

    Raises:
        DseError: for a bound on neither, or one that is no number.
    """
    names = [measure.name for measure in objective.measures]
    # What somebody's own function returns beside its number is known when it has returned.
    is_open = any(_shipped_path(each.function) is None for each in objective.measures)
    costs, limits = {}, []
    for name, value in (content or {}).items():
        if name == "where" and value is not None:
            found = read_where(str(value), names)
            limits += [_measured_limit(side) for side in found.others]
            costs[name] = found.of_costs
        elif name in COSTS or value is None:
            costs[name] = value
        elif name in names or (is_open and str(name).isidentifier()):
            limits.append(_limit(name, value))
        elif not str(name).isidentifier():
            costs[name] = value
        else:
            raise unknown_cost(str(name), (*COSTS, *names))
    return costs, tuple(limits)


def _measured_limit(side: Side) -> Limit:
    ((name, _),) = side.terms.items()
    value = float(side.value)
    low = value if side.operator in (">", ">=", "=") else None
    high = value if side.operator in ("<", "<=", "=") else None
    # The ends of a limit are included.
    if side.operator == ">":
        low = math.nextafter(value, math.inf)
    if side.operator == "<":
        high = math.nextafter(value, -math.inf)
    return Limit(name, low, high)


def _limit(name: str, value: Any) -> Limit:
    if isinstance(value, Mapping):
        _only(value, ("max", "min"), f"budget.{name}")
        ends = [value.get("min"), value.get("max")]
    elif isinstance(value, list) and len(value) == 2:
        ends = value
    else:
        ends = [None, value]
    for end in ends:
        if end is not None and (isinstance(end, bool) or not isinstance(end, int | float)):
            raise DseError(f"budget.{name}: {end!r} is no number")
    low, high = ends
    if low is not None and high is not None and low > high:
        raise DseError(f"budget.{name}: nothing lies between {value!r}")
    return Limit(name, low, high)


def read_pruner(
    content: Any, allow: Sequence[str], goals: int = 1
) -> optuna.pruners.BasePruner | None:
    """Return the Optuna pruner that a config describes; null is none.

    Args:
        content: of the config.
        allow: modules of the user's own that it may name.
        goals: how many the search has.

    Raises:
        DseError: for a target that is not allowed, an option that it does not take or refuses, and
            where there are several goals, of which Optuna compares no unfinished values.
    """
    if content is None:
        return None
    if goals > 1:
        raise DseError(f"pruner: goes with one goal, and there are {goals}; leave it out")
    if isinstance(content, str):
        content = {"_target_": content}
    if not isinstance(content, Mapping):
        raise DseError(f"pruner: expected _target_ and options, not {content!r}")
    options = {str(key): value for key, value in content.items()}
    target = find_target(options.pop("_target_", None), PRUNERS, allow, "pruner._target_")
    check_arguments(target, options, "pruner")
    try:
        pruner = target(**options)
    except (TypeError, ValueError) as error:
        raise DseError(f"pruner: {error}") from error
    if not isinstance(pruner, optuna.pruners.BasePruner):
        raise DseError(f"pruner._target_: {target.__qualname__} is not an Optuna pruner")
    return pruner
