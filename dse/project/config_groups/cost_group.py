"""The config group `cost`: what costs depend on besides the architecture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dse.configs import composed_page, config_directory
from dse.costs import COST_KEYS, Conditions
from dse.errors import DseError, nearest


def _nested(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is by keys such as `shards.zero` in mappings of keys."""
    found: dict[str, Any] = {}
    for key, value in content.items():
        group, dot, last = key.rpartition(".")
        if dot:
            found.setdefault(group, {})[last] = value
        else:
            found[key] = value
    return found


def _flat(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is in mappings of keys by keys such as `shards.zero`."""
    found: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, Mapping):
            found |= {f"{key}.{last}": each for last, each in value.items()}
        else:
            found[key] = value
    return found


if TYPE_CHECKING:

    @dataclass
    class CostConfig:
        """The keys of `conf/cost/`: those of `COST_KEYS`."""

else:
    _FIELDS = {each.name: each for each in fields(Conditions)}

    def _of_keys(name: str, content: Mapping[str, Any]) -> type:
        """Return a dataclass of keys by their conditions, and of groups of keys."""
        made: list[tuple[str, Any, Any]] = []
        for key, value in content.items():
            if isinstance(value, str):
                made.append((key, _FIELDS[value].type, field(default=_FIELDS[value].default)))
            else:
                group = _of_keys(f"{key.title()}Config", value)
                made.append((key, group, field(default_factory=group)))
        found = make_dataclass(name, made)
        found.__module__ = __name__
        # By its name it is the same class in a process that a launcher starts.
        globals()[name] = found
        return found

    CostConfig = _of_keys("CostConfig", _nested(COST_KEYS))


def read_conditions(
    content: Mapping[str, Any], source: str = "cost", device: str = ""
) -> Conditions:
    """Return what costs are for, from the config group `cost`.

    Args:
        content: conditions by their keys, or by their names as a store keeps them.
        source: of the content, for messages.
        device: the name of the device that is chosen.

    Raises:
        DseError: for an unknown key, or a value that is none of the choices.
    """
    found: dict[str, Any] = {}
    for key, value in _flat(content).items():
        name = COST_KEYS.get(key, key)
        if name not in COST_KEYS.values():
            raise DseError(f"{source}: unknown key {key!r}; {nearest(str(key), COST_KEYS)}")
        found[name] = value
    try:
        return Conditions(**found, device=device)
    except DseError as error:
        raise DseError(f"{source}.{error}") from error


def read_cost_group(name: str | None, given: Mapping[str, Any]) -> Conditions:
    """Return the conditions of a page of `conf/cost/`, with some of them given in its place.

    Args:
        name: of a shipped page, or the path of one; None for the defaults.
        given: conditions by name; None for those that were not given.

    Raises:
        DseError: for an unknown page, key or value.
    """
    content: dict[str, Any] = {}
    if name is not None:
        content = _read_page(name)
    content |= {key: value for key, value in given.items() if value is not None}
    return read_conditions(content, "cost" if name is None else f"cost {name}")


def _read_page(name: str) -> dict[str, Any]:
    shipped = {path.stem: path for path in (config_directory() / "cost").glob("*.yaml")}
    path = shipped.get(name, Path(name))
    if not path.is_file():
        raise DseError(f"unknown cost {name!r}; {nearest(name, shipped)}")
    return composed_page(path, "cost")


def cost_page(conditions: Conditions) -> dict[str, Any]:
    """Return conditions as a page of the group has them."""
    return _nested({key: getattr(conditions, name) for key, name in COST_KEYS.items()})


def cost_words(conditions: Conditions) -> list[str]:
    """Return the words of a command that state conditions, but for those at their defaults."""
    stated = conditions.stated
    return [f"cost.{key}={stated[name]}" for key, name in COST_KEYS.items() if name in stated]
