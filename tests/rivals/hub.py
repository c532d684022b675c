"""Samplers of OptunaHub, whose registry no package index has: from a copy of it that is here."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from dse.errors import DseError
from dse.project.config_groups.sampler_config import sampler_maker
from dse.project.contests.contest_samplers import hub_sampler
from dse.search import SamplerMaker

REGISTRY = "DSE_OPTUNAHUB"
"""The variable that names the folder `package` of a checkout of the registry."""


def loaded(package: str) -> Callable[..., Any]:
    """Return the sampler of a package of the registry, such as `samplers/auto_sampler`."""
    return hub_sampler(package, Path(os.environ[REGISTRY]))


def unavailable(package: str) -> str | None:
    """Return why a package cannot be loaded, or None."""
    if importlib.util.find_spec("optunahub") is None:
        return "optunahub is not installed: pip install 'dse-nas[rivals]'"
    if not os.environ.get(REGISTRY):
        return f"{REGISTRY} names no folder `package` of a checkout of OptunaHub's registry"
    try:
        loaded(package)
    except DseError as error:
        return f"beside Optuna {optuna.__version__}: {error}"
    return None


def auto_sampler() -> SamplerMaker:
    """Return Optuna's AutoSampler, which proposes among the feasible like other samplers do."""
    return sampler_maker(loaded("samplers/auto_sampler"), {})


def ctpe() -> SamplerMaker:
    """Return c-TPE (arXiv:2211.14411), which learns of a budget from the trials that miss it."""
    return sampler_maker(loaded("samplers/ctpe"), {"constraints_func": violations})


def violations(trial: FrozenTrial) -> Sequence[float]:
    """Return what a trial was told of the bounds; a constraint that is met where there are none."""
    # What this returned before stands there as well, under numbers.
    told = [value for name, value in trial.constraints.items() if not name.isdigit()]
    return told or [0.0]
