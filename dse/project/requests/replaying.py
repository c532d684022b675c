"""From the record that a store keeps of a run to the request that made it.

What a store holds is data, perhaps somebody else's: values of the request's own keys. None of it
becomes a word of the command line, a path of a page or a reference that is resolved.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from dse.configs import checked_name
from dse.errors import DseError
from dse.files import DEEPEST
from dse.project.config_groups import recorded_functions
from dse.project.design_spaces import Space
from dse.project.requests.request_configs import space_of, typed
from dse.project.requests.search_keys import SearchConfig, search_of
from dse.project.requests.search_requests import SearchRequest
from dse.project.requests.sweep_keys import SweepConfig, sweep_of
from dse.project.requests.sweep_requests import SweepRequest
from dse.search import HINTS_READ, TRACKERS
from dse.store import find_run, open_for_reading, study_of_run


def stored_request(
    run_id: int, url: str, allow: Iterable[str] = ()
) -> SweepRequest | SearchRequest:
    """Return the request of a run.

    Args:
        run_id: of the run.
        url: of the store that holds it.
        allow: modules of the user's own that the run may name; what a store says is not enough,
            as it may come from someone else.

    Raises:
        DseError: for an unknown run, one that is no sweep or search, one by a Python function, one
            that needs a module which is not allowed, or one whose record says what no such request
            says.
    """
    config, where = _config(run_id, url)
    for name in recorded_functions(config.get("objective")):
        raise DseError(f"{where} searched by the Python function {name}, which no store holds")
    choices = _choices(config["choices"], where)
    is_search = "objective" in choices
    values, space = _read(config, choices, where, url, allow)
    if "executor" in choices:
        choices["executor"] = "local"
    values["executor"] = _devices(values["executor"])
    if not is_search:
        return sweep_of(values, space, choices)
    # Files and other tools are for who repeats it to name.
    named = {"checkpoints": None, **dict.fromkeys(TRACKERS)}
    request = search_of({**values, **named}, space, choices)
    return dataclasses.replace(request, hints_read=_hints_read(run_id, url))


def _hints_read(run_id: int, url: str) -> Mapping[str, Any] | None:
    """Return what the study of a run read as its hints; None where it read none."""
    engine = open_for_reading(url)
    study = study_of_run(engine, run_id)
    engine.dispose()
    read = None if study is None else study.content.get(HINTS_READ)
    return read if isinstance(read, Mapping) else None


def stored_space(run_id: int, url: str, allow: Iterable[str] = ()) -> Space:
    """Return the space of a run, whatever it did with it.

    Args:
        run_id: of the run.
        url: of the store that holds it.
        allow: modules of the user's own that its page may name.

    Raises:
        DseError: as for `stored_request`, but for what is not of the space.
    """
    config, where = _config(run_id, url)
    _, space = _read(config, _choices(config["choices"], where), where, url, allow)
    return space


def _config(run_id: int, url: str) -> tuple[Mapping[str, Any], str]:
    """Return what a run was asked for, and how it is told of."""
    engine = open_for_reading(url)
    run = find_run(engine, run_id)
    engine.dispose()
    where = f"run {run_id}"
    config = run["config"]
    if not isinstance(config, Mapping) or "choices" not in config:
        raise DseError(f"{where} is {run['command']!r}, which has no config to repeat")
    return config, where


def _read(
    config: Mapping[str, Any],
    choices: Mapping[str, str],
    where: str,
    url: str,
    allow: Iterable[str],
) -> tuple[dict[str, Any], Space]:
    """Return the values of a config by key, and the space that they describe."""
    content = {key: value for key, value in config.items() if key != "choices"}
    values = _values(content, SearchConfig if "objective" in choices else SweepConfig, where)
    allow = list(allow)
    missing = [module for module in values["allow"] if module not in allow]
    if missing:
        mend = " ".join(f"--allow {module}" for module in missing)
        raise DseError(f"{where} ran code of {', '.join(missing)}; to run it again: {mend}")
    # Where the store is now is not always where it was.
    return values, space_of({**values, "allow": allow, "store": {"url": url}}, choices)


def _devices(executor: Mapping[str, Any]) -> dict[str, Any]:
    """Return of where a run took place what may be repeated: the devices, and no other place."""
    return {key: value for key, value in executor.items() if key in ("devices", "per_device")}


def _choices(content: Any, where: str) -> dict[str, str]:
    if not isinstance(content, Mapping):
        raise DseError(f"{where}: choices: {content!r} are no names of pages by group")
    return {
        checked_name(group, f"{where}: choices"): checked_name(name, f"{where}: choices.{group}")
        for group, name in content.items()
    }


def _values(content: Mapping[str, Any], schema: type, where: str) -> dict[str, Any]:
    for key, value in content.items():
        _check_plain(value, f"{where}: {key}", DEEPEST)
    try:
        return typed(schema, OmegaConf.create(dict(content)), resolve=False)
    except OmegaConfBaseException as error:
        raise DseError(f"{where}: {str(error).splitlines()[0]}") from error
    except DseError as error:
        raise DseError(f"{where}: {error}") from error


def _check_plain(value: Any, where: str, levels: int) -> None:
    """Raise a `DseError` for a reference, and for a value of more levels than a page has."""
    if levels == 0:
        raise DseError(f"{where}: more than {DEEPEST} levels")
    if isinstance(value, Mapping):
        for key, each in value.items():
            _check_plain(key, where, levels - 1)
            _check_plain(each, f"{where}.{str(key)[:100]}", levels - 1)
    elif isinstance(value, list):
        for each in value:
            _check_plain(each, where, levels - 1)
    elif isinstance(value, str) and "${" in value:
        raise DseError(f"{where}: {value[:100]!r} is no plain value, as a stored config has them")
