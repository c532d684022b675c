"""What this machine does, measured in seconds: a matrix product, a copy and an operator of nothing.

The figures are kept in the user's cache, so that costs which follow from them stay the same.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dse.devices.block_timing import Timer
from dse.files import cache_files

_SIZE = 768
_COPIED = 64 * 2**20
"""Bytes, more than caches hold."""
_TIMER = Timer(rounds=4, runs=5)


def figures_here() -> Mapping[str, Any]:
    """Return what a device's page says of one thread of this machine, measured the first time.

    To measure again, delete the file that `figures_file` names.
    """
    file = figures_file()
    known = cache_files.cached(file, _machine())
    if isinstance(known, dict):
        return known
    figures = _measured()
    cache_files.cache(file, _machine(), figures)
    return figures


def figures_file() -> Path:
    """Return where the figures of this machine are kept."""
    return cache_files.cache_file("this_machine.json")


def _machine() -> list[str]:
    return [platform.node(), platform.machine(), platform.processor(), torch.__version__]


class _Product(nn.Module):
    def forward(self, matrix: Tensor) -> Tensor:
        return matrix @ matrix


class _Copy(nn.Module):
    def __init__(self, tensor: Tensor) -> None:
        super().__init__()
        self.target = torch.empty_like(tensor)

    def forward(self, tensor: Tensor) -> Tensor:
        return self.target.copy_(tensor)


class _PlusOne(nn.Module):
    def forward(self, tensor: Tensor) -> Tensor:
        return tensor + 1


def _measured() -> dict[str, Any]:
    """Return the figures in three digits: what follows from them is not better than that."""
    matrix, many = torch.randn(_SIZE, _SIZE), torch.zeros(_COPIED // 4)
    several: list[tuple[nn.Module, Tensor]] = [
        (_Product(), matrix),
        (_Copy(many), many),
        (_PlusOne(), torch.zeros(1)),
    ]
    product, copy, nothing = _TIMER.medians(several)
    return {
        "peak": {"float32": _rounded(2 * _SIZE**3 * 10**9 / product)},
        "bandwidth": _rounded(2 * _COPIED * 10**9 / copy),
        "kernel": _rounded(nothing),
    }


def _rounded(number: float) -> int:
    return max(int(float(f"{number:.3g}")), 1)
