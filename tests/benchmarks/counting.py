"""Milliseconds of processor to cost a model: dse beside every installed counter, in one run.

    python -m tests.benchmarks.counting [--repeats 10] [--processes 5]

First what a whole process takes that counts ResNet-18 and nothing else, in processor seconds, each
counter in turn: the interpreter, PyTorch, torchvision and the model are in all of them, and bound
them. Then, for each model at 224 × 224, the median time of each counter and its ratio to ours, and
at the end the geometric means. Every counter gets the same model in evaluation mode, built before
the clock starts: on the meta device where the counter can work there (dse, torch, thop, torchinfo),
on the CPU with real weights otherwise. Ours and PyTorch's are measured twice: the first model after
the start of the process ("cold", nothing remembered), and the median of the following ones.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import io
import logging
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision import models

import dse
from dse.counting import build_without_weights

MODELS = ("resnet18", "mobilenet_v2", "efficientnet_b0", "vit_b_16", "convnext_tiny")
SHAPE = (1, 3, 224, 224)


def ours(model: nn.Module, _: torch.Tensor) -> int:
    return dse.count(model, SHAPE).macs


def flop_counter(model: nn.Module, tensor: torch.Tensor) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(tensor)
    return counter.get_total_flops() // 2


def thop(model: nn.Module, tensor: torch.Tensor) -> int:
    from thop import profile

    return int(profile(model, inputs=(tensor,), verbose=False)[0])


def torchinfo(model: nn.Module, tensor: torch.Tensor) -> int:
    from torchinfo import summary

    return summary(model, input_data=tensor, device=tensor.device, verbose=0).total_mult_adds


def torchsummary(model: nn.Module, tensor: torch.Tensor) -> int:
    from torchsummary import summary

    summary(model, SHAPE[1:], batch_size=1, device="cpu")
    return 0


def fvcore(model: nn.Module, tensor: torch.Tensor) -> int:
    from fvcore.nn import FlopCountAnalysis

    return FlopCountAnalysis(model, tensor).unsupported_ops_warnings(False).total()


def ptflops(model: nn.Module, tensor: torch.Tensor) -> int:
    from ptflops import get_model_complexity_info

    return get_model_complexity_info(
        model, SHAPE[1:], as_strings=False, print_per_layer_stat=False, backend="pytorch"
    )[0]


COUNTERS: dict[str, tuple[Callable[[nn.Module, torch.Tensor], int], str, str]] = {
    "dse": (ours, "meta", "dse"),
    "torch": (flop_counter, "meta", "torch"),
    "thop": (thop, "meta", "thop"),
    "torchinfo": (torchinfo, "meta", "torchinfo"),
    "torchsummary": (torchsummary, "cpu", "torchsummary"),
    "fvcore": (fvcore, "cpu", "fvcore"),
    "ptflops": (ptflops, "cpu", "ptflops"),
}
"""Name: how to count, on which device, and the package that must be installed."""


def median_ms(
    count: Callable[[nn.Module, torch.Tensor], int], device: str, name: str, repeats: int
) -> float | None:
    """Return the median processor time of counting a model in ms, or None where it fails."""
    tensor = torch.zeros(SHAPE, device=device)
    times = []
    for _ in range(repeats + 1):
        model = (
            build_without_weights(lambda: models.get_model(name, weights=None))
            if device == "meta"
            else models.get_model(name, weights=None)
        ).eval()
        started = time.process_time()
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                count(model, tensor)
        except (RuntimeError, AttributeError, TypeError, AssertionError, ValueError):
            return None
        times.append((time.process_time() - started) * 1e3)
    return statistics.median(times[1:])


COLD = {
    "dse, cold": f"dse.count(model, {SHAPE})",
    "torch, cold": f"""
with torch.no_grad(), FlopCounterMode(display=False):
    model(torch.zeros({SHAPE}, device="meta"))
""",
}
"""What is timed in a process of its own, after a count of a single layer."""


def cold_ms(name: str, what: str) -> float:
    """Return the processor time of the first count of a network in a process, imports apart."""
    program = f"""
