"""What a page may say: the one door to configs that anybody may have written.

A page is data of its own group. It writes nowhere else (no `@package`, no `defaults` of other
groups, no `hydra`), reads nothing else (no resolver such as `${oc.env:HOME}`), and names code only
where a command looks for it (`_target_`). The command line, and the shipped `sweep.yaml`,
`search.yaml` and `space.yaml`, are not held to this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from dse.configs.config_places import config_directory, find_page
from dse.configs.names import is_name
from dse.configs.passwords import without_passwords
from dse.errors import DseError
from dse.files import Key, PlainYaml, read_yaml

TARGETS = ("objective", "sampler", "pruner")
"""What a command looks for the path of a callable in."""
LONGEST_RESULT = 1_000_000
"""Characters of a page with what its references stand for."""

_HEADER = re.compile(r"\s*#\s*@\s*package\b")
_REFERENCE = re.compile(r"\$\{(\.*)([A-Za-z_]\w*(?:\.\w+)*)\}")
_GROUP = re.compile(r"(?:optional )?(\w+)")
_SCHEMA = re.compile(r"\w+_schema")


@dataclass(frozen=True)
class OwnPage:
    """A page that says nothing but what its group may say."""

    yaml: PlainYaml
    group: str | None
    """The config group; None for the page of a command."""

    @property
    def content(self) -> dict[str, Any]:
        """The keys of the page with their values, references as they are written."""
        return {} if self.yaml.content is None else dict(self.yaml.content)

    @cached_property
    def resolved(self) -> dict[str, Any]:
        """The same with what references stand for in their place.

        Raises:
            DseError: for a reference that leads nowhere.
        """
        whole = {self.group or "page": self.content}
        try:
            found: Any = OmegaConf.to_container(OmegaConf.create(whole), resolve=True)
        except OmegaConfBaseException as error:
            raise DseError(f"{self.yaml.file}: {str(error).splitlines()[0]}") from error
        return {str(key): value for key, value in found[self.group or "page"].items()}


def composed_page(
    file: Path, group: str, config_dir: Path | None = None, above: tuple[Path, ...] = ()
) -> dict[str, Any]:
    """Return a page upon the pages of its group that its `defaults` name, as Hydra composes it.

    Args:
        file: the page.
        group: the config group that it belongs to.
        config_dir: a directory of the user's own with pages; by default that of the file.
        above: the pages whose `defaults` have led here.

    Raises:
        DseError: for a page that there is not, that says what it cannot, or that leads in a circle.
    """
    if file in above:
        raise DseError(f"{file}: the defaults of the pages lead in a circle")
    own = read_page(file, group).resolved
    names = own.pop("defaults", [])
    if not names:
        return own
    if config_dir is None and file.absolute().parent.name == group:
        config_dir = file.parent.parent
    merged = OmegaConf.create({})
    for name in names if "_self_" in names else [*names, "_self_"]:
        page = own
        if name != "_self_":
            below = find_page(name, config_dir, group)
            page = composed_page(below, group, config_dir, (*above, file))
        merged.merge_with(page)
    content: Any = OmegaConf.to_container(merged)
    return {str(key): value for key, value in content.items()}


def groups() -> tuple[str, ...]:
    """Return the config groups that there are: those of the shipped configs."""
    return tuple(sorted(path.name for path in config_directory().iterdir() if path.is_dir()))


def read_page(file: Path, group: str | None) -> OwnPage:
    """Return a page as plain values, once it was found to keep to its group.

    Args:
        file: the page.
        group: the config group that it belongs to; None for the page of a command.

    Raises:
        DseError: for a file that is no plain YAML, and for what a page cannot say; it names the
            line and a mend.
    """
    page = read_yaml(file)
    for number, line in enumerate(page.text.splitlines(), 1):
        if _HEADER.match(line):
            raise DseError(
                f"{file}:{number}: a page writes into its own group alone; take out '@package'"
            )
    if page.content is not None and not isinstance(page.content, Mapping):
        raise DseError(f"{file}: expected keys with values")
    _Rules(page, group).check()
    return OwnPage(page, group)


@dataclass(frozen=True)
class _Rules:
    page: PlainYaml
    group: str | None

    def check(self) -> None:
        content: Mapping[Any, Any] = self.page.content or {}
        length = 0
        for path, value in _walk(content, ()):
            key = path[-1]
            if key is None or (isinstance(key, str) and "${" in key):
                raise self.error(path, f"{key!r} is no key; write it plainly")
            if key == "_target_" and self.group not in TARGETS and path[0] not in TARGETS:
                raise self.error(path, f"only {', '.join(TARGETS)} name code; take it out")
            if isinstance(value, str) and without_passwords(value) != value:
                mend = "leave it out, and give it by PGPASSWORD or ~/.pgpass"
                raise self.error(path, f"a page holds no password; {mend}")
            if path[0] == "defaults":
                continue
            if isinstance(value, str):
                length += len(value) if "${" not in value else self._length(path, value)
            if length > LONGEST_RESULT:
                raise self.error(path, f"a page stands for {LONGEST_RESULT:,} characters at most")
        for key in content:
            is_trust = self.group is None and key == "allow"
            if is_trust or str(key).partition(".")[0] == "hydra":
                raise self.error((key,), f"{key!r} is given on the command line alone")
        self._check_defaults(content.get("defaults", []))

    def error(self, path: tuple[Key, ...], problem: str) -> DseError:
        """Return an error about what stands at a path."""
        keys = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
        file = f"{self.page.file}:{self.page.line(path)}"
        return DseError(f"{file}: {keys.removeprefix('.')}: {problem}")

    def _length(self, path: tuple[Key, ...], value: str) -> int:
        """Return the length of what a reference stands for; refuse any other `${…}`."""
        found = _REFERENCE.fullmatch(value)
        if found is None:
            raise self.error(
                path, f"{value[:100]!r} is worked out by Hydra; a page has plain values, and "
                f"references to its own such as ${{.key}}"
            )  # fmt: skip
        names = found[2].split(".")
        dots = len(found[1])
        if dots:
            above = path[:-dots] if dots <= len(path) else None
        else:
            above = () if self.group is None or names.pop(0) == self.group else None
        target = None if above is None else _at(self.page.content, (*above, *names))
        if target is None:
            raise self.error(path, f"{value!r} names nothing on this page; write the value")
        values = [each for _, each in _walk({"": target}, ())]
        if any(isinstance(each, str) and "${" in each for each in values):
            raise self.error(path, f"{value!r} leads to another reference; name that one")
        return sum(1 if isinstance(each, dict | list) else len(str(each)) for each in values)

    def _check_defaults(self, defaults: Any) -> None:
        if not isinstance(defaults, list):
            raise self.error(("defaults",), "expected a list")
        for index, entry in enumerate(defaults):
            if not (is_name(entry) if self.group else _is_choice(entry)):
                mend = (
                    f"a page is made of pages of its own group, such as [{self.group}_page, _self_]"
                    if self.group
                    else "it chooses pages of the groups, as in 'family: mobilenet_v2'; "
                    f"valid: {', '.join(groups())}"
                )
                raise self.error(("defaults", index), f"{str(entry)[:100]!r}: {mend}")


def _is_choice(entry: Any) -> bool:
    """Return whether an entry of `defaults` chooses a page of a group, or is the page itself."""
    if isinstance(entry, str):
        return entry == "_self_" or _SCHEMA.fullmatch(entry) is not None
    if not isinstance(entry, Mapping) or len(entry) != 1:
        return False
    ((group, choice),) = entry.items()
    found = _GROUP.fullmatch(str(group))
    if found is None or found[1] not in groups():
        return False
    follows = _REFERENCE.fullmatch(str(choice))
    if follows is not None:
        return not follows[1] and follows[2] in groups()
    return choice is None or is_name(choice)


def _walk(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield every value below one, with its path of keys."""
    if isinstance(value, Mapping):
        pairs: Any = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        return
    for key, each in pairs:
        yield (*path, key), each
        yield from _walk(each, (*path, key))


def _at(content: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a path of keys, or None."""
    for key in path:
        if isinstance(content, Mapping):
            content = {str(name): value for name, value in content.items()}.get(str(key))
        elif isinstance(content, list) and str(key).isdigit() and int(key) < len(content):
            content = content[int(key)]
        else:
            return None
    return content
