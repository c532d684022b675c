"""What the search is worth: `python -m tests.benchmarks.search regret|scores|train [WORDS]`.

- `regret [CURVES.csv …]`: samplers on NAS-Bench-Macro under four budgets by `dse compare`, or the
  curves that it wrote before; writes regret.md beside this file. Optuna's Gaussian process takes
  most of the time.
- `scores`: rank correlation of the training-free scores with the accuracy of trained networks, over
  a fixed sample of NAS-Bench-Macro; writes scores.md beside this file.
- `train [DIRECTORY]`: a search with real training on digits beside the family's default at the
  same budget.

The first two read NAS-Bench-Macro from the folder that DSE_REFERENCE_DATA names.
"""

from __future__ import annotations

import csv
import os
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import torch
from scipy.stats import kendalltau, spearmanr

from dse import costs
from dse.cli.main import main
from dse.project.search_config import read_objective
from dse.search.evaluation import Job, evaluate
from dse.space import BlockTable, CostedPoint
from tests.cli.command import query
from tests.space.shipped import family

SCORES = ("naswot", "synflow", "snip", "grasp", "grad_norm", "zen", "params", "macs")
SAMPLE = 100
OPERATORS = {"0": "identity", "1": "mb3_k3", "2": "mb6_k5"}
DIGITS = (
    *("family=mobilenet_v2", "grid=none", "grid.width=[0.1,0.15,0.2,0.25,0.35]"),
    *("grid.depth=[0.5,1.0]", "grid.expansion=[2,3,4,6]", "grid.resolution=[24,32]"),
)
BUDGET = "budget.macs=2M"


def reference() -> Path:
    return Path(os.environ["DSE_REFERENCE_DATA"]) / "nas-bench-macro" / "nas_bench_macro.csv"


CONTESTANTS = {
    "pool": "ours",
    "gp": "Optuna's GP, feasible candidates only",
    "tpe": "Optuna's TPE, feasible candidates only",
    "plain_tpe": "Optuna's TPE with the budget as a constraint",
    "nsga2": "Optuna's NSGA-II, feasible candidates only",
    "plain_nsga2": "Optuna's NSGA-II with the budget as a constraint",
    "evolution": "regularized evolution, feasible candidates only",
    "random": "random, feasible candidates only",
}
AT = (25, 50, 100)


def regret() -> None:
    files = list(map(Path, sys.argv[2:]))
    if not files:
        files = [Path(tempfile.mkdtemp()) / "curves.csv"]
        budgets = [word for m in (40, 50, 60, 80) for word in ("--budget", f"flops<={m}M")]
        columns = ["--value", "mean_acc", "--characters", "arch", "--costs", "params,flops"]
        samplers = ["--samplers", ",".join(CONTESTANTS), "--curves", str(files[0])]
        run("compare", str(reference()), *columns, *budgets, *samplers)
    found: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for file in files:
        with file.open() as lines:
            for row in csv.DictReader(lines):
                key = (row["sampler"], row["budget"], int(row["evaluations"]))
                found[key].append(float(row["regret"]))
    seeds = {name: len(regrets) for (name, *_), regrets in found.items()}
    budgets = list(dict.fromkeys(budget for _, budget, _ in found))
    lines = [
        "# Regret on NAS-Bench-Macro",
        "",
        "How far `mean_acc` (percent on CIFAR-10) of the best network so far is from the best",
        "within the budget: means over the seeds after so many evaluations, with standard errors.",
        "Proposals outside the budget, where a sampler makes them, are not counted as evaluations.",
        "Made by `python -m tests.benchmarks.search regret`.",
        "",
        "| budget | sampler | seeds | " + " | ".join(f"after {n}" for n in AT) + " |",
        "|---|---|---:|" + "---:|" * len(AT),
    ]
    for budget in [*budgets, "mean of the budgets"]:
        for name, title in CONTESTANTS.items():
            if (name, budgets[0], AT[0]) not in found:
                continue
            cells = [
                cell(found, name, budgets if budget not in budgets else [budget], n) for n in AT
            ]
            lines.append(f"| {budget} | {title} | {seeds[name]} | " + " | ".join(cells) + " |")
    text = "\n".join(lines) + "\n"
    (Path(__file__).parent / "regret.md").write_text(text)
    print(text)


