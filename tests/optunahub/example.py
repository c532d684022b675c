"""A pool under a budget, from a folder `package` that holds this one."""

from __future__ import annotations

import itertools
from pathlib import Path

import optuna
import optunahub

GRID = [
    {"width": width, "depth": depth, "kind": kind}
    for width, depth, kind in itertools.product((8, 16, 24, 32), (1, 2, 3, 4), ("plain", "wide"))
]


def cost(candidate: dict[str, object]) -> int:
    return int(str(candidate["width"])) ** 2 * int(str(candidate["depth"]))


def objective(trial: optuna.Trial) -> float:
    width = trial.suggest_int("width", 8, 32)
    depth = trial.suggest_int("depth", 1, 4)
    kind = trial.suggest_categorical("kind", ["plain", "wide"])
    return -((width - 24) ** 2) / 64 - (depth - 3) ** 2 + (kind == "wide")


if __name__ == "__main__":
    root = Path(__file__).parents[2]
    module = optunahub.load_local_module("samplers/pool_sampler", registry_root=str(root))
    candidates = [candidate for candidate in GRID if cost(candidate) <= 2000]
    sampler = module.PoolSampler(candidates, [[cost(each)] for each in candidates], seed=0)
    study = optuna.create_study(sampler=sampler, direction="maximize")
    study.optimize(objective, n_trials=15)
    print(study.best_params)
