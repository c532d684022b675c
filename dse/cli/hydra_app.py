"""Runs a command as a Hydra application, with errors told in one line."""

from __future__ import annotations

import dataclasses
import os
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import hydra
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from dse.configs import config_directory
from dse.errors import DseError, nearest
from dse.space.place import yaml_error

_OPEN_GROUPS = ("grid", "budget")
"""Groups whose keys are the family's axes or the costs, which Hydra's schema does not know."""

_FLAGS_WITH_VALUE = (
    *("--config-dir", "-cd", "--config-name", "-cn", "--config-path", "-cp", "--cfg", "-c"),
    *("--package", "-p", "--experimental-rerun"),
)
_FLAGS = (
    *("--help", "-h", "--hydra-help", "--version", "--resolve", "--run", "-r", "--multirun", "-m"),
    *("--shell-completion", "-sc", "--info", "-i", *_FLAGS_WITH_VALUE),
)


class OwnConfigs(SearchPathPlugin):
    """Puts the directory of `--config-dir` before the shipped configs; Hydra puts it behind."""

    directory: ClassVar[Path | None] = None

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Let a page of the user's own hide the shipped one of its name."""
        if self.directory is not None:
            search_path.prepend("own", f"file://{self.directory.resolve()}", anchor="main")


def run_hydra_command(
    name: str,
    schema: type,
    command: Callable[[DictConfig, str], None],
    arguments: Sequence[str],
    typed: str | None = None,
) -> None:
    """Compose the config `name` with command-line overrides and run a command on it.

    Hydra's own flags work (`-m`, `--cfg job`, `--help`, `--config-dir`), before, between or after
    the overrides; `--some-key VALUE` is another way to write `some_key=VALUE`.

    Args:
        name: of the command and of its config in `conf/`.
        schema: dataclass that types the config's own keys.
        command: what to run, given the config and the command line as it was typed; its
            `DseError`s are collected, so that a multirun goes on.
        arguments: the words after the command's name.
        typed: the command line as it was typed, where that was another one.

    Raises:
        DseError: for a config that cannot be composed, or from the command.
    """
    ConfigStore.instance().store(name=f"{name}_schema", node=schema)
    typed = typed or shlex.join(["dse", name, *arguments])
    failures: list[DseError] = []

    def task(config: DictConfig) -> None:
        try:
            _check_keys(config, schema)
            command(config, typed)
        except DseError as error:
            failures.append(error)

    # Hydra prints its errors itself and exits, unless it is told to raise them.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    saved = sys.argv
    words = _ordered(arguments, [field.name for field in dataclasses.fields(schema)])
    sys.argv = [f"dse {name}", *words]
    OwnConfigs.directory = _own_directory(words)
    Plugins.instance().register(OwnConfigs)
    try:
        directory = str(config_directory())
        hydra.main(version_base="1.3", config_path=directory, config_name=name)(task)()
    except MissingConfigException as error:
        raise DseError(_missing(error)) from error
    except YAMLError as error:
        raise yaml_error(error) from error
    except (HydraException, OmegaConfBaseException) as error:
        raise DseError(_composition(error)) from error
    except OSError as error:
        raise DseError(f"{error.filename}: {error.strerror}") from error
    finally:
        sys.argv = saved
    if failures:
        raise DseError("; ".join(dict.fromkeys(map(str, failures))))


