"""Samplers of OptunaHub, whose registry no package index has: from a copy of it that is here."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import optuna
from optuna.trial import FrozenTrial

from dse.search.candidate_pool import Pool

REGISTRY = "DSE_OPTUNAHUB"
"""The variable that names the folder `package` of a checkout of the registry."""


def loaded(package: str) -> ModuleType:
    """Return a package of the registry, such as `samplers/auto_sampler`."""
    import optunahub

    module: ModuleType = optunahub.load_local_module(
        package=package, registry_root=os.environ[REGISTRY]
    )
    return module


def unavailable(package: str) -> str | None:
    """Return why a package cannot be loaded, or None."""
    if importlib.util.find_spec("optunahub") is None:
        return "optunahub is not installed: pip install 'dse-nas[rivals]'"
    root = os.environ.get(REGISTRY)
    if not root:
        return f"{REGISTRY} names no folder `package` of a checkout of OptunaHub's registry"
    if not (Path(root) / package / "__init__.py").exists():
        return f"{root} has no {package}"
    try:
        loaded(package)
    except (ImportError, AttributeError) as error:
        return f"{package} does not load beside Optuna {optuna.__version__}: {error}"
    return None


def auto_sampler(pool: Pool, seed: int) -> optuna.samplers.BaseSampler:
    """Return Optuna's AutoSampler, which proposes among the feasible like other samplers do."""
    return _sampler(loaded("samplers/auto_sampler").AutoSampler(seed=seed))


def ctpe(pool: Pool, seed: int) -> optuna.samplers.BaseSampler:
    """Return c-TPE (arXiv:2211.14411), which learns of a budget from the trials that miss it."""
    made = loaded("samplers/ctpe").cTPESampler
    return _sampler(made(seed=seed, constraints_func=violations))


def violations(trial: FrozenTrial) -> Sequence[float]:
    """Return what a trial was told of the bounds; a constraint that is met where there are none."""
    # What this returned before stands there as well, under numbers.
    told = [value for name, value in trial.constraints.items() if not name.isdigit()]
    return told or [0.0]


def _sampler(made: Any) -> optuna.samplers.BaseSampler:
    assert isinstance(made, optuna.samplers.BaseSampler), type(made)
    return made
