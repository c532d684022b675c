"""From the config that a store keeps of a run to the same run."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from dse.errors import DseError
from dse.store import find_run, open_for_reading


def repeat(run_id: int, store: str, into: str | None, allow: Iterable[str] = ()) -> None:
    """Run the command of a run again, with its resolved config.

    Args:
        run_id: of the run.
        store: where it is recorded.
        into: another store for the rows.
        allow: modules of the user's own that the run may name; what a store says is not enough,
            as it may come from someone else.

    Raises:
        DseError: for an unknown run, one that is no sweep or search, one that needs a module which
            is not allowed, or as the command itself.
    """
    engine = open_for_reading(store)
    run = find_run(engine, run_id)
    engine.dispose()
    config = dict(run["config"])
    groups = config.pop("choices", None)
    if groups is None:
        raise DseError(f"run {run_id} is {run['command']!r}, which has no config to repeat")
    allow = list(allow)
    missing = [module for module in config.get("allow") or () if module not in allow]
    if missing:
        mend = " ".join(f"--allow {module}" for module in missing)
        raise DseError(f"run {run_id} ran code of {', '.join(missing)}; to run it again: {mend}")
    command = "search" if "objective" in groups else "sweep"
    config["store"] = {**config["store"], "url": into or store}
    options = [*(["--into", into] if into else []), *(f"--allow={module}" for module in allow)]
    typed = shlex.join(["dse", "rerun", str(run_id), *options])
    with tempfile.TemporaryDirectory() as directory:
        words = _write(Path(directory), config, groups)
        if command == "sweep":
            from dse.cli.hydra_app import run_hydra_command
            from dse.cli.sweep import SweepConfig, run_sweep

            run_hydra_command(command, SweepConfig, run_sweep, words, typed)
        else:
            from dse.cli.hydra_app import run_hydra_command
            from dse.cli.search import SearchConfig, run_search

            run_hydra_command(command, SearchConfig, run_search, words, typed)


def _write(directory: Path, config: Mapping[str, Any], groups: Mapping[str, str]) -> list[str]:
    """Write the groups of a config as pages, and return the words that choose them."""
    words = ["--config-dir", str(directory)]
    for key, value in config.items():
        if key in groups:
            page = directory / key / f"{groups[key]}.yaml"
            page.parent.mkdir()
            page.write_text(OmegaConf.to_yaml(OmegaConf.create(value or {})))
            words.append(f"{key}={groups[key]}")
        else:
            words.append(f"{key}={_shown(value)}")
    return words


def _shown(value: Any) -> str:
    """Return a value as the grammar of Hydra's overrides has it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{','.join(map(_shown, value))}]"
    return str(value)
