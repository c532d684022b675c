"""Memory without data beside memory on data, over models of other libraries.

    pip install 'dse-nas[zoo]'
    OMP_NUM_THREADS=1 python -m tests.benchmarks.agreement [--sources timm,transformers]
        [--file outputs/agreement.jsonl] [--minutes 15] [--seconds 120] [--names A,B] [--write]

The models of `tests.benchmarks.zoo`, of timm the smallest of each module, run in inference and in a
training step, on the meta device and on random data, at batch 2 where their inputs have a batch.
Models that take more than 2 GiB are left out. Each result is a line of the file as soon as it is
there, and models in the file are not run again: a run that was stopped goes on where it was.

Prints a table by source, and one of each cause: `equal`, the first operator that differs where
memory does or the bytes that operators move, or why a model could not be compared.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

import dse
from dse.code.foreign_boundary import foreign_code
from dse.counting import NeedsData, Trace, TrainingStep, build_without_weights, trace, trace_step
from dse.counting.tensors.tensor_specs import TensorSpec
from dse.counting.trace_records import Operation
from dse.errors import DseError
from tests.benchmarks.zoo import TooLong, at_most, cause_of
from tests.benchmarks.zoo_models import SOURCES, Exhibit, of_transformers

PAGE = Path(__file__).with_suffix(".md")
MOST_BYTES = 2 * 2**30
"""Of a model that is compared, of which three quarters are left for what is not weights."""
CONSTANTS = {"aten.empty", "aten.scalar_tensor", "aten.lift_fresh"}
"""Operators that a constant is made by, by the device that it is put on."""
PHASES = {"inference": trace, "training": trace_step}


SMALL = {
    "vocab_size": 512,
    "hidden_size": 128,
    "d_model": 128,
    "n_embd": 128,
    "head_dim": 32,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "n_head": 4,
    "num_heads": 4,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "intermediate_size": 256,
    "encoder_ffn_dim": 256,
    "decoder_ffn_dim": 256,
    "moe_intermediate_size": 64,
    "num_experts": 4,
    "num_local_experts": 4,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "pad_token_id": 0,
    "projection_dim": 128,
}
"""What configurations of transformers are cut to, where a model can be built and run of that."""


def exhibits(source: str, are_named: bool) -> Iterator[tuple[Exhibit, ...]]:
    """Yield each model of a source, in what forms it is to be tried, one after the other.

    Args:
        source: one of `SOURCES`.
        are_named: whether some of them are chosen; else they are all, of timm one of each module.
    """
    if source == "transformers":
        yield from zip(of_transformers(SMALL), of_transformers(), strict=True)
        return
    chosen = smallest_of_timm() if source == "timm" and not are_named else None
    for exhibit in SOURCES[source]():
        if chosen is None or exhibit.name in chosen:
            yield (exhibit,)


def smallest_of_timm() -> set[str]:
    """Return the model with the fewest parameters of each module of timm."""
    import timm

    sizes: dict[str, dict[str, int]] = defaultdict(dict)
    for name in timm.list_models():
        model = build_without_weights(lambda name=name: timm.create_model(name))
        module = timm.model_entrypoint(name).__module__
        sizes[module][name] = sum(weight.numel() for weight in model.parameters())
    return {min(of_module, key=of_module.__getitem__) for of_module in sizes.values()}


def in_twos(inputs: Any) -> Any:
    """Return inputs of batch 1 at batch 2, where normalisation can be trained."""
    if isinstance(inputs, dse.Input):
        doubled = inputs.shape[:1] == (1,)
        return replace(inputs, shape=(2, *inputs.shape[1:])) if doubled else inputs
    if isinstance(inputs, torch.Tensor):
        return torch.cat((inputs, inputs)) if inputs.shape[:1] == (1,) else inputs
    if isinstance(inputs, dict):
        return {name: in_twos(value) for name, value in inputs.items()}
    if isinstance(inputs, tuple):
        return (2, *inputs[1:]) if inputs[0] == 1 else inputs
    if isinstance(inputs, list):
        return [in_twos(value) for value in inputs]
    return inputs


def result(forms: tuple[Exhibit, ...], seconds: int) -> dict[str, Any]:
    """Return what a line of the file says of a model."""
    found = {"source": forms[0].source, "name": forms[0].name}
    started = time.perf_counter()
    try:
        with at_most(seconds):
            for exhibit in forms:
                found |= compared_in_phases(exhibit)
                if is_compared(found["inference"]) or found["inference"] == "on data only":
                    break
    except TooLong:
        found = {**dict.fromkeys(PHASES, "took too long"), **found}
    return {**found, "seconds": round(time.perf_counter() - started, 1)}


def compared_in_phases(exhibit: Exhibit) -> dict[str, str]:
    """Return what each phase of a model gives."""
    try:
        with foreign_code(str):
            bare = build_without_weights(exhibit.build)
            weights = (*bare.parameters(), *bare.buffers())
            if sum(tensor.nbytes for tensor in weights) > MOST_BYTES // 4:
                return dict.fromkeys(PHASES, "left out: more than 2 GiB")
            model = exhibit.build()
            given = [in_twos(inputs) for inputs in exhibit.inputs(model)]
    except DseError:
        return dict.fromkeys(PHASES, "not built")
    # A whole layer that is left out by chance is left out in one of two runs.
    for each in model.modules():
        for name in ("layerdrop", "encoder_layerdrop", "decoder_layerdrop"):
            if hasattr(each, name):
                setattr(each, name, 0.0)
    found = {phase: compared(model, given, phase) for phase in PHASES}
    # A step does not say what it ran on.
    is_on_data = found["inference"] == "on data only" and found["training"] == "equal"
    return {**found, "training": "on data only"} if is_on_data else found


def compared(model: nn.Module, given: Sequence[Any], phase: str) -> str:
    """Return `equal`, what differs, or why a model cannot be compared."""
    run, errors = PHASES[phase], []
    for inputs in given:
        try:
            without = run(model, inputs)
            if isinstance(without, Trace) and without.is_real:
                return "on data only"
            if peak_of(without) > MOST_BYTES:
                return "left out: more than 2 GiB"
            return difference(without, run(model, inputs, real=True))
        except DseError as error:
            errors.append(error)
    errors.sort(key=lambda error: not isinstance(error, NeedsData))
    if errors and isinstance(errors[0], NeedsData):
        return "on data only"
    return f"does not run: {cause_of(errors[0])[:80] if errors else 'no inputs'}"


def peak_of(ran: Trace | TrainingStep) -> int:
    return ran.peak_activation_bytes if isinstance(ran, Trace) else ran.peak_bytes


def memory(ran: Trace | TrainingStep) -> dict[str, int]:
    saved = {} if isinstance(ran, Trace) else {"saved": ran.saved_bytes}
    return {"peak": peak_of(ran), **saved}


def moved(ran: Trace | TrainingStep) -> dict[str, int]:
    operations = ran.operations
    return {"read": sum(o.read for o in operations), "written": sum(o.written for o in operations)}


def difference(without: Trace | TrainingStep, on_data: Trace | TrainingStep) -> str:
    """Return `equal`, or the first operator that differs, and by what share which figures do."""
    first = first_difference(without.operations, on_data.operations)
    for figures, says in ((memory, "differs from "), (moved, "equal, but for bytes moved from ")):
        pairs = zip(figures(without).items(), figures(on_data).values(), strict=True)
        shares = {name: (value - other) / max(other, 1) for (name, value), other in pairs}
        differing = [f"{name} {share:+.2%}" for name, share in shares.items() if share]
        if differing:
            return f"{says}{first}: {', '.join(differing)}"
    return "equal"


def first_difference(left: Sequence[Operation], right: Sequence[Operation]) -> str:
    """Return the names of the first operators that differ in what they are, return or free."""
    for without, on_data in zip(left, right, strict=False):
        if without.name != on_data.name and not {without.name, on_data.name} <= CONSTANTS:
            return f"{without.name} / {on_data.name}"
        if list(map(layout, without.outputs)) != list(map(layout, on_data.outputs)):
            return f"{without.name} lays out otherwise"
    for without, on_data in zip(left, right, strict=False):
        if without.alive != on_data.alive:
            return f"{without.name} leaves other tensors alive"
    return "the number of operators"


def layout(spec: TensorSpec) -> TensorSpec:
    """Return a spec without the strides of axes of size 1, which say nothing."""
    pairs = zip(spec.shape, spec.stride, strict=False)
    return spec._replace(stride=tuple(stride if size > 1 else 0 for size, stride in pairs))


def is_compared(outcome: str) -> bool:
    return not outcome.startswith(("does not run", "left out", "on data", "not built", "took"))


def table(lines: Sequence[dict[str, Any]]) -> str:
    """Return the tables of what was found."""
    rows = ["| source | phase | models | compared | equal |", "|---|---|---:|---:|---:|"]
    for source in dict.fromkeys(line["source"] for line in lines):
        for phase in PHASES:
            own = [line[phase] for line in lines if line["source"] == source]
            equal = sum(outcome.startswith("equal") for outcome in own)
            numbers = (len(own), sum(map(is_compared, own)), equal)
            rows.append(f"| {source} | {phase} | {' | '.join(map(str, numbers))} |")
    rows += ["", "| phase | cause | models | such as |", "|---|---|---:|---|"]
    for phase in PHASES:
        named = defaultdict(list)
        for line in lines:
            named[cause(line[phase])].append(f"{line['source']} {line['name']}")
        for key, models in sorted(named.items(), key=lambda pair: -len(pair[1])):
            rows.append(f"| {phase} | {key} | {len(models)} | {models[0]} |")
    return "\n".join(rows)


def cause(outcome: str) -> str:
    """Return an outcome without what is of one model."""
    return outcome.partition(":")[0] if not is_compared(outcome) else outcome.partition(": ")[0]


def run(arguments: argparse.Namespace) -> None:
    """Append the results of the models that are not in the file, until the time is up."""
    known = {(line["source"], line["name"]) for line in results(arguments.file)}
    names = set(filter(None, arguments.names.split(",")))
    end = time.perf_counter() + 60 * arguments.minutes
    for source in arguments.sources.split(","):
        if importlib.util.find_spec(source) is None:
            print(f"{source} is not installed: pip install 'dse-nas[zoo]'")
            continue
        for forms in exhibits(source, bool(names)):
            name = forms[0].name
            if (source, name) in known or (names and name not in names):
                continue
            if time.perf_counter() > end:
                return
            line = result(forms, arguments.seconds)
            with arguments.file.open("a") as file:
                file.write(json.dumps(line) + "\n")


def results(path: Path) -> list[dict[str, Any]]:
    """Return what the file has."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", default=",".join(SOURCES))
    parser.add_argument("--file", type=Path, default=Path("outputs/agreement.jsonl"))
    parser.add_argument("--names", default="", help="of models; all by default")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seconds", type=int, default=120, help="that a model may take")
    parser.add_argument("--write", action="store_true", help="the tables to agreement.md")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.manual_seed(0)
    arguments.file.parent.mkdir(parents=True, exist_ok=True)
    run(arguments)
    found = table(results(arguments.file))
    print(found)
    if arguments.write:
        head = PAGE.read_text().partition("\n| source |")[0]
        PAGE.write_text(f"{head}\n{found}\n")


if __name__ == "__main__":
    main()
