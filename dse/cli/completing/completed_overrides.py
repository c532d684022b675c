"""What may stand in the place of a word of a command that is a Hydra application."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dse.catalogue import axes_of_page, indexed_family
from dse.cli.completing.completed_names import beginning, in_condition
from dse.cli.composition import OPTIONS, documented_groups, documented_keys, own_directory
from dse.configs import GRID_WORDS, family_pages, group_pages
from dse.costs import COST_CHOICES, COST_KEYS, COSTS
from dse.files import read_yaml

_OF_COSTS = ("min", "max", "histogram", "stratify", "objective.cost")
"""Keys that name costs, several of them in brackets."""


def completed_override(command: str, before: Sequence[str], word: str) -> list[str]:
    """Return flags, keys, groups, and what may stand behind `=`."""
    directory = own_directory(before)
    if before and before[-1] == "--budget":
        return in_condition(word, COSTS)
    if before and before[-1] in ("--store", "--config-dir", "--allow"):
        return []
    if word.startswith("-"):
        return beginning(word, [part.split()[0] for each in OPTIONS for part in each.split(", ")])
    groups = {group.name: group for group in documented_groups(command, directory)}
    name, equals, value = word.partition("=")
    if equals:
        found = _values(name, value, command, before, directory)
        return [f"{name}={choice}" for choice in found]
    group, dot, _ = name.partition(".")
    if dot:
        return beginning(word, [f"{group}.{key}=" for key in _keys(group, before, directory)])
    keys = [f"{key.name}=" for key in documented_keys(command)]
    return beginning(
        word, [choice for each in groups for choice in (f"{each}=", f"{each}.")] + keys
    )


def _values(
    name: str, value: str, command: str, before: Sequence[str], directory: Path | None
) -> list[str]:
    groups = {group.name for group in documented_groups(command, directory)}
    if name in groups:
        done, comma, last = value.rpartition(",")
        return [f"{done}{comma}{c}" for c in beginning(last, group_pages(name, directory))]
    if name == "variant":
        return beginning(value, _variants(before, directory))
    if name in _OF_COSTS:
        bracket = value[: len(value) - len(value.lstrip("["))]
        done, comma, last = value[len(bracket) :].rpartition(",")
        return [f"{bracket}{done}{comma}{cost}" for cost in beginning(last, COSTS)]
    if (condition := name.removeprefix("cost.")) in COST_CHOICES:
        return beginning(value, COST_CHOICES[condition])
    documented = {key.name: key for key in documented_keys(command)}
    if name in documented and documented[name].default in ("true", "false"):
        return beginning(value, ["true", "false"])
    return []


def _chosen(group: str, before: Sequence[str], default: str) -> str:
    """Return the page of a group that the words before choose."""
    chosen = [word.partition("=")[2] for word in before if word.startswith(f"{group}=")]
    return chosen[-1].partition(",")[0] if chosen else default


def _keys(group: str, before: Sequence[str], directory: Path | None) -> list[str]:
    """Return the keys that a group may be given, with its chosen page."""
    if group == "grid":
        pages = family_pages(directory)
        family = _chosen("family", before, "mobilenet_v2")
        axes = axes_of_page(pages[family]) if family in pages else ()
        return [*axes, *GRID_WORDS]
    if group == "budget":
        return [*COSTS, "where"]
    if group == "cost":
        return list(COST_KEYS)
    if group == "store":
        return ["url"]
    pages = group_pages(group, directory)
    defaults = {"objective": "naswot", "sampler": "pool", "executor": "local"}
    page = _chosen(group, before, defaults.get(group, ""))
    content = read_yaml(pages[page]).content if page in pages else {}
    return [str(key) for key in content or {}]


def _variants(before: Sequence[str], directory: Path | None) -> list[str]:
    pages = family_pages(directory)
    family = _chosen("family", before, "mobilenet_v2")
    listed = indexed_family(pages[family]) if family in pages else None
    return list(listed.variants) if listed is not None else []
