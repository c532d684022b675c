"""How far inherited accuracy tells stand-alone accuracy, beside scores that need no training.

    python -m tests.benchmarks.supernets ranks [FAMILY …]
    python -m tests.benchmarks.supernets ranks_of_longer [FAMILY …]
    python -m tests.benchmarks.supernets ranks_of_others [FAMILY …]
    python -m tests.benchmarks.supernets memory
    python -m tests.benchmarks.supernets processes [FAMILY …]

`ranks`: for each family, 60 candidates are trained alone on digits, and ranked by Kendall's τ-b
against the accuracy that they inherit from supernets of so many epochs, NASWOT, SynFlow, parameters
and multiply-accumulates; `ranks_of_longer` trains them four times as long, by one seed.
`ranks_of_others` asks the settings that were found by `ranks` about candidates, supernets and
trainings alone of other seeds. What was trained alone is kept in
`outputs/benchmarks/supernets.json`.

`processes`: seconds by the clock of an epoch, in one process and in two that share each batch; each
has a thread, as if it were a device.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from scipy.stats import kendalltau
from torch.profiler import ProfilerActivity, profile

from dse.costs.cost_list import Costs
from dse.execution import LocalExecutor
from dse.search import one_input, train
from dse.search.objectives import naswot, synflow
from dse.space import (
    BlockSpace,
    Budget,
    CostedPoint,
    build_seeded,
    draw,
    read_grid,
    space_of,
)
from dse.supernet import (
    Supernet,
    SupernetTraining,
    plan_supernet,
    train_supernet,
    train_supernet_together,
)
from dse.supernet.judged_candidates import JudgedCandidates
from tests.space.shipped import family

GREY = {"resolution": 32, "in_channels": 1, "classes": 10}
SPACES: Mapping[str, Mapping[str, Any]] = {
    "mobilenet_v1": {
        **GREY,
        "width": [0.0625, 0.125, 0.1875, 0.25, 0.375, 0.5],
        "depth": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    },
    "resnet": {
        **GREY,
        "block": "basic",
        "width": [0.0625, 0.125, 0.1875, 0.25],
        "depth_1": [1, 2, 3],
        "depth_2": [1, 2, 3],
        "depth_3": [1, 2, 3],
        "depth_4": [1, 2],
    },
    "mobilenet_v2": {
        **GREY,
        "width": [0.0625, 0.125, 0.25, 0.375, 0.5],
        "depth": [0.5, 1.0, 1.5],
        "expansion": [1, 2, 3, 4, 6],
    },
    "nas_bench_201": {
        "in_channels": 1,
        "classes": 10,
        "width": 4,
        "depth": 1,
        "op": ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"],
    },
    "mlp": {
        "resolution": 8,
        "norm": "batch",
        "width": [4, 6, 8, 12, 16, 24, 32, 48, 64, 96],
        "depth": [1, 2, 3, 4, 5, 6],
    },
}
NUMBER = 60
EPOCHS, SEEDS = 5, (0, 1)
LONGER = 20
OTHER_DRAW, OTHER_SEEDS = 1, (2, 3)
"""Of the candidates, and of what is trained, where settings are asked that others have chosen."""
OF_SUPERNETS = (
    *(SupernetTraining(epochs=number) for number in (5, 10, 30)),
    SupernetTraining(epochs=5, random=6),
)
NO_BOUNDS = Budget()
KEPT = Path("outputs/benchmarks/supernets.json")


def space(name: str) -> BlockSpace:
    """Return the space of a family."""
    found = space_of(read_grid(family(name), SPACES[name]))
    assert isinstance(found, BlockSpace)
    return found


def points_of(design: BlockSpace, number: int, seed: int = 0) -> list[CostedPoint]:
    """Return candidates that are drawn uniformly."""
    choices = draw(design, Budget(), number, seed).choices.tolist()
    return [design.point(design.grid.settings(each)) for each in choices]


def alone(point: CostedPoint, seed: int, epochs: int) -> float:
    """Return the accuracy of a candidate that is trained by itself."""
    assert point.candidate is not None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_seeded(point.candidate, seed)
        return train(point, network, "cpu", seed, lambda step, value: False, epochs=epochs)


def trained_alone(
    name: str, points: list[CostedPoint], epochs: int, seeds: Sequence[int]
) -> tuple[list[float], float]:
    """Return the mean accuracy of each candidate over seeds, and the seconds that all took."""
    known = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    seconds = 0.0
    means = []
    for number, point in enumerate(points, start=1):
        values = []
        for seed in seeds:
            key = f"{name} {point.key} {epochs} {seed}"
            if key not in known:
                begun = time.process_time()
                accuracy = alone(point, seed, epochs)
                known[key] = [accuracy, time.process_time() - begun]
                KEPT.parent.mkdir(parents=True, exist_ok=True)
                KEPT.write_text(json.dumps(known))
            values.append(known[key][0])
            seconds += known[key][1]
        means.append(sum(values) / len(values))
        print(f"\r{name}: {number} of {len(points)} alone", end="", file=sys.stderr, flush=True)
    return means, seconds


def supernet_of(
    design: BlockSpace, training: SupernetTraining, budget: Budget = NO_BOUNDS
) -> Supernet:
    """Return a trained supernet of what a budget admits."""
    planned = plan_supernet(design, budget, 2_000, training.seed)
    page = dict(design.grid.family.place.source.content)
    supernet = planned.supernet(page, {}, {}, training.seed)
    train_supernet(supernet, planned.candidates, training)
    return supernet


def ranks(
    name: str,
    trainings: Sequence[SupernetTraining],
    epochs: int = EPOCHS,
    seeds: Sequence[int] = SEEDS,
    of: int = 0,
) -> None:
    """Print how each score ranks the candidates of a family, of which a seed draws some."""
    design = space(name)
    points = points_of(design, NUMBER, of)
    wanted, alone_for = trained_alone(name, points, epochs, seeds)
    print(f"\n{name}: alone {min(wanted):.1f} to {max(wanted):.1f} % in {alone_for:.0f} s")

    def tell(what: str, score: Callable[[CostedPoint], float]) -> None:
        begun = time.process_time()
        values = [score(point) for point in points]
        took = time.process_time() - begun
        tau = kendalltau(values, wanted).statistic
        print(f"  {what:10} Kendall {tau:+.3f}  in {took:.1f} s", flush=True)

    for training in trainings:
        begun = time.process_time()
        inherited = inherited_from(supernet_of(design, training), training)
        took = time.process_time() - begun
        others = f"{training.random} others a step, seed {training.seed}"
        print(f"  a supernet of {training.epochs} epochs, {others}, in {took:.0f} s")
        tell("inherited", inherited)
    for what, score in _SCORES.items():
        tell(what, score)


def inherited_from(
    supernet: Supernet, training: SupernetTraining
) -> Callable[[CostedPoint], float]:
    """Return what tells the accuracy that a candidate inherits."""
    judged = JudgedCandidates(training, "cpu")

    def inherited(point: CostedPoint) -> float:
        return judged.accuracy(supernet.network(point), one_input(point, "inherited"))

    return inherited


def _untrained(score: Callable[..., float], point: CostedPoint, **options: Any) -> float:
    assert point.candidate is not None
    return score(point, build_seeded(point.candidate, 0), "cpu", **options)


def _cost(point: CostedPoint, name: str) -> float:
    assert isinstance(point.costs, Costs)
    return float(point.costs[name] or 0)


_SCORES: Mapping[str, Callable[[CostedPoint], float]] = {
    "naswot": lambda point: _untrained(naswot, point, seed=0),
    "synflow": lambda point: _untrained(synflow, point),
    "params": lambda point: _cost(point, "params"),
    "macs": lambda point: _cost(point, "macs"),
}


def memory(name: str = "resnet", batch: int = 64) -> None:
    """Print the memory of training by PyTorch's allocator beside what is predicted."""
    from dse.project.requests.supernet_requests import predicted_memory

    design = space(name)
    planned = plan_supernet(design, Budget(), 100, 0)
    supernet = planned.supernet({}, {}, {}, 0)
    # Images are read, and modules built, before the allocator is watched.
    training = SupernetTraining(epochs=1, batch=batch, limit=4 * batch, watched=1, batches=1)
    train_supernet(supernet, planned.candidates, training)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        train_supernet(supernet, planned.candidates, training)
    events = [e for e in profiler.profiler.kineto_results.events() if e.name() == "[memory]"]
    alive = peak = 0
    for event in sorted(events, key=lambda each: each.start_ns()):
        alive += event.nbytes()
        peak = max(peak, alive)
    measured = peak + sum(tensor.nbytes for tensor in supernet.shared.tensors.values())
    predicted = predicted_memory(planned.candidates.largest, batch)
    assert predicted is not None
    told = f"{name}, batch {batch}: predicted {predicted / 2**20:.1f} MiB of the largest candidate"
    print(f"{told}, the allocator's peak {measured / 2**20:.1f} MiB ({measured / predicted:.2f})")


