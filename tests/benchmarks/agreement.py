"""Memory without data beside memory on data, over one model of each architecture of timm.

    python -m tests.benchmarks.agreement agreement.jsonl [--minutes 15] [--batch 2] [MODEL …]

The smallest model of each module of timm runs in inference and in a training step, on the meta
device and on random data, at its own resolution. Each result is appended to the file as a line of
JSON as soon as it is there, and models in the file are not run again: a run that was stopped goes
on where it was. At the end all results are counted by their cause: `equal`, the figures that
differ with the first operator that does, or why a model could not run.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import timm
import torch
from torch import nn

from dse.counting import build_without_weights, trace, trace_step
from dse.counting.trace import Operation
from dse.errors import DseError


def smallest_models() -> list[str]:
    """Return the model with the fewest parameters of each module of timm, the smallest first."""
    sizes: dict[str, dict[str, int]] = defaultdict(dict)
    for name in timm.list_models():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = build_without_weights(lambda name=name: timm.create_model(name))
        module = timm.model_entrypoint(name).__module__
        sizes[module][name] = sum(weight.numel() for weight in model.parameters())
    chosen = [min(of_module.items(), key=lambda pair: pair[1]) for of_module in sizes.values()]
    return [name for name, _ in sorted(chosen, key=lambda pair: pair[1])]


def compared(model: nn.Module, shape: Sequence[int], training: bool) -> str:
    """Return `equal`, or what differs."""
    if training:
        steps = [trace_step(model, shape, real=real) for real in (False, True)]
        figures = [{"saved": step.saved_bytes, "train": step.peak_bytes} for step in steps]
        operations = [step.operations for step in steps]
    else:
        traces = [trace(model, shape, real=real) for real in (False, True)]
        figures = [{"peak": traced.peak_activation_bytes} for traced in traces]
        operations = [traced.operations for traced in traces]
    for each, ran in zip(figures, operations, strict=True):
        each["read"] = sum(operation.read for operation in ran)
        each["written"] = sum(operation.written for operation in ran)
    differing = [name for name, value in figures[0].items() if value != figures[1][name]]
    if not differing:
        return "equal"
    return f"{', '.join(differing)} from {first_difference(*operations)}"


def first_difference(left: Sequence[Operation], right: Sequence[Operation]) -> str:
    """Return the names of the first operators that differ in themselves or in what they return."""
    for without, on_data in zip(left, right, strict=False):
        if (without.name, without.outputs) != (on_data.name, on_data.outputs):
            return f"{without.name} / {on_data.name}"
    return "the number of operators or the lifetimes"


def result(name: str, batch: int) -> dict[str, Any]:
    """Return what a line of the file says of a model."""
    started = time.perf_counter()
    model = timm.create_model(name)
    shape = (batch, *model.default_cfg["input_size"])
    found: dict[str, Any] = {"model": name, "shape": shape}
    for phase, training in (("inference", False), ("training", True)):
        try:
            found[phase] = compared(model, shape, training)
        except DseError as error:
            found[phase] = f"cannot run: {error}"
    return {**found, "seconds": round(time.perf_counter() - started, 1)}


def run(path: Path, names: Sequence[str], batch: int, minutes: float) -> None:
    """Append the results of the models that are not in the file, until the time is up."""
    known = {each["model"] for each in results(path)}
    end = time.perf_counter() + 60 * minutes
    with path.open("a") as lines:
        for name in names:
            if name in known:
                continue
            if time.perf_counter() > end:
                break
            print(json.dumps(result(name, batch)), file=lines, flush=True)


def results(path: Path) -> list[dict[str, Any]]:
    """Return what the file has."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def table(found: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield a table of how many models there are of each cause, with one of them."""
    yield "| phase | cause | models | such as |"
    yield "|---|---|---:|---|"
    for phase in ("inference", "training"):
        causes = Counter(each[phase] for each in found)
        for cause, models in causes.most_common():
            example = next(each["model"] for each in found if each[phase] == cause)
            yield f"| {phase} | {cause} | {models} | {example} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("models", nargs="*", help="of timm; the smallest of each module by default")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=15)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    run(arguments.file, arguments.models or smallest_models(), arguments.batch, arguments.minutes)
    print(*table(results(arguments.file)), sep="\n")


if __name__ == "__main__":
    main()
