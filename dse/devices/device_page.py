"""A page of `conf/device/`: what a device can hold and do, and where each figure is from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any

from dse.configs import read_page
from dse.costs import CONDITION_CHOICES, DTYPES
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
DEVICE_KEYS = (*_QUANTITIES, *_CONDITIONS, "peak", "efficiency", "calibrated", "sources")


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


def read_device(name: str, content: Mapping[str, Any], file: Path | None = None) -> DevicePage:
    """Return the device that a page describes.

    Args:
        name: of the page.
        content: what stands on it.
        file: of the page, whose lines messages name.

    Raises:
        DseError: for an unknown key, or a value that is none; it names the line and the key.
    """
    try:
        return _read(name, content)
    except _PageFault as fault:
        raise DseError(f"{_place(name, fault.key, file)}: {fault}") from fault


class _PageFault(DseError):
    """What a page cannot say, at one of its keys."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


def _place(name: str, key: str, file: Path | None) -> str:
    """Return the line of a page at which a key stands; one that was typed has none."""
    page = None if file is None else read_page(file, "device")
    is_there = page is not None and key in page.content
    return f"{file}:{page.yaml.line([key])}" if page and is_there else f"device {name}"


def _read(name: str, content: Mapping[str, Any]) -> DevicePage:
    for key in content:
        if key not in DEVICE_KEYS:
            raise _PageFault(str(key), f"unknown key {key!r}; {nearest(str(key), DEVICE_KEYS)}")
    if not isinstance(content.get("calibrated", False), bool):
        raise _PageFault("calibrated", "calibrated: expected true or false")
    if content.get("calibrated"):
        # Takes a second the first time, and torch.
        from dse.devices.this_machine import figures_here

        content = {**figures_here(), **content}
    found: dict[str, int] = {
        key: _positive(key, value, kind)
        for key, kind in _QUANTITIES.items()
        if (value := content.get(key)) is not None
    }
    return DevicePage(
        name,
        holds={key: found[key] for key in HOLDS if key in found},
        peak=_peaks(content.get("peak")),
        bandwidth=found.get("bandwidth"),
        kernel=found.get("kernel", 0),
        efficiency=_share(content.get("efficiency")),
        conditions=_conditions(content),
        sources=_sources(content),
    )


def _positive(key: str, value: Any, kind: Kind, what: str = "") -> int:
    """Return a quantity at a key; `what` names it where it is one of several there."""
    what = what or key
    try:
        number = parse_quantity(value, kind, what)
    except DseError as error:
        raise _PageFault(key, str(error)) from error
    if number <= 0:
        raise _PageFault(key, f"{what}: {number} is not positive")
    return number


def _peaks(content: Any) -> dict[str, int]:
    if content is None:
        return {}
    if not isinstance(content, Mapping):
        raise _PageFault("peak", "peak: expected operations a second by dtype, as in float32: 1T")
    for dtype in content:
        if dtype not in DTYPES:
            raise _PageFault(
                "peak", f"peak: unknown dtype {dtype!r}; {nearest(str(dtype), DTYPES)}"
            )
    return {
        str(dtype): _positive("peak", value, "count", f"peak.{dtype}")
        for dtype, value in content.items()
    }


def _share(content: Any) -> Fraction:
    try:
        share = parse_fraction(1 if content is None else content, "count", "efficiency")
    except DseError as error:
        raise _PageFault("efficiency", str(error)) from error
    if not 0 < share <= 1:
        raise _PageFault("efficiency", f"efficiency: {content} is no part of 1, such as 0.5")
    return share


def _conditions(content: Mapping[str, Any]) -> dict[str, str]:
    found = {}
    for key in _CONDITIONS:
        value = content.get(key)
        if value is None:
            continue
        if value not in CONDITION_CHOICES[key]:
            hint = nearest(str(value), CONDITION_CHOICES[key])
            raise _PageFault(key, f"{key}: unknown {value!r}; {hint}")
        found[key] = str(value)
    return found


def _sources(content: Mapping[str, Any]) -> dict[str, str]:
    sources = content.get("sources") or {}
    if not isinstance(sources, Mapping):
        raise _PageFault("sources", "sources: expected where figures are from, by key")
    for key in sources:
        if key not in content:
            hint = nearest(str(key), content)
            raise _PageFault("sources", f"sources: no figure {key!r}; {hint}")
    return {str(key): str(text) for key, text in sources.items()}