def cell(
    found: dict[tuple[str, str, int], list[float]], name: str, budgets: list[str], number: int
) -> str:
    """The mean regret; with its standard error at a single budget."""
    means = [statistics.mean(found[name, budget, number]) for budget in budgets]
    if len(budgets) > 1:
        return f"{statistics.mean(means):.4f}"
    regrets = found[name, budgets[0], number]
    return f"{means[0]:.4f} ± {statistics.stdev(regrets) / len(regrets) ** 0.5:.4f}"


def sampled() -> list[dict[str, str]]:
    """A fixed sample of distinct networks: identities of a stage stand behind the other blocks."""
    with reference().open() as file:
        rows = {row["arch"]: row for row in csv.DictReader(file)}
    distinct = [
        arch
        for arch in sorted(rows)
        if all("0" not in rest.rstrip("0") for rest in (arch[1:2], arch[3:5], arch[6:8]))
    ]
    return [rows[arch] for arch in random.Random(0).sample(distinct, SAMPLE)]


def scores() -> None:
    page = family("nas_bench_macro")
    columns = [column for column in page.defaults if column.startswith("op")]
    table = BlockTable()
    rows = sampled()
    accuracy = [float(row["mean_acc"]) for row in rows]
    found: dict[str, list[float]] = {name: [] for name in SCORES}
    seconds = dict.fromkeys(SCORES, 0.0)
    for row in rows:
        named = zip(columns, (OPERATORS[letter] for letter in row["arch"]), strict=True)
        settings = {**page.defaults, **dict(named)}
        candidate = page.resolve(settings)
        costed = table.cost(candidate)
        assert isinstance(costed, costs.Costs)
        assert costed.macs == int(row["flops"])
        point = CostedPoint(settings, candidate.key, candidate, costed)
        for name in SCORES:
            content = {"_target_": f"dse.search.objectives.{name}"}
            measures = read_objective(name, content, ()).measures
            started = time.perf_counter()
            outcome = evaluate(Job(point, measures, "cpu", 0), lambda step, value: False)
            seconds[name] += time.perf_counter() - started
            assert outcome.error is None, outcome.error
            found[name].append(outcome.flat[name])
    lines = [
        "# Training-free scores beside trained accuracy",
        "",
        f"Rank correlation with `mean_acc` over {SAMPLE} networks of NAS-Bench-Macro (CIFAR-10,",
        "mean of three trainings), drawn once among the distinct ones; seed 0, default options.",
        "Made by `python -m tests.benchmarks.search scores`.",
        "",
        "| score | Spearman's ρ | Kendall's τ | seconds a network |",
        "|---|---:|---:|---:|",
    ]
    for name in sorted(SCORES, key=lambda name: -spearmanr(found[name], accuracy).statistic):
        rho = spearmanr(found[name], accuracy).statistic
        tau = kendalltau(found[name], accuracy).statistic
        lines.append(f"| {name} | {rho:.3f} | {tau:.3f} | {seconds[name] / SAMPLE:.2f} |")
    text = "\n".join(lines) + "\n"
    (Path(__file__).parent / "scores.md").write_text(text)
    print(text)


def train() -> None:
    """The default is the family as it is published, at the width that makes most of the budget."""
    directory = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    directory.mkdir(parents=True, exist_ok=True)
    os.chdir(directory)
    run("sweep", *DIGITS)
    published = "macs <= 2M and depth = 1 and expansion = 6"
    (default,) = query(directory, published, "--sort", "-macs", "--limit", "1")
    place = {name: default[name] for name in ("width", "depth", "expansion", "resolution")}
    at = [f"grid.{name}=[{value}]" for name, value in place.items()]
    common = ("objective=train", "objective.epochs=6", "workers=2")
    run("search", "family=mobilenet_v2", "grid=none", *at, *common, "trials=1", "store.url=one.db")
    (trained,) = query(directory, "accuracy is not null", "--store", "one.db")
    run("search", *DIGITS, BUDGET, *common, "trials=30")
    best = query(directory, "accuracy is not null", "--sort", "-accuracy")[0]
    print(f"default at the budget, {place}: {trained['accuracy']:.2f} %")
    print(f"best of 30: {best['accuracy']:.2f} % at {best['macs']:,} MACs")


def run(*words: str) -> None:
    try:
        main(words)
    except SystemExit as ended:
        if ended.code:
            raise


if __name__ == "__main__":
    torch.set_num_threads(1)
    {"regret": regret, "scores": scores, "train": train}[sys.argv[1]]()
