"""Runs a command as a Hydra application, with errors told in one line."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import hydra
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from dse.cli.composition.composition_errors import told_of_composition
from dse.cli.composition.launched_jobs import OutcomesElsewhere, with_records
from dse.cli.composition.page_directory import own_directory
from dse.cli.composition.page_source import composed_once, search_pages
from dse.cli.composition.request import Request, composed_request
from dse.cli.composition.words import ordered
from dse.cli.terminal import ReaderGone
from dse.configs import STORE_VARIABLE, config_directory, passwords_taken_out
from dse.errors import DseError
from dse.language import placed

COMPOSITION_ERRORS = (
    HydraException,
    OmegaConfBaseException,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What Hydra raises of words that do not go together; not all of it was meant to be read."""

Refused = Callable[[str, Request | None, str, DseError], None]
"""Told of a job that failed: the store's URL, the request if there was one, the command, why."""


def run_hydra_command(
    name: str,
    schema: type,
    command: Callable[[Request], None],
    arguments: Sequence[str],
    refused: Refused | None = None,
) -> None:
    """Compose the config `name` with command-line overrides and run a command on it.

    Hydra's own flags work (`-m`, `--cfg job`, `--help`, `--config-dir`), before, between or after
    the overrides; `--some-key VALUE` is another way to write `some_key=VALUE`.

    Args:
        name: of the command and of its config in `conf/`.
        schema: dataclass that types the config's own keys.
        command: what to run; its `DseError`s are collected, so that a multirun goes on.
        arguments: the words after the command's name.
        refused: told of each job of a multirun that fails.

    Raises:
        DseError: for a config that cannot be composed, or from the command.
    """
    _declare(f"{name}_schema", schema)
    # Hydra writes down the words and what it composes of them.
    words, secrets = passwords_taken_out([*arguments, *_store_meant(arguments)])
    typed = shlex.join(["dse", name, *words[: len(arguments)]])
    with tempfile.TemporaryDirectory(prefix="dse-jobs-") as folder:
        jobs = _Jobs(schema, command, typed, refused, secrets, OutcomesElsewhere(Path(folder)))
        _run_jobs(name, jobs, words)
        jobs.settle()


@cache
def _declare(name: str, schema: type) -> None:
    """Let configs be of a schema; a process does so once."""
    ConfigStore.instance().store(name=name, node=schema)


def _store_meant(words: Sequence[str]) -> list[str]:
    """Return what names the store of the environment, where the words name none."""
    url = os.environ.get(STORE_VARIABLE)
    is_named = any(re.match(r"\+*store(\.url)?=|--store(=|$)", word) for word in words)
    return [] if is_named or not url else [f"--store={url}"]


def _run_jobs(name: str, jobs: _Jobs, arguments: Sequence[str]) -> None:
    # Hydra prints its errors itself and exits, unless it is told to raise them.
    os.environ["HYDRA_FULL_ERROR"] = "1"
    saved = sys.argv
    keys = [field.name for field in dataclasses.fields(jobs.schema)]
    words = with_records(ordered(arguments, keys, _names(jobs.schema)), jobs.elsewhere.folder)
    sys.argv = [f"dse {name}", *words]
    own = own_directory(words)
    search_pages(own)
    try:
        directory = str(config_directory())
        with composed_once():
            hydra.main(version_base="1.3", config_path=directory, config_name=name)(jobs.run)()
    except RecursionError as error:
        if jobs.crash is error:
            raise
        raise DseError("the defaults of the pages lead in a circle") from error
    except COMPOSITION_ERRORS as error:
        if jobs.crash is error:
            raise
        raise told_of_composition(error, own) from error
    except OSError as error:
        if jobs.crash is error:
            raise
        raise DseError(f"{error.filename}: {error.strerror}") from error
    finally:
        sys.argv = saved


def _names(schema: type) -> set[str]:
    """Return the keys of a schema whose values are texts, or pages that are chosen."""
    numbers_or_lists = re.compile(r"\b(int|float|bool|list)\b")
    fields = dataclasses.fields(schema)
    return {field.name for field in fields if not numbers_or_lists.match(str(field.type))}


@dataclass
class _Jobs:
    """The jobs of a command: the one, or all of a multirun."""

    schema: type
    command: Callable[[Request], None]
    typed: str
    refused: Refused | None
    secrets: Mapping[str, str]
    """URLs with their passwords by the same without."""
    elsewhere: OutcomesElsewhere
    done: list[str] = field(default_factory=list)
    failed: dict[str, DseError] = field(default_factory=dict)
    crash: BaseException | None = None
    """What a command raised that it never should."""
    gone: ReaderGone | None = None
    """Where the reader of what is printed has gone."""

    def run(self, config: DictConfig) -> None:
        """Run the command on the config of Hydra's current job."""
        request = None
        name = _job_name()
        try:
            try:
                request = composed_request(config, self.schema, self.typed, self.secrets)
            except (HydraException, OmegaConfBaseException) as error:
                raise told_of_composition(error, None) from error
            self.command(request)
            self.done.append(name)
            self.elsewhere.keep(name, None)
        except DseError as raised:
            told = DseError(placed(str(raised), request.sources if request else {}))
            told.__cause__ = raised
            self.failed[name] = told
            self.elsewhere.keep(name, told)
            if name and self.refused is not None:
                url = request.values["store"] if request else config.get("store")
                if isinstance(url, Mapping) and "url" in url:
                    named = str(url["url"])
                    self.refused(self.secrets.get(named, named), request, self.typed, told)
        except ReaderGone as error:
            # Hydra would complain of it, though who reads has seen enough.
            self.gone = error
        except BaseException as error:
            self.crash = error
            raise

    def settle(self) -> None:
        """Raise the error of a job that failed; of several, all of them by their names."""
        if self.gone is not None:
            raise self.gone
        for name, error in self.elsewhere.kept():
            if error is None:
                self.done.append(name)
            else:
                self.failed[name] = DseError(error)
        if not self.failed:
            return
        if "" in self.failed:
            raise self.failed[""]
        told = [f"{name}: {error}" for name, error in self.failed.items()]
        well = f"; done: {', '.join(self.done)}" if self.done else "; none was done"
        raise DseError("; ".join(told) + well)


def _job_name() -> str:
    """Return a job's number and overrides in a multirun, and nothing where it is the only one."""
    current = HydraConfig.get()
    if current.mode is not RunMode.MULTIRUN:
        return ""
    words = [word.lstrip("+") for word in current.overrides.task if not word.endswith("=null")]
    return f"job {current.job.num} ({' '.join(words)})"
