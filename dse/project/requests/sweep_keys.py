"""The keys of a sweep, and the request that they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dse.project.design_spaces import Space
from dse.project.requests.request_configs import SpaceKeys
from dse.project.requests.sweep_requests import SweepRequest


@dataclass
class SweepConfig(SpaceKeys):
    """The keys of `conf/sweep.yaml`."""

    budget: dict[str, Any] = field(default_factory=dict)
    executor: dict[str, Any] = field(default_factory=dict)
    keep: str = "all"
    min: list[str] = field(default_factory=list)
    max: list[str] = field(default_factory=list)
    limit: int | None = None
    sample: int | None = None
    seed: int = 0
    stratify: str | None = None
    strata: int = 10


def sweep_of(values: Mapping[str, Any], space: Space, pages: Mapping[str, str]) -> SweepRequest:
    """Return the sweep of a space that the keys of `SweepConfig` describe."""
    return SweepRequest(
        space=space,
        budget=space.bounds_on(values["budget"]),
        executor=values["executor"],
        keep=values["keep"],
        min=tuple(values["min"]),
        max=tuple(values["max"]),
        pages=pages,
        **{key: values[key] for key in ("limit", "sample", "seed", "stratify", "strata")},
    )
