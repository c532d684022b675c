"""What is chosen from a config group in Python: a page by name or path, or its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from dse.configs import NAMING_CODE, find_page, group_pages, is_dotted
from dse.errors import DseError
from dse.own_pages import read_page

Choice = str | Path | Mapping[str, Any]
"""The name of a page, the path of one, or its content."""


@dataclass(frozen=True)
class ChosenPage:
    """The content of a page, with its name and where it came from."""

    name: str
    content: dict[str, Any]
    source: str
    """For messages."""
    file: Path | None = None
    """None where the content itself was given."""


def chosen_page(group: str, choice: Choice, config_dir: Path | None = None) -> ChosenPage:
    """Return the page that is chosen from a config group.

    Args:
        group: such as `family` or `objective`.
        choice: a name, a path that ends in `.yaml`, or the content itself; where pages name code,
            also the dotted path of a class or function.
        config_dir: a directory of one's own with pages, which hide the shipped ones.

    Raises:
        DseError: for a page that there is not, or that says more than a page may.
    """
    if isinstance(choice, Mapping):
        return ChosenPage(group, {str(key): value for key, value in choice.items()}, group)
    is_file = isinstance(choice, Path) or choice.endswith((".yaml", ".yml"))
    may_be_code = not is_file and group in NAMING_CODE and is_dotted(str(choice))
    if may_be_code and choice not in group_pages(group, config_dir):
        return ChosenPage(str(choice), {"_target_": choice}, group)
    path = Path(choice) if is_file else find_page(str(choice), config_dir, group)
    return ChosenPage(path.stem, _composed(path, group, config_dir, ()), str(path), path)


def chosen_executor(
    choice: Choice, devices: str | Sequence[str] | None, config_dir: Path | None = None
) -> ChosenPage:
    """Return the page of an executor, on devices where some are named.

    Raises:
        DseError: as `chosen_page`.
    """
    page = chosen_page("executor", choice, config_dir)
    if devices is None:
        return page
    return replace(page, content={**page.content, "devices": devices})


def _composed(
    path: Path, group: str, config_dir: Path | None, above: tuple[Path, ...]
) -> dict[str, Any]:
    """Return a page upon the pages of its group that its `defaults` name."""
    if path in above:
        raise DseError(f"{path}: the defaults of the pages lead in a circle")
    own = read_page(path, group).resolved
    names = own.pop("defaults", [])
    merged = OmegaConf.create({})
    for name in names if "_self_" in names else [*names, "_self_"]:
        page = own
        if name != "_self_":
            page = _composed(find_page(name, config_dir, group), group, config_dir, (*above, path))
        merged.merge_with(page)
    content = OmegaConf.to_container(merged)
    assert isinstance(content, dict)
    return {str(key): value for key, value in content.items()}
