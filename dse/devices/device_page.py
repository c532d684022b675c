"""A page of `conf/device/`: what a device can hold and do, and where each figure is from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from dse.cost_conditions import CONDITION_CHOICES, DTYPES
from dse.errors import DseError, nearest
from dse.language import Kind, parse_fraction, parse_quantity

HOLDS: Mapping[str, str] = {
    "sram": "sram",
    "flash": "flash",
    "memory": "peak_memory",
}
"""What a page says a device holds, each with the cost that is bounded by it."""

_QUANTITIES: Mapping[str, Kind] = {
    **dict.fromkeys(HOLDS, "bytes"),
    "bandwidth": "bytes",
    "kernel": "time",
}
_CONDITIONS = ("dtype", "runtime")
_KEYS = (*_QUANTITIES, *_CONDITIONS, "peak", "efficiency", "calibrated", "sources")


@dataclass(frozen=True)
class DevicePage:
    """What a device can hold and do."""

    name: str
    holds: Mapping[str, int] = field(default_factory=dict)
    """Bytes, by the keys of `HOLDS`."""
    peak: Mapping[str, int] = field(default_factory=dict)
    """Operations a second, by dtype; a multiply-accumulate is two."""
    bandwidth: int | None = None
    """Bytes a second."""
    kernel: int = 0
    """Nanoseconds that an operator takes whatever it does."""
    efficiency: Fraction = Fraction(1)
    """The part of peak and bandwidth that operators reach."""
    conditions: Mapping[str, str] = field(default_factory=dict)
    """What costs are for on this device, by the names of `Conditions`."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each figure is from, by key."""

    @property
    def budget(self) -> dict[str, int]:
        """The bounds on costs that follow from what it holds, in bytes."""
        return {HOLDS[key]: number for key, number in self.holds.items()}

    @property
    def digest(self) -> str:
        """What stands for the figures that times follow from."""
        figures = [sorted(self.peak.items()), self.bandwidth, self.kernel, str(self.efficiency)]
        return blake2b(json.dumps(figures).encode(), digest_size=6).hexdigest()


def read_device(name: str, content: Mapping[str, Any], source: str | None = None) -> DevicePage:
    """Return the device that a page describes.

    Args:
        name: of the page.
        content: what stands on it.
        source: where it came from, for messages.

    Raises:
        DseError: for an unknown key, or a value that is none; it names the page and the key.
    """
    where = source or f"device {name}"
    for key in content:
        if key not in _KEYS:
            raise DseError(f"{where}: unknown key {key!r}; {nearest(str(key), _KEYS)}")
    if not isinstance(content.get("calibrated", False), bool):
        raise DseError(f"{where}: calibrated: expected true or false")
    if content.get("calibrated"):
        # Takes a second the first time, and torch.
        from dse.devices.this_machine import figures_here

        content = {**figures_here(), **content}
    found: dict[str, int] = {
        key: _positive(f"{where}: {key}", parse_quantity(value, kind, f"{where}: {key}"))
        for key, kind in _QUANTITIES.items()
        if (value := content.get(key)) is not None
    }
    return DevicePage(
        name,
        holds={key: found[key] for key in HOLDS if key in found},
        peak=_peaks(content.get("peak"), where),
        bandwidth=found.get("bandwidth"),
        kernel=found.get("kernel", 0),
        efficiency=_share(content.get("efficiency"), where),
        conditions=_conditions(content, where),
        sources=_sources(content, where),
    )


def _positive(what: str, number: int) -> int:
    if number <= 0:
        raise DseError(f"{what}: {number} is not positive")
    return number


def _peaks(content: Any, where: str) -> dict[str, int]:
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise DseError(f"{where}: peak: expected operations a second by dtype, as in float32: 1T")
    for dtype in content:
        if dtype not in DTYPES:
            raise DseError(f"{where}: peak: unknown dtype {dtype!r}; {nearest(str(dtype), DTYPES)}")
    return {
        str(dtype): _positive(what, parse_quantity(value, "count", what))
        for dtype, value in content.items()
        for what in (f"{where}: peak.{dtype}",)
    }


def _share(content: Any, where: str) -> Fraction:
    share = parse_fraction(1 if content is None else content, "count", f"{where}: efficiency")
    if not 0 < share <= 1:
        raise DseError(f"{where}: efficiency: {content} is no part of 1, such as 0.5")
    return share


def _conditions(content: Mapping[str, Any], where: str) -> dict[str, str]:
    found = {}
    for key in _CONDITIONS:
        value = content.get(key)
        if value is None:
            continue
        if value not in CONDITION_CHOICES[key]:
            hint = nearest(str(value), CONDITION_CHOICES[key])
            raise DseError(f"{where}: {key}: unknown {value!r}; {hint}")
        found[key] = str(value)
    return found


def _sources(content: Mapping[str, Any], where: str) -> dict[str, str]:
    sources = content.get("sources") or {}
    if not isinstance(sources, Mapping):
        raise DseError(f"{where}: sources: expected where figures are from, by key")
    for key in sources:
        if key not in content:
            raise DseError(f"{where}: sources: no figure {key!r}; {nearest(str(key), content)}")
    return {str(key): str(text) for key, text in sources.items()}
