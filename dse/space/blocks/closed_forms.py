"""Sums that some blocks cost by a formula of their settings: much that is beyond a budget shows so.

A trace is what counts; a formula tells beforehand what it will be, and only that. Convolutions and
linear layers have K · (C / groups) multiply-accumulates for each output element, a batch norm has
two parameters a channel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dse.space.blocks.block_registry import BLOCKS
from dse.space.blocks.routing import ROUTE_SETTINGS
from dse.space.candidate import ResolvedBlock

Shape = tuple[int, ...]
"""With the batch: (N, C, H, W)."""
CLOSED_COSTS = ("params", "trainable_params", "macs", "activations")
"""The costs that formulas tell."""


@dataclass(frozen=True, slots=True)
class ClosedForm:
    """What a block costs on an input, and the shape that leaves it."""

    sums: Mapping[str, int]
    """By the name of a cost."""
    leaving: Shape


def closed_form(block: ResolvedBlock, entering: Shape) -> ClosedForm | None:
    """Return what a block costs by a formula; None where there is none at its settings."""
    formula, settings = CLOSED_FORMS.get(block.block), dict(block.settings)
    if formula is None or any(name in settings for name in ROUTE_SETTINGS):
        return None
    return formula(entering, {**BLOCKS[block.block].defaults, **settings})


def _convolution(
    entering: Shape, channels: int, kernel: int, stride: int, groups: int = 1
) -> ClosedForm:
    """Return a convolution without bias, padded by half its kernel, and a batch norm."""
    batch, before, *sizes = entering
    leaving = (batch, channels, *((size - 1) // stride + 1 for size in sizes))
    weights = before // groups * kernel ** len(sizes) * channels
    positions = batch * math.prod(leaving[2:])
    return _form(weights + 2 * channels, weights * positions, channels * positions, leaving)


def _form(params: int, macs: int, activations: int, leaving: Shape) -> ClosedForm:
    values = (params, params, macs, activations)
    return ClosedForm(dict(zip(CLOSED_COSTS, values, strict=True)), leaving)


def _conv_norm_act(entering: Shape, settings: Mapping[str, Any]) -> ClosedForm | None:
    kernel, stride, groups = settings["kernel"], settings["stride"], settings["groups"]
    is_square = settings["kernel_width"] == 0 and settings["padding"] is None
    is_plain = is_square and not settings["bias"] and settings["norm"] == "batch"
    activation = settings["activation"]
    if not is_plain or activation not in ("relu", "none") or kernel % 2 == 0:
        return None
    if not _fits(entering, stride, groups, settings["channels"]):
        return None
    return _convolution(entering, settings["channels"], kernel, stride, groups)


def _regnet_residual(entering: Shape, settings: Mapping[str, Any]) -> ClosedForm | None:
    channels, stride, group_width = (
        settings[name] for name in ("channels", "stride", "group_width")
    )
    inner = round(channels * settings["bottleneck"])
    groups = inner // group_width
    if groups < 1 or not _fits(entering, stride, groups, inner, inner):
        return None
    first = _convolution(entering, inner, 1, 1)
    grouped = _convolution(first.leaving, inner, 3, stride, groups)
    parts = [first, grouped, _convolution(grouped.leaving, channels, 1, 1)]
    if stride != 1 or channels != entering[1]:
        parts.append(_convolution(entering, channels, 1, stride))
    if settings["squeeze_excite"]:
        batch = entering[0]
        squeezed = round(settings["squeeze_excite"] * entering[1])
        if squeezed < 1:
            return None
        weights = 2 * inner * squeezed
        biases = inner + squeezed
        parts.append(_form(weights + biases, batch * weights, batch * biases, ()))
    sums = {cost: sum(part.sums[cost] for part in parts) for cost in CLOSED_COSTS}
    return ClosedForm(sums, parts[2].leaving)


def _fits(entering: Shape, stride: int, groups: int, channels: int, before: int = 0) -> bool:
    """Return whether a convolution of an image can be built and run."""
    before = before or entering[1]
    return (
        len(entering) == 4
        and min(stride, channels, groups) >= 1
        and min(entering[2:]) >= stride
        and before % groups == channels % groups == 0
    )


def _classifier(entering: Shape, settings: Mapping[str, Any]) -> ClosedForm | None:
    classes = settings["classes"]
    if len(entering) != 4 or settings["pool"] != 1 or settings["hidden"] or classes < 1:
        return None
    batch, features = entering[:2]
    macs, activations = batch * features * classes, batch * classes
    return _form((features + 1) * classes, macs, activations, (batch, classes))


CLOSED_FORMS: dict[str, Callable[[Shape, Mapping[str, Any]], ClosedForm | None]] = {
    "classifier": _classifier,
    "conv_norm_act": _conv_norm_act,
    "regnet_residual": _regnet_residual,
}
"""By the name of a block."""
