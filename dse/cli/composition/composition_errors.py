"""What is said of a config that Hydra cannot compose, in one line."""

from __future__ import annotations

import re
from pathlib import Path

from hydra.errors import MissingConfigException, OverrideParseException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from dse.cli.composition.page_source import relative
from dse.cli.composition.references import told_of_reference
from dse.cli.composition.usage_errors import axes_in, told_of_unknown_key
from dse.configs import group_pages
from dse.errors import DseError, nearest
from dse.extras import install
from dse.files import read_yaml

_AMBIGUOUS = "Ambiguous value for argument "

_OF_A_PAGE = re.compile(r"In '(\w+)/([^']+)': \w+ raised while composing config:")


def told_of_composition(error: Exception, config_dir: Path | None) -> DseError:
    """Return what does not go together.

    Args:
        error: that Hydra raised.
        config_dir: the user's own directory of pages.
    """
    if isinstance(error, MissingConfigException):
        return DseError(_missing(error))
    first = str(error).splitlines()[0]
    if isinstance(error, OverrideParseException):
        # New keys of open groups are let in by plus signs that nobody typed.
        taken = str(error.override)
        typed = taken.lstrip("+")
        return DseError(f"cannot read {typed!r}: {first.replace(taken, typed)}")
    if first.startswith(_AMBIGUOUS):
        word = first.removeprefix(_AMBIGUOUS).strip("'").lstrip("+")
        key, _, values = word.partition("=")
        some = f"{key}=[{values}] is a list"
        return DseError(f"{word!r} is several values; -m runs a job for each, and {some}")
    if (of_a_page := _OF_A_PAGE.fullmatch(first)) is not None:
        return _told_of_a_page(error, of_a_page[1], of_a_page[2], config_dir)
    return DseError(_composition(error))


def _missing(error: MissingConfigException) -> str:
    wanted = str(error.missing_cfg_file or "")
    group, _, choice = wanted.rpartition("/")
    if error.options is None or not group:
        return str(error).splitlines()[0]
    if not group.startswith("hydra/"):
        # A choice may have been a path, as a file of a store or of a page.
        group, _, choice = wanted.partition("/")
    if group == "store":
        return f"unknown store {choice!r}; a place to keep results is --store {choice}"
    more = f"; more launchers: {install('launchers')}" if group == "hydra/launcher" else ""
    return f"unknown {group} {choice!r}; {nearest(choice, error.options)}{more}"


def _told_of_a_page(error: Exception, group: str, name: str, config_dir: Path | None) -> DseError:
    """Return what a page says that the config has no place for."""
    cause = _cause(error)
    full_key = str(getattr(cause, "full_key", None) or "")
    detail = _unknown_key(cause, full_key) or f"{full_key}: {str(cause).splitlines()[0]}"
    file = group_pages(group, config_dir).get(name)
    if file is None:
        return DseError(f"{group}/{name}.yaml: {detail}")
    keys = full_key.removeprefix(group).strip(".").split(".")
    return DseError(f"{relative(file)}:{read_yaml(file).line(keys)}: {detail}")


def _composition(error: Exception) -> str:
    cause = _cause(error)
    key = getattr(cause, "full_key", None) or getattr(cause, "key", None)
    if key is not None and (unknown := _unknown_key(cause, str(key))):
        return unknown
    if isinstance(error, OmegaConfBaseException):
        return told_of_reference(error)
    first, *further = str(error).splitlines()
    message = f"{first} {further[0]}" if first.endswith(":") and further else first.rstrip(".")
    detail = str(cause).splitlines()[0] if cause is not error else ""
    return f"{message}: {detail}" if detail else message


def _cause(error: Exception) -> BaseException:
    """Return what OmegaConf raised, where that is known."""
    for each in (error.__cause__, error.__context__):
        if isinstance(each, OmegaConfBaseException):
            return each
    return error


def _unknown_key(cause: BaseException, key: str) -> str:
    """Return what was meant by a key that there is not; an empty text for another mistake."""
    parent = getattr(cause, "parent_node", None)
    if not isinstance(parent, DictConfig) or key.split(".")[-1] in parent:
        return ""
    valid = [str(name) for name in parent if name != "hydra"]
    return told_of_unknown_key(key, valid, axes_in(parent))
