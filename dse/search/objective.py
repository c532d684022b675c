"""What a search optimises: measures, goals over them, and limits."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dse.errors import DseError, nearest
from dse.language import Value
from dse.search.data_places import with_data
from dse.store import check_measurement_name

Direction = Literal["maximize", "minimize"]

GIVEN = ("candidate", "module", "device", "seed", "report", "checkpoint", "allow")
"""Parameters of an objective's function that are no options: what it is given of an evaluation."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A function that measures a candidate, with its options."""

    name: str
    """Under which a number that it returns is stored; a mapping has to hold it."""
    function: Callable[..., Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    is_given: bool = False
    """Whether the function itself was given to the search, and no dotted path of it."""

    @property
    def runs_nothing(self) -> bool:
        """Whether it is one of ours that looks a number up, or works it out, without a network."""
        wanted = inspect.signature(self.function).parameters
        is_ours = self.module.startswith("dse.search.objectives.")
        return is_ours and not {"module", "device"} & wanted.keys()

    def context(self, device: str) -> dict[str, Any]:
        """Return what a measurement depends on besides the candidate, the seed and the code."""
        options = with_data(self.function, self.options)
        return {"target": self.target, "options": options, "device": device}

    @property
    def target(self) -> str:
        """The dotted path of the function."""
        return f"{self.module}.{self.function.__qualname__}"

    @property
    def module(self) -> str:
        """The dotted name of the module that defines the function."""
        # What `exec` makes without a `__name__` has none.
        return self.function.__module__ or "__main__"

    @property
    def possible_options(self) -> list[str]:
        """The names of the options that the function has."""
        kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
        parameters = inspect.signature(self.function).parameters.values()
        return [each.name for each in parameters if each.kind in kinds and each.name not in GIVEN]

    def taken(self, training: Mapping[str, Value]) -> dict[str, Value]:
        """Return those of some training settings that the function takes; all if it takes any."""
        parameters = inspect.signature(self.function).parameters.values()
        takes_any = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters)
        names: Collection[str] = training if takes_any else self.possible_options
        return {name: value for name, value in training.items() if name in names}

    def named(self, returned: Any, settings: Collection[str] = ()) -> dict[str, float]:
        """Return the numbers that the function returned, by name.

        Args:
            returned: a number, or numbers by name.
            settings: the names of those of the candidate and of its training.

        Raises:
            DseError: for what is no number, and for a mapping without the measure's own name, or
                with one that is a column of every candidate or a setting of this one.
        """
        if not isinstance(returned, Mapping):
            return {self.name: _number(self.name, self.name, returned)}
        numbers = {str(name): _number(self.name, name, each) for name, each in returned.items()}
        for name in numbers.keys() - {self.name}:
            check_measurement_name(name, settings)
        if self.name not in numbers:
            raise DseError(
                f"the objective returned no {self.name!r}; {nearest(self.name, numbers)}"
            )
        return numbers


def _number(measure: str, name: str, value: Any) -> float:
    """Return a number that a function returned, also one of NumPy or PyTorch.

    Raises:
        DseError: for anything else, such as None of a function that returns nothing.
    """
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        told = "" if name == measure else f" for {name!r}"
        kind = f"{value!r:.50}" if value is None or isinstance(value, str) else type(value).__name__
        raise DseError(f"the objective returned {kind}{told}, which is no number") from error


@dataclass(frozen=True, slots=True)
class Goal:
    """A weighted sum of measures, often of one, to maximise or minimise."""

    name: str
    direction: Direction
    weights: Mapping[str, float]

    def value(self, numbers: Mapping[str, float]) -> float:
        """Return the sum at the numbers of a candidate."""
        return sum(weight * numbers[name] for name, weight in self.weights.items())


@dataclass(frozen=True, slots=True)
class Limit:
    """Bounds on a measurement, both included; unlike a budget's, they are known afterwards."""

    name: str
    low: float | None
    high: float | None

    def violations(self, value: float) -> dict[str, float]:
        """Return by how much of a bound it is broken, by name; at most 0 where it is met."""
        found = {}
        if self.low is not None:
            found[f"{self.name} >= {self.low:g}"] = (self.low - value) / (abs(self.low) or 1.0)
        if self.high is not None:
            found[f"{self.name} <= {self.high:g}"] = (value - self.high) / (abs(self.high) or 1.0)
        return found

    def __str__(self) -> str:
        low = "" if self.low is None else f"{self.low:g} <= "
        high = "" if self.high is None else f" <= {self.high:g}"
        return f"{low}{self.name}{high}"


@dataclass(frozen=True, slots=True)
class Objective:
    """What is measured of each candidate, and what of that is wanted."""

    measures: tuple[Measure, ...]
    goals: tuple[Goal, ...]
    limits: tuple[Limit, ...] = ()
    replicates: int = 1
    """Evaluations of a candidate, each with a seed of its own; their mean counts."""

    @property
    def name(self) -> str:
        """The names of the goals."""
        return " and ".join(goal.name for goal in self.goals)

    def values(self, numbers: Mapping[str, float]) -> list[float]:
        """Return the value of each goal."""
        return [goal.value(numbers) for goal in self.goals]

    def violations(self, numbers: Mapping[str, float]) -> dict[str, float]:
        """Return how far each limit is broken.

        Raises:
            DseError: for a limit on what nothing measures.
        """
        found: dict[str, float] = {}
        for limit in self.limits:
            if limit.name not in numbers:
                hint = nearest(limit.name, numbers)
                raise DseError(f"budget.{limit.name}: nothing measures it; {hint}")
            found |= limit.violations(numbers[limit.name])
        return found

    def signed(self, values: list[float]) -> list[float]:
        """Return values of which more is better."""
        return [
            value if goal.direction == "maximize" else -value
            for goal, value in zip(self.goals, values, strict=True)
        ]
