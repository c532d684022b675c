"""The keys of a search, and the request that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dse.project.design_spaces import Space
from dse.project.requests.named_goals import NamedGoal, goals_in_short
from dse.project.requests.request_configs import SpaceKeys
from dse.project.requests.search_requests import SearchRequest
from dse.search import TRACKERS


@dataclass
class SearchConfig(SpaceKeys):
    """The keys of `conf/search.yaml`."""

    budget: dict[str, Any] = field(default_factory=dict)
    objective: Any = None
    sampler: Any = None
    trials: int = 30
    seed: int = 0
    best: int = 5
    diverse: int | None = None
    steps: dict[str, Any] = field(default_factory=dict)
    minimize: Any = None
    maximize: Any = None
    executor: dict[str, Any] = field(default_factory=dict)
    workers: int | None = None
    order: str = "free"
    lease: float = 60.0
    time_limit: float | None = None
    attempts: int = 2
    retry: str = "failed"
    reuse: str = "same"
    pruner: Any = None
    checkpoints: str | None = None
    to_optuna: str | None = None
    mlflow: str | None = None
    wandb: str | None = None
    tensorboard: str | None = None
    exact: bool = True
    hints: list[str] = field(default_factory=list)
    warm: bool = False


_AS_THEY_ARE = (
    *(
        "trials",
        "seed",
        "best",
        "diverse",
        "steps",
        "workers",
        "order",
        "lease",
        "time_limit",
        "attempts",
        "retry",
        "reuse",
    ),
    *("pruner", "checkpoints", *TRACKERS, "exact", "hints", "warm"),
)
"""Keys that a request of a search takes as they are."""


def search_of(values: Mapping[str, Any], space: Space, pages: Mapping[str, str]) -> SearchRequest:
    """Return the search of a space that the keys of `SearchConfig` describe.

    Raises:
        DseError: for goals by `minimize` and `maximize` that do not hold.
    """
    short = goals_in_short(values["minimize"], values["maximize"])
    goal = short or NamedGoal(pages.get("objective", "objective"), values["objective"])
    return SearchRequest(
        space=space,
        objective=goal.content,
        sampler=values["sampler"],
        objective_name=goal.name,
        budget=space.bounds_on(values["budget"]),
        executor=values["executor"],
        pages=pages,
        **{key: values[key] for key in _AS_THEY_ARE},
    )