def _ordered(arguments: Sequence[str], keys: Sequence[str]) -> list[str]:
    """Put flags in front of overrides, and let new keys into the open groups."""
    flags: list[str] = []
    overrides: list[str] = []
    flag_of = {f"--{key.replace('_', '-')}": key for key in keys}
    words = iter(arguments)
    for word in words:
        if word.startswith("-"):
            flag, equals, value = word.partition("=")
            if flag in flag_of:
                if not equals and (value := next(words, "")) == "":
                    raise DseError(f"{flag} needs a value")
                overrides.append(f"{flag_of[flag]}={value}")
                continue
            if flag not in _FLAGS:
                raise DseError(f"unknown flag {word!r}; {nearest(word, [*_FLAGS, *flag_of])}")
            flags.append(word)
            if word in _FLAGS_WITH_VALUE:
                flags.extend(value for value in [next(words, None)] if value is not None)
        elif word.startswith(tuple(f"{group}." for group in _OPEN_GROUPS)):
            key, _, value = word.partition("=")
            if value.startswith(("[", "{")):
                # A list or a range takes the place of whatever stands there, and is not merged.
                overrides.append(f"++{key}=null")
            overrides.append(f"++{word}")
        else:
            overrides.append(word)
    return [*flags, *overrides]


def _own_directory(words: Sequence[str]) -> Path | None:
    """Return the directory that `--config-dir DIR` or `--config-dir=DIR` names."""
    for flag in ("--config-dir", "-cd"):
        for index, word in enumerate(words):
            if word == flag and index + 1 < len(words):
                return Path(words[index + 1])
            if word.startswith(f"{flag}="):
                return Path(word.partition("=")[2])
    return None


def _check_keys(config: DictConfig, schema: type) -> None:
    """Refuse what `+key=value` may have added to the config: nothing would read it."""
    valid = [field.name for field in dataclasses.fields(schema)]
    for key in config:
        if key not in valid:
            raise DseError(f"unknown key {str(key)!r}; {nearest(str(key), valid)}")


def _missing(error: MissingConfigException) -> str:
    wanted = str(error.missing_cfg_file or "")
    group, _, choice = wanted.rpartition("/")
    if error.options is None or not group:
        return str(error).splitlines()[0]
    return f"unknown {group} {choice!r}; {nearest(choice, error.options)}"


def _composition(error: Exception) -> str:
    if isinstance(error, OverrideParseException):
        return f"cannot read {error.override!r}: {str(error).splitlines()[0]}"
    cause = error.__cause__ if isinstance(error.__cause__, OmegaConfBaseException) else error
    key = getattr(cause, "full_key", None) or getattr(cause, "key", None)
    parent = getattr(cause, "parent_node", None)
    message = str(error).splitlines()[0].rstrip(".")
    if key is not None and isinstance(parent, DictConfig) and str(key).split(".")[-1] not in parent:
        valid = [str(name) for name in parent if name != "hydra"]
        return f"unknown key {str(key)!r}; {nearest(str(key).split('.')[-1], valid)}"
    detail = str(cause).splitlines()[0] if cause is not error else ""
    return f"{message}: {detail}" if detail else message


def choice_of(group: str) -> str:
    """Return the name of the option that was chosen from a config group, such as the family's."""
    chosen = HydraConfig.get().runtime.choices.get(group)
    return str(chosen).rpartition("/")[2]


def choices() -> dict[str, str]:
    """Return the option that was chosen from each config group."""
    chosen = HydraConfig.get().runtime.choices
    return {group: choice_of(group) for group in chosen if not str(group).startswith("hydra/")}


def source_of(group: str) -> str:
    """Return the path of the file that a config group's option came from, for messages."""
    relative = f"{group}/{HydraConfig.get().runtime.choices.get(group)}.yaml"
    for source in HydraConfig.get().runtime.config_sources:
        path = Path(source.path) / relative
        if source.schema == "file" and path.is_file():
            working = Path.cwd()
            return str(path.relative_to(working) if path.is_relative_to(working) else path)
    return relative


def plain(config: Any) -> Any:
    """Return a config node as plain dicts and lists, interpolations resolved."""
    return OmegaConf.to_container(config, resolve=True) if OmegaConf.is_config(config) else config


def versions() -> Mapping[str, str]:
    """Return the versions of what a result depends on, for its provenance."""
    from importlib.metadata import version

    names = ("dse", "torch", "torchvision", "hydra-core", "optuna", "sqlalchemy")
    return {name: version(name) for name in names} | {"python": sys.version.split()[0]}