def processes(name: str, epochs: int = 4) -> None:
    """Print the seconds of an epoch in one process and in two, and the ratio."""
    design = space(name)
    seconds = []
    for number in (1, 2):
        planned = plan_supernet(design, Budget(), 100, 0)
        supernet = planned.supernet(dict(design.grid.family.place.source.content), {}, {}, 0)
        training = SupernetTraining(epochs=epochs, watched=1, batches=1)
        told: list[float] = []

        def tell(*news: Any, told: list[float] = told) -> None:
            told.append(time.perf_counter())

        content = supernet, planned.candidates, training
        if number == 1:
            train_supernet(*content, tell=tell)
        else:
            train_supernet_together(*content, LocalExecutor(("cpu",)), number, tell=tell)
        # Between the first and the last epoch: processes have long been started then.
        seconds.append((told[-1] - told[0]) / (epochs - 1))
    one, two = seconds
    print(f"{name}: an epoch takes {one:.2f} s in one process, {two:.2f} in two ({one / two:.2f})")


def main(words: list[str]) -> None:
    """Run what the words ask for."""
    torch.set_num_threads(1)
    if words[:1] == ["ranks"]:
        for name in words[1:] or SPACES:
            ranks(name, OF_SUPERNETS)
    elif words[:1] == ["ranks_of_longer"]:
        for name in words[1:] or ("mobilenet_v1", "resnet"):
            ranks(name, [SupernetTraining(epochs=30)], LONGER, seeds=[0])
    elif words[:1] == ["ranks_of_others"]:
        chosen = [
            SupernetTraining(epochs=number, random=6, seed=seed)
            for number in (5, 10)
            for seed in OTHER_SEEDS
        ]
        for name in words[1:] or ("mlp", "resnet", "mobilenet_v1", "mobilenet_v2"):
            ranks(name, chosen, EPOCHS, OTHER_SEEDS, OTHER_DRAW)
    elif words == ["memory"]:
        memory()
    elif words[:1] == ["processes"]:
        for name in words[1:] or ("mlp", "resnet", "mobilenet_v1"):
            processes(name)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
