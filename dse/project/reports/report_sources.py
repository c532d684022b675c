"""Where the numbers of reports come from: a store that is only read, asked once for each thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from dse.configs import without_passwords, without_passwords_in
from dse.errors import DseError
from dse.project.plots import Interval, bound_lines
from dse.project.store_access import StoreReader
from dse.report import Facts, SourceText


@dataclass(frozen=True)
class ReportStore(StoreReader):
    """A store that a report is of."""


def bounds_of(budget: Mapping[str, Any]) -> tuple[dict[str, Interval], list[str]]:
    """Return the bounds of a budget by the number that each is on, and what else it asks for."""
    intervals: dict[str, Interval] = {}
    texts: list[str] = []
    for name, value in budget.items():
        if value is None:
            continue
        if name != "where":
            intervals |= bound_lines({name: value})
            continue
        try:
            intervals |= bound_lines(str(value))
        except DseError:
            texts.append(str(value))
    return intervals, texts


def budget_text(budget: Mapping[str, Any]) -> str:
    """Return a budget as people write it."""
    shown = []
    for name, value in budget.items():
        if value is None:
            continue
        if name == "where":
            shown.append(str(value))
        elif isinstance(value, list | tuple):
            shown.append(f"{value[0]} <= {name} <= {value[1]}")
        elif isinstance(value, Mapping):
            ends = {"min": ">=", "max": "<="}
            shown += [f"{name} {ends.get(str(end), end)} {each}" for end, each in value.items()]
        else:
            shown.append(f"{name} <= {value}")
    return " and ".join(shown) or "none"


def provenance_of(run: Mapping[str, Any]) -> Sequence[Facts | SourceText]:
    """Return who made something, when, with what and by which command."""
    commit = run.get("git_commit")
    if commit and run.get("git_dirty"):
        commit = f"{commit}, with changes"
    facts = {
        "command": without_passwords(str(run["command"])),
        "begun": run.get("started"),
        "ended": run.get("finished"),
        "outcome": run.get("outcome"),
        "error": run.get("error"),
        "machine": run.get("host"),
        "directory": run.get("directory"),
        "commit": commit,
        **{f"{name}": version for name, version in (run.get("versions") or {}).items()},
    }
    rows = tuple((name, str(value)) for name, value in facts.items() if value is not None)
    config = run.get("config")
    if not config:
        return [Facts(rows)]
    text = yaml.safe_dump(
        without_passwords_in(config), sort_keys=False, allow_unicode=True, width=100
    )
    return [Facts(rows), SourceText("The whole config", text)]
