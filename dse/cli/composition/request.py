"""What a command is asked for: a config of its keys, and where that came from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

from dse.cli.composition.page_source import relative
from dse.configs import NAMING_CODE, composed_page, config_directory, read_page
from dse.errors import DseError, nearest
from dse.language import Source
from dse.project import typed
from dse.search import TRACKERS

OF_THE_GOAL = ("direction", "replicates")
"""Keys of an objective's page that are no options of its callable."""


@dataclass(frozen=True)
class Request:
    """The config of a command as plain values, with the choices that made it."""

    values: dict[str, Any]
    choices: Mapping[str, str]
    """The page that was chosen from each config group, such as the family's name."""
    command: str
    """The command line as it was typed."""
    files: Mapping[str, Path] = dataclasses.field(default_factory=dict)
    """The file of each page that was chosen."""
    config_dir: Path | None = None
    """The user's own directory of pages."""
    conditions: frozenset[str] = frozenset()
    """Keys of the group `cost` that were typed, or stand on a page that was chosen."""
    typed_groups: frozenset[str] = frozenset()
    """What the overrides of the command line name: keys, or groups of such."""

    def source(self, group: str) -> str:
        """Return where the values of a group came from, for messages."""
        return str(self.files.get(group, f"{group} {self.choices.get(group, '')}".rstrip()))

    @property
    def sources(self) -> dict[str, Source]:
        """The page that was chosen from each group, with the values that came of it."""
        return {name: Source(str(file), self.values.get(name)) for name, file in self.files.items()}

    @property
    def recorded(self) -> dict[str, Any]:
        """What a store keeps of it."""
        return {**self.values, "choices": dict(self.choices)}


def composed_request(
    config: DictConfig, schema: type, command: str, secrets: Mapping[str, str]
) -> Request:
    """Return what Hydra composed for its current job.

    Args:
        config: what it composed.
        schema: the dataclass of the command's keys.
        command: the command line as it was typed.
        secrets: URLs with their passwords by the same without, as Hydra has them.

    Raises:
        DseError: for a key that the command has not, or another callable in a sum of several.
        omegaconf.errors.OmegaConfBaseException: for a value of another type, or a reference that
            leads nowhere.
    """
    hydra = HydraConfig.get()
    values = typed(schema, config, resolve=True)
    words = {override.partition("=")[0].lstrip("+") for override in hydra.overrides.task}
    url = values["store"]["url"]
    values["store"] = {**values["store"], "url": secrets.get(url, url)}
    for key in TRACKERS:
        if values.get(key) is not None:
            values[key] = secrets.get(values[key], values[key])
    chosen = {str(g): c for g, c in hydra.runtime.choices.items() if not str(g).startswith("hydra")}
    roots = [Path(each.path) for each in hydra.runtime.config_sources if each.schema == "file"]
    files = {}
    for group, choice in chosen.items():
        there = [file for root in roots if (file := root / group / f"{choice}.yaml").is_file()]
        if there:
            files[group] = relative(there[0])
            if (
                group == "store"
                and not _is_shipped(there[0])
                and not words & {"store", "store.url"}
            ):
                # Somebody's directory must not choose by itself which file is written.
                raise DseError(
                    f"{files[group]} says where rows are stored; choose it by store={choice}, "
                    "or name a place, as in store.url=outputs/dse.db"
                )
    if "grid" in words and "grid" in chosen and "grid" not in files:
        # Of a family without a page of its grid, Hydra leaves out any page that is not there.
        raise DseError(f"unknown grid {chosen['grid']!r}; {nearest(chosen['grid'], _pages(roots))}")
    for group in NAMING_CODE:
        if isinstance(values.get(group), Mapping) and group in chosen:
            # A dotted path that was chosen in the place of a page has none.
            page = composed_page(files[group], group) if group in files else {}
            given = _given(group, list(hydra.overrides.task))
            values[group] = _retargeted(group, values[group], page, given)
    choices = {group: str(choice).rpartition("/")[2] for group, choice in chosen.items()}
    conditions = _given("cost", list(hydra.overrides.task))
    if "cost" in files and choices["cost"] != "default":
        conditions |= _stated(files["cost"])
    groups = frozenset(word.lstrip("~").partition(".")[0] for word in words)
    own = next((root for root in roots if not _is_shipped(root)), None)
    return Request(values, choices, command, files, own, frozenset(conditions), groups)


def _stated(page: Path) -> set[str]:
    """Return the conditions that a page says, or that pages below it change."""
    usual = composed_page(config_directory() / "cost" / "default.yaml", "cost")
    composed = composed_page(page, "cost")
    changed = {key for key, value in composed.items() if value != usual.get(key)}
    return changed | read_page(page, "cost").content.keys()


def _is_shipped(path: Path) -> bool:
    return path.resolve().is_relative_to(config_directory().resolve())


def _pages(roots: Iterable[Path]) -> set[str]:
    """Return the names of the grids that are in some directories."""
    return {page.stem for root in roots for page in (root / "grid").glob("*.yaml")}


def _given(group: str, overrides: Sequence[str]) -> set[str]:
    """Return the keys of a group that the command line gives values."""
    keys: set[str] = set()
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        first, _, rest = override.key_or_group.partition(".")
        if first == group:
            value = override.value()
            keys |= {rest.partition(".")[0]} if rest else set(value if type(value) is dict else ())
    return set(map(str, keys))


def _retargeted(
    group: str, values: Mapping[str, Any], page: Mapping[str, Any], given: set[str]
) -> dict[str, Any]:
    """Return a group without what belonged to the callable that another took the place of."""
    for several in ("goals", "sum"):
        for name, before in _targets(page.get(several)).items():
            after = _targets(values.get(several)).get(name, before)
            if after != before:
                raise DseError(
                    f"{group}.{several}.{name}: it has the name of another callable; take that out "
                    f"and add yours, as in ~{group}.{several}.{name} "
                    f"+{group}.{several}.mine={{_target_:{after}}}"
                )
    target = values.get("_target_")
    if not isinstance(target, str):
        return dict(values)
    if target == page.get("_target_"):
        return dict(values)
    stays = {"_target_", *OF_THE_GOAL, *given}
    kept = {key: value for key, value in values.items() if key in stays}
    if group == "objective":
        # The page is named like the old one, and so is what that measured.
        kept.setdefault("name", target.rpartition(".")[2])
    return kept


def _targets(measures: Any) -> dict[str, Any]:
    """Return the path of the callable of each of several measures, those without one left out."""
    entries = measures.items() if isinstance(measures, Mapping) else ()
    return {
        str(name): options["_target_"]
        for name, options in entries
        if isinstance(options, Mapping) and "_target_" in options
    }
