"""The names that complete words: columns of the store, families, costs and their conditions."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from dse.catalogue import listed_blocks, shipped_index
from dse.cli.composition import own_directory
from dse.configs import chosen_store, family_pages, group_pages
from dse.costs import CONDITION_CHOICES, CONDITION_NAMES, COSTS
from dse.guide import topics


def beginning(word: str, choices: Iterable[str]) -> list[str]:
    """Return the choices that begin with a word."""
    return [choice for choice in choices if choice.startswith(word)]


def _names(names: Callable[[Sequence[str]], Iterable[str]]) -> Callable[..., list[str]]:
    return lambda word, before: beginning(word, names(before))


def _fixed(choices: Sequence[str]) -> Callable[..., list[str]]:
    return lambda word, before: beginning(word, choices)


def _listed(names: Callable[[Sequence[str]], Iterable[str]]) -> Callable[..., list[str]]:
    """Complete the last of several names between commas."""

    def found(word: str, before: Sequence[str]) -> list[str]:
        done, comma, last = word.rpartition(",")
        minus = "-" if last.startswith("-") else ""
        matching = beginning(last.removeprefix("-"), names(before))
        return [f"{done}{comma}{minus}{name}" for name in matching]

    return found


def in_condition(word: str, names: Iterable[str]) -> list[str]:
    """Complete the last name of a condition such as `macs < 3M and par`."""
    start = len(word)
    while start and (word[start - 1].isalnum() or word[start - 1] in "_."):
        start -= 1
    last = word[start:]
    # A shell replaces its whole last word, which begins behind a space even within quotes.
    behind = word[:start].rpartition(" ")[2]
    return [f"{behind}{name}" for name in beginning(last, names)] if last or not word else []


def _columns(before: Sequence[str]) -> list[str]:
    """Return what may be asked of the store: costs, conditions, axes and measurements."""
    stores = [word for flag, word in pairwise(before) if flag == "--store"]
    place = (stores or [chosen_store()])[-1].removeprefix("sqlite:///")
    found = ["id", "family", "run", "study", *COSTS, *CONDITION_NAMES]
    if "://" in place or not Path(place).is_file():
        return found
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(
            sqlite3.connect(f"file:{Path(place).resolve()}?mode=ro", uri=True)
        ) as store,
    ):
        found += [row[0] for row in store.execute("select distinct what from measurement")]
        columns = "select distinct key from family, json_each(family.axes)"
        found += [row[0] for row in store.execute(columns)]
    return list(dict.fromkeys(found))


def _families(before: Sequence[str]) -> Iterable[str]:
    return family_pages(own_directory(before))


def _conventions(before: Sequence[str]) -> Iterable[str]:
    return shipped_index()["conventions"]


KNOWN: dict[str, Callable[[str, Sequence[str]], list[str]]] = {
    "condition": lambda word, before: in_condition(word, _columns(before)),
    "where": lambda word, before: in_condition(word, _columns(before)),
    "budget": lambda word, before: in_condition(word, COSTS),
    "sort": _listed(_columns),
    "columns": _listed(_columns),
    "group_by": _listed(_columns),
    "least": _listed(_columns),
    "most": _listed(_columns),
    "measurement": _names(_columns),
    "families.name": _names(_families),
    "blocks.name": _names(lambda before: (block.name for block in listed_blocks())),
    "family": _names(_families),
    "page": _names(_families),
    "topic": _names(lambda before: [topic.name for topic in topics()]),
    "cost": _names(lambda before: group_pages("cost", own_directory(before))),
    "samplers": _listed(lambda before: group_pages("sampler", own_directory(before))),
    "convention": _names(_conventions),
    "compare": _listed(_conventions),
    **{name: _fixed(choices) for name, choices in CONDITION_CHOICES.items()},
}
"""What completes a parameter, by its name, alone or behind that of its command."""
