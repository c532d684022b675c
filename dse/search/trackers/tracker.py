"""What other tools are told of a study, while it goes on."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_log = logging.getLogger("dse.search")


@dataclass(frozen=True, slots=True)
class TrackedStudy:
    """What a tool is told of a study."""

    id: int
    name: str
    """The family and the objective."""
    goals: Mapping[str, str]
    """`maximize` or `minimize`, by the name of each goal."""
    axes: Mapping[str, Sequence[Any]]
    """The values of each setting that the candidates differ in."""
    config: Mapping[str, Any] = field(default_factory=dict)
    """What is searched, for what, and how; plain values."""


@dataclass(frozen=True, slots=True)
class TrackedTrial:
    """What a tool is told of a trial."""

    number: int | None
    """None for a candidate that was measured before the study began."""
    key: int
    """Of the network; a study has each once."""
    id: int
    """Of the candidate in the store."""
    settings: Mapping[str, Any]
    costs: Mapping[str, int]
    attempt: int = 1
    state: str = "running"
    """`running`, `done`, `failed` or `pruned`."""
    started: datetime | None = None
    finished: datetime | None = None
    values: Sequence[float] | None = None
    """Of each goal, in order."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Everything that was measured."""
    violations: Mapping[str, float] = field(default_factory=dict)
    """By how much each limit is broken; at most 0 where it is met."""
    steps: Mapping[int, float] = field(default_factory=dict)
    """What it reported."""
    error: str | None = None


class StudyTracker(ABC):
    """Writes a study into another tool; each process tells of the trials that it evaluates.

    A trial may be told of again: by the next attempt, or by whoever goes on with the study. What a
    tool holds already must not be written twice.
    """

    @abstractmethod
    def begin(self, study: TrackedStudy) -> None:
        """Open the tool, before the first trial.

        Raises:
            DseError: where it cannot be opened.
        """

    @abstractmethod
    def trial_began(self, trial: TrackedTrial) -> None:
        """Tell that a trial is evaluated."""

    @abstractmethod
    def reported(self, trial: TrackedTrial, step: int, value: float) -> None:
        """Tell what an evaluation reported."""

    @abstractmethod
    def trial_ended(self, trial: TrackedTrial) -> None:
        """Tell how a trial ended."""

    @abstractmethod
    def end(self) -> None:
        """Close the tool, as this process takes part no more."""


class Trackers:
    """Tells several tools; one that fails while a study goes on is told no more, and named."""

    def __init__(self, trackers: Iterable[StudyTracker]) -> None:
        self._trackers = list(trackers)

    def begin(self, study: TrackedStudy) -> None:
        """Open every tool.

        Raises:
            DseError: where one cannot be opened.
        """
        for each in self._trackers:
            each.begin(study)

    def tell(self, what: Callable[[StudyTracker], None]) -> None:
        """Tell each tool something."""
        for each in list(self._trackers):
            try:
                what(each)
            # Whatever goes wrong in somebody else's tool must not end a search.
            except Exception as error:  # noqa: BLE001
                self._trackers.remove(each)
                reason = " ".join(str(error).split()) or type(error).__name__
                _log.warning("%s is told no more of this study: %s", type(each).__name__, reason)

    def end(self) -> None:
        """Close every tool."""
        self.tell(lambda each: each.end())
