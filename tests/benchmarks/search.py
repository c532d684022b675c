"""What the search is worth: `python -m tests.benchmarks.search scores|train [WORDS]`.

- `scores`: rank correlation of the training-free scores with the accuracy of trained networks, over
  a fixed sample of NAS-Bench-Macro; writes scores.md beside this file.
- `train [DIRECTORY]`: a search with real training on digits beside the family's default at the
  same budget.

The first reads NAS-Bench-Macro from the folder that DSE_REFERENCE_DATA names.
"""

from __future__ import annotations

import csv
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import torch
from scipy.stats import kendalltau, spearmanr

from dse.cli.main import main
from dse.costs import Costs
from dse.project.config_groups.search_config import read_objective
from dse.search.evaluations.evaluation import evaluate
from dse.search.outcomes import Job
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
        assert isinstance(costed, Costs)
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
    {"scores": scores, "train": train}[sys.argv[1]]()