import time, torch, torchvision, dse, dse.counting
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models import get_model
model = dse.counting.build_without_weights(lambda: get_model({name!r}, weights=None)).eval()
dse.count(torch.nn.Linear(1, 1), (1, 1))
with FlopCounterMode(display=False):
    torch.nn.Linear(1, 1)(torch.zeros(1, 1))
started = time.process_time()
{COLD[what]}
print((time.process_time() - started) * 1e3)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


FIRST_MODEL = "resnet18"
FIRST = {
    "the model alone": "",
    "dse": f"import dse; dse.count(model, {SHAPE})",
    "thop": f"""
from thop import profile
profile(model, (torch.zeros({SHAPE}),), verbose=False)
""",
    "torch": f"""
from torch.utils.flop_counter import FlopCounterMode
with torch.no_grad(), FlopCounterMode(display=False):
    model(torch.zeros({SHAPE}))
""",
    "torchinfo": f"""
from torchinfo import summary
summary(model, {SHAPE}, verbose=0)
""",
    "fvcore": f"""
from fvcore.nn import FlopCountAnalysis
FlopCountAnalysis(model, torch.zeros({SHAPE})).unsupported_ops_warnings(False).total()
""",
    "ptflops": f"""
from ptflops import get_model_complexity_info
get_model_complexity_info(model, {SHAPE[1:]}, as_strings=False, print_per_layer_stat=False)
""",
}
"""What a process does once it has the model, as its user has it."""


def first_counts(times: int) -> dict[str, list[tuple[float, float]]]:
    """Return what whole processes take that count a model once, by counter: processor seconds.

    Of the process, and of what it does when it has the model.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as compiled:
        # Modules are compiled beforehand, as those of an installed package are.
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for _ in range(times + 1):
            for name, count in FIRST.items():
                if name not in COUNTERS or importlib.util.find_spec(COUNTERS[name][2]):
                    found.setdefault(name, []).append(_first_seconds(count, environment))
    return {name: each[1:] for name, each in found.items()}


def _first_seconds(count: str, environment: dict[str, str]) -> tuple[float, float]:
    program = f"""
import os, sys, torch, torchvision
model = torchvision.models.get_model({FIRST_MODEL!r}, weights=None).eval()
began = sum(os.times()[:2])
{count}
ended = sum(os.times()[:2])
print(ended, ended - began, file=sys.stderr)
"""
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    whole, own = done.stderr.split()[-2:]
    return float(whole), float(own)


def show_first_counts(times: int) -> None:
    """Print the least that each counter took."""
    seconds = first_counts(times)
    least = {name: tuple(map(min, zip(*each, strict=True))) for name, each in seconds.items()}
    ours = least["dse"]
    print(f"{'first count, s':16}{'process':>18}{'of it the count':>18}")
    for name, both in least.items():
        cells = (f"{took:.2f} ({took / own:.2f}x)" for took, own in zip(both, ours, strict=True))
        print(f"{name:16}", *(f"{cell:>17}" for cell in cells), flush=True)
    print()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--processes", type=int, default=5)
    given = parser.parse_args()
    repeats = given.repeats
    show_first_counts(given.processes)
    torch.set_num_threads(1)
    logging.disable()
    installed = {n: c for n, c in COUNTERS.items() if importlib.util.find_spec(c[2])}
    print(f"{'ms (ratio to dse)':16}", *(f"{name:>18}" for name in (*installed, *COLD)))
    ratios: dict[str, list[float]] = {}
    for name in MODELS:
        cells, own = [], 1.0
        for counter, (count, device, _) in installed.items():
            took = median_ms(count, device, name, repeats)
            own = took if counter == "dse" and took else own
            if took is not None:
                ratios.setdefault(counter, []).append(took / own)
            cells.append("fails" if took is None else f"{took:.1f} ({took / own:.1f}x)")
        for what in COLD:
            cold = cold_ms(name, what)
            ratios.setdefault(what, []).append(cold / own)
            cells.append(f"{cold:.1f} ({cold / own:.1f}x)")
        print(f"{name:16}", *(f"{cell:>18}" for cell in cells), flush=True)
    means = [f"{math.exp(statistics.fmean(map(math.log, each))):.1f}x" for each in ratios.values()]
    print(f"{'geometric mean':16}", *(f"{mean:>18}" for mean in means))


if __name__ == "__main__":
    main()
