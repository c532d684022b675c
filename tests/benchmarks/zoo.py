"""Models of other libraries, counted without a flag: how many, how, and why not.

    pip install 'dse-nas[zoo]'
    python -m tests.benchmarks.zoo [--sources timm,transformers] [--file outputs/zoo.jsonl]
                                   [--limit 50] [--seconds 120] [--write]

Every model is built without weights and counted at the inputs that its library's documentation or
its signature asks for. Each is a line of the file, so that the command goes on where it stopped.
What was counted is compared with `torch.utils.flop_counter` on the same arguments; where that does
not work, with a run on data counted by the same rules. A model that cannot be counted is run on
data by itself: one that does not run there either is no model that runs on these inputs.

Prints a table by source, and one of each cause with how often it was met.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import signal
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import dse
from dse.code.foreign_boundary import foreign_code
from dse.counting import NeedsData, build_without_weights, prepare
from dse.errors import DseError, RanOnData
from tests.benchmarks.zoo_models import SOURCES, Exhibit

PAGE = Path(__file__).with_suffix(".md")
HEAD = f"""# Models of other libraries, counted without a flag

PyTorch {torch.__version__}. Made by `python -m tests.benchmarks.zoo --write`, which says what the
columns mean. "Does not run" is a model that does not run on data either, on the inputs that its
signature asks for; "equal" is what FlopCounterMode, or a run on data, counts to the last integer;
the others have weights too large for a comparison. Memory without data is set beside memory on data
in [agreement.md](agreement.md).
"""
MOST_BYTES = 400 * 2**20
"""Weights of a model that is run on data for a comparison."""
STATES = ("traced", "on data", "not counted", "does not run", "not built", "took too long")


class TooLong(KeyboardInterrupt):
    """As by Ctrl-C, which no code takes for an error of a model."""


def ended(number: int, frame: Any) -> None:
    raise TooLong


@contextlib.contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Raise `TooLong` in what takes longer."""
    signal.signal(signal.SIGALRM, ended)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def measured(exhibit: Exhibit, seconds: int) -> dict[str, Any]:
    """Return the line of one model."""
    found: dict[str, Any] = {"source": exhibit.source, "name": exhibit.name}
    started = time.perf_counter()
    try:
        with at_most(seconds):
            found |= counted(exhibit)
    except TooLong:
        found["state"] = "took too long"
    return {**found, "seconds": round(time.perf_counter() - started, 2)}


def counted(exhibit: Exhibit) -> dict[str, Any]:
    try:
        with foreign_code(str):
            model = build_without_weights(exhibit.build).eval()
    except DseError as error:
        return {"state": "not built", "cause": cause_of(error)}
    errors: list[DseError] = []
    for inputs in exhibit.inputs(model):
        try:
            count = dse.count(model, inputs)
        except DseError as error:
            errors.append(error)
            continue
        oracle = compared(model, inputs, count)
        unknown = {"unknown": sorted(count.unknown)} if count.unknown else {}
        reason = {"cause": count.on_data} if count.trace.is_real else {}
        state = "on data" if count.trace.is_real else "traced"
        return {"state": state, "macs": count.macs, "oracle": oracle, **unknown, **reason}
    # One of them may be the only one that the model takes.
    errors.sort(key=lambda error: not isinstance(error, NeedsData))
    cause = cause_of(errors[0]) if errors else "no inputs"
    return {"state": failed(exhibit, model, errors), "cause": cause}


def compared(model: nn.Module, inputs: Any, count: dse.counting.Count) -> str:
    """Return what a count equals."""
    counter = FlopCounterMode(display=False)
    with contextlib.suppress(DseError), counter:
        run(model, inputs, real=False)
        if counter.get_total_flops() == 2 * count.macs:
            return "flop_counter"
    if count.trace.is_real:
        return "itself on data"
    if sum(tensor.nbytes for tensor in model.parameters()) > MOST_BYTES:
        return "nothing"
    try:
        on_data = dse.count(model, inputs, real=True)
    except DseError as error:
        return f"nothing: on data, {cause_of(error)}"
    return "a run on data" if on_data.macs == count.macs else f"not a run on data: {on_data.macs}"


def failed(exhibit: Exhibit, model: nn.Module, errors: list[DseError]) -> str:
    """Say whether a model runs on data on any of its inputs, or is to blame itself."""
    if any(isinstance(error, NeedsData) for error in errors):
        return "not counted"
    if sum(tensor.nbytes for tensor in model.parameters()) > MOST_BYTES:
        return "does not run"
    for inputs in exhibit.inputs(model):
        with contextlib.suppress(DseError):
            run(model, inputs, real=True)
            return "not counted"
    return "does not run"


def run(model: nn.Module, inputs: Any, real: bool) -> None:
    """Run a copy of a model as it is, on data or without."""
    with foreign_code(str), torch.no_grad():
        prepared = prepare(model, inputs, None, real)
        prepared.model(*prepared.arguments, **prepared.keywords)


def cause_of(error: BaseException) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0].rpartition(" fails on input ")[2].rpartition("): ")[2][:160]


def table(lines: list[dict[str, Any]]) -> str:
    """Return the tables of what was found."""
    rows = ["| source | models | " + " | ".join(STATES) + " | equal |", "|---" * (9) + "|"]
    for source in dict.fromkeys(line["source"] for line in lines):
        own = [line for line in lines if line["source"] == source]
        states = Counter(line["state"] for line in own)
        equal = sum(
            line.get("oracle") in ("flop_counter", "a run on data", "itself on data")
            for line in own
        )
        numbers = [len(own), *(states[state] for state in STATES), equal]
        rows.append(f"| {source} | " + " | ".join(f"{number:,}" for number in numbers) + " |")
    causes = Counter(
        (line["source"], line["state"], line.get("cause", ""))
        for line in lines
        if line["state"] != "traced"
    )
    rows += ["", "| source | state | cause | models |", "|---|---|---|---|"]
    rows += [f"| {' | '.join(cause)} | {number} |" for cause, number in causes.most_common(60)]
    differing = [line for line in lines if str(line.get("oracle", "")).startswith("not ")]
    rows += ["", *(f"{line['source']} {line['name']}: {line['macs']:,}, {line['oracle']}"
                   for line in differing)]  # fmt: skip
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", default=",".join(SOURCES))
    parser.add_argument("--file", type=Path, default=Path("outputs/zoo.jsonl"))
    parser.add_argument("--limit", type=int, help="of models that are new, a source")
    parser.add_argument("--seconds", type=int, default=120, help="that a model may take")
    parser.add_argument("--write", action="store_true", help="the tables to zoo.md")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    warnings.simplefilter("ignore", RanOnData)
    arguments.file.parent.mkdir(parents=True, exist_ok=True)
    text = arguments.file.read_text() if arguments.file.exists() else ""
    lines = [json.loads(line) for line in text.splitlines()]
    known = {(line["source"], line["name"]) for line in lines}
    for source in arguments.sources.split(","):
        if importlib.util.find_spec(source) is None:
            print(f"{source} is not installed: pip install 'dse-nas[zoo]'")
            continue
        new = (each for each in SOURCES[source]() if (source, each.name) not in known)
        for number, exhibit in enumerate(new):
            if number == arguments.limit:
                break
            lines.append(measured(exhibit, arguments.seconds))
            with arguments.file.open("a") as file:
                file.write(json.dumps(lines[-1]) + "\n")
    print(table(lines))
    if arguments.write:
        PAGE.write_text(f"{HEAD}\n{table(lines)}\n")


if __name__ == "__main__":
    main()
