"""What is chosen from a config group in Python: a page by name or path, or its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dse.configs import NAMING_CODE, composed_page, find_page, group_pages, is_dotted
from dse.errors import DseError

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
        DseError: for a page that there is not, or that says more than a page may; for
            what is no choice.
    """
    if isinstance(choice, Mapping):
        return ChosenPage(group, {str(key): value for key, value in choice.items()}, group)
    if not isinstance(choice, str | Path):
        raise DseError(f"{group}: expected a name, a path or a mapping, not {choice!r}")
    is_file = isinstance(choice, Path) or choice.endswith((".yaml", ".yml"))
    may_be_code = not is_file and group in NAMING_CODE and is_dotted(str(choice))
    if may_be_code and choice not in group_pages(group, config_dir):
        return ChosenPage(str(choice), {"_target_": choice}, group)
    path = Path(choice) if is_file else find_page(str(choice), config_dir, group)
    return ChosenPage(path.stem, composed_page(path, group, config_dir), str(path), path)


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
