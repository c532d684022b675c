"""The keys of a command as plain values, and the space that they describe."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from dse.devices import DevicePage, read_device
from dse.errors import DseError, nearest
from dse.project.config_groups import CostConfig, read_conditions
from dse.project.design_spaces import Space
from dse.project.pages import grid_of_pages

PAGES = ("family", "objective", "sampler", "store")
"""Groups that have to have a page, whose keys are not those of the schema."""


@dataclass
class SpaceKeys:
    """The keys by which every command names a space and a store."""

    family: Any = None
    grid: dict[str, Any] = field(default_factory=dict)
    cost: CostConfig = field(default_factory=CostConfig)
    device: Any = None
    store: Any = None
    variant: str | None = None
    allow: list[str] = field(default_factory=list)


def typed(schema: type, content: Any, resolve: bool) -> dict[str, Any]:
    """Return the config of a command as plain values, its keys of the schema's types.

    Args:
        schema: the dataclass of the command's keys.
        content: the config.
        resolve: put what references stand for in their place.

    Raises:
        DseError: for a key that the command has not, or a group that nothing was chosen from.
        omegaconf.errors.OmegaConfBaseException: for a value of another type, or a reference that
            leads nowhere.
    """
    valid = [field.name for field in dataclasses.fields(schema)]
    for key in content:
        if key not in valid:
            raise DseError(f"unknown key {str(key)!r}; {nearest(str(key), valid)}")
    merged = OmegaConf.merge(_structured(schema), content)
    values: Any = OmegaConf.to_container(merged, resolve=resolve)
    for group in (key for key in PAGES if key in valid):
        if not isinstance(values[group], Mapping):
            raise DseError(f"no {group} is chosen; name a page of it, as in {group}=…")
    if not isinstance(values["store"].get("url"), str):
        raise DseError("store.url: expected the path of a file, or a URL")
    return dict(values)


@cache
def _structured(schema: type) -> Any:
    """Return the config that a schema declares; what is merged into it is merged into a copy."""
    return OmegaConf.structured(schema)


def space_of(
    values: Mapping[str, Any],
    pages: Mapping[str, str],
    source: str = "",
    given: Collection[str] | None = None,
    device_file: Path | None = None,
    config_dir: Path | None = None,
) -> Space:
    """Return the design space that the keys of a command describe.

    Args:
        values: by key.
        pages: the name of the page that was chosen from each config group.
        source: where the family came from, for messages.
        given: keys of the group `cost` that go before what the device says; None for all.
        device_file: of the page of the device, for messages.
        config_dir: a directory of the user's own with pages, which a union of grids may name.

    Raises:
        DseError: for no family, or conditions that do not hold.
    """
    if "family" not in pages:
        raise DseError("no family is chosen; name one as in family=mobilenet_v2")
    device = _device_of(values, pages, device_file)
    cost = dict(values["cost"])
    if device is not None and given is not None:
        cost |= {key: v for key, v in device.conditions.items() if key not in given}
    return Space(
        family=pages["family"],
        page=values["family"],
        grid=grid_of_pages(values["grid"] or {}, config_dir),
        conditions=read_conditions(cost, device="" if device is None else device.name),
        variant=values["variant"],
        allow=tuple(values["allow"]),
        source=source,
        device=values["device"] or {},
        store=str(values["store"]["url"]),
    )


def _device_of(
    values: Mapping[str, Any], pages: Mapping[str, str], file: Path | None
) -> DevicePage | None:
    """Return the device that the keys of a command name; None where they name none.

    Raises:
        DseError: for what its page cannot say.
    """
    name = pages.get("device", "none")
    return None if name == "none" else read_device(name, values["device"] or {}, file)
