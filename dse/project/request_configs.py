"""The keys of a sweep and of a search as plain values, and the requests that they make."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from dse.devices import DevicePage, read_device
from dse.errors import DseError, nearest
from dse.project.cost_group import CostConfig, read_conditions
from dse.project.goals_in_short import NamedGoal, goals_in_short
from dse.project.grids_of_pages import grid_of_pages
from dse.project.search_requests import SearchRequest
from dse.project.spaces import Space
from dse.project.sweep_requests import SweepRequest
from dse.search import TRACKERS

PAGES = ("family", "objective", "sampler", "store")
"""Groups that have to have a page, whose keys are not those of the schema."""


@dataclass
class SpaceKeys:
    """The keys by which every command names a space and a store."""

    family: Any = None
    grid: dict[str, Any] = field(default_factory=dict)
    cost: CostConfig = field(default_factory=CostConfig)
    device: Any = None
    store: Any = None
    variant: str | None = None
    allow: list[str] = field(default_factory=list)


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


def typed(schema: type, content: Any, resolve: bool) -> dict[str, Any]:
    """Return the config of a command as plain values, its keys of the schema's types.

    Args:
        schema: the dataclass of the command's keys.
        content: the config.
        resolve: put what references stand for in their place.

    Raises:
        DseError: for a key that the command has not, or a group that nothing was chosen from.
        omegaconf.errors.OmegaConfBaseException: for a value of another type, or a reference that
            leads nowhere.
    """
    valid = [field.name for field in dataclasses.fields(schema)]
    for key in content:
        if key not in valid:
            raise DseError(f"unknown key {str(key)!r}; {nearest(str(key), valid)}")
    merged = OmegaConf.merge(OmegaConf.structured(schema), content)
    values: Any = OmegaConf.to_container(merged, resolve=resolve)
    for group in (key for key in PAGES if key in valid):
        if not isinstance(values[group], Mapping):
            raise DseError(f"no {group} is chosen; name a page of it, as in {group}=…")
    if not isinstance(values["store"].get("url"), str):
        raise DseError("store.url: expected the path of a file, or a URL")
    return dict(values)


def space_of(
    values: Mapping[str, Any],
    pages: Mapping[str, str],
    source: str = "",
    given: Collection[str] | None = None,
    device_file: Path | None = None,
    config_dir: Path | None = None,
) -> Space:
    """Return the design space that the keys of a command describe.

    Args:
        values: by key.
        pages: the name of the page that was chosen from each config group.
        source: where the family came from, for messages.
        given: keys of the group `cost` that go before what the device says; None for all.
        device_file: of the page of the device, for messages.
        config_dir: a directory of the user's own with pages, which a union of grids may name.

    Raises:
        DseError: for no family, or conditions that do not hold.
    """
    if "family" not in pages:
        raise DseError("no family is chosen; name one as in family=mobilenet_v2")
    device = _device_of(values, pages, device_file)
    cost = dict(values["cost"])
    if device is not None and given is not None:
        cost |= {key: v for key, v in device.conditions.items() if key not in given}
    return Space(
        family=pages["family"],
        page=values["family"],
        grid=grid_of_pages(values["grid"] or {}, config_dir),
        conditions=read_conditions(cost, device="" if device is None else device.name),
        variant=values["variant"],
        allow=tuple(values["allow"]),
        source=source,
        device=values["device"] or {},
        store=str(values["store"]["url"]),
    )


def _device_of(
    values: Mapping[str, Any], pages: Mapping[str, str], file: Path | None
) -> DevicePage | None:
    """Return the device that the keys of a command name; None where they name none.

    Raises:
        DseError: for what its page cannot say.
    """
    name = pages.get("device", "none")
    return None if name == "none" else read_device(name, values["device"] or {}, file)


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
