"""Which samplers take part: ours, those of the pages, and the rivals."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from dse.configs.config_places import find_page
from dse.configs.own_pages import read_page
from dse.project.config_groups.sampler_config import read_sampler, sampler_maker
from dse.search import Contestant, SamplerMaker
from tests.rivals import hebo_environment, hub
from tests.rivals.ablations import ABLATIONS

INSTALL = "pip install 'dse-nas[rivals]'"


def always() -> str | None:
    """Return that nothing is missing."""
    return None


@dataclass(frozen=True)
class Rival:
    """A sampler that takes part."""

    name: str
    title: str
    make: Callable[[], SamplerMaker]
    """Returns what makes the sampler; it is called where the sampler runs."""
    available: Callable[[], str | None] = always
    """Returns why it cannot run here, or None."""
    is_plain: bool = False
    """Whether it proposes from the whole grid, and is told of the bounds as constraints."""

    @property
    def contestant(self) -> Contestant:
        return Contestant(self.name, self.make, self.is_plain)


def of_page(name: str) -> SamplerMaker:
    """Return what makes the sampler of a page of conf/sampler."""
    return read_sampler(read_page(find_page(name, None, "sampler"), "sampler").resolved, ())


def of_class(module: str, name: str, **options: Any) -> SamplerMaker:
    """Return what makes a sampler of pools."""

    return sampler_maker(getattr(importlib.import_module(module), name), options)


def lacking(module: str) -> str | None:
    """Return that a package is missing, or None."""
    if importlib.util.find_spec(module) is None:
        return f"{module} is not installed: {INSTALL}"
    return None


def lacking_pyrfr() -> str | None:
    """Return that SMAC or the trees that it had before are missing, or None."""
    if lacking("smac") or importlib.util.find_spec("pyrfr"):
        return lacking("smac")
    return (
        "pyrfr is not installed, and is built with swig: apt install swig, or pip install swig; "
        "then pip install --no-build-isolation pyrfr"
    )


def page(name: str, title: str, is_plain: bool = False) -> Rival:
    """Return the sampler of a page as it takes part."""
    shown = f"plain_{name}" if is_plain else name
    return Rival(shown, title, partial(of_page, name), is_plain=is_plain)


_OWN = "tests.rivals"

RIVALS = (
    page("pool", "ours"),
    page("tpe", "Optuna's TPE, feasible candidates only"),
    page("tpe", "Optuna's TPE, told of the bounds", is_plain=True),
    page("gp", "Optuna's Gaussian process, feasible candidates only"),
    page("nsga2", "Optuna's NSGA-II, feasible candidates only"),
    page("evolution", "regularized evolution, feasible candidates only"),
    page("random", "random, feasible candidates only"),
    Rival(
        "botorch",
        "BoTorch's qLogNoisyExpectedImprovement over the pool",
        partial(of_class, f"{_OWN}.botorch_pool", "BotorchSampler"),
        partial(lacking, "botorch"),
    ),
    Rival(
        "smac",
        "SMAC3's forest over the pool",
        partial(of_class, f"{_OWN}.smac_forest", "SmacSampler"),
        partial(lacking, "smac"),
    ),
    Rival(
        "smac_pyrfr",
        "SMAC3's forest of pyrfr over the pool",
        partial(of_class, f"{_OWN}.smac_forest", "PyrfrSampler"),
        lacking_pyrfr,
    ),
    Rival(
        "hebo",
        "HEBO, at the nearest feasible candidate",
        partial(of_class, f"{_OWN}.hebo_environment", "HeboSampler"),
        hebo_environment.unavailable,
    ),
    Rival(
        "bananas",
        "predictors with Thompson sampling and local search, after BANANAS",
        partial(of_class, f"{_OWN}.local_search", "LocalSearchSampler"),
    ),
    Rival(
        "auto",
        "Optuna's AutoSampler, feasible candidates only",
        hub.auto_sampler,
        partial(hub.unavailable, "samplers/auto_sampler"),
    ),
    Rival(
        "ctpe",
        "c-TPE, told of the bounds",
        hub.ctpe,
        partial(hub.unavailable, "samplers/ctpe"),
        is_plain=True,
    ),
)

ABLATED = tuple(
    Rival(
        each.name,
        f"ours with {each.title}",
        partial(of_class, f"{_OWN}.ablations", "AblatedSampler", without=each.name),
    )
    for each in ABLATIONS
)
"""Ours without each part; they take part where they are named."""

BY_NAME = {rival.name: rival for rival in (*RIVALS, *ABLATED)}
