"""From the name of a sampler in a comparison to what runs: a page, a class, a package of OptunaHub.

What is returned is called again in the process that runs it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import optuna

from dse.code import foreign_code
from dse.errors import DseError, nearest
from dse.extras import require
from dse.project.config_groups import find_sampler, read_sampler, sampler_maker, takes_pool
from dse.project.pages import chosen_page
from dse.search import Contestant, SamplerMaker

PLAIN = "plain_"
HUB = "hub:"


@dataclass(frozen=True)
class SamplerPlaces:
    """Where samplers are found by their names."""

    config_dir: Path | None = None
    """A directory of the user's own with `sampler/*.yaml`."""
    allow: tuple[str, ...] = ()
    """Modules of the user's own."""
    hub: Path | None = None
    """A folder of OptunaHub packages."""


def contestants_of(
    names: Iterable[str], places: SamplerPlaces, known: Mapping[int, str]
) -> list[Contestant]:
    """Return samplers by their names, each once.

    A name is that of a page of `conf/sampler/`, the dotted path of a class, or `hub:` with the path
    of a package; `plain_` before it lets the sampler propose from the whole grid.

    Args:
        names: of the samplers.
        places: where they are found.
        known: goals that are costs, by their numbers.

    Raises:
        DseError: for a sampler that there is not, that does not go with `plain_`, or that refuses
            its options; and for two of one name.
    """
    found: dict[str, Contestant] = {}
    for name in dict.fromkeys(names):
        each = _contestant(name, places, known)
        if each.name in found:
            raise DseError(f"--samplers: two of them are called {each.name!r}")
        found[each.name] = each
    return list(found.values())


def _contestant(name: str, places: SamplerPlaces, known: Mapping[int, str]) -> Contestant:
    is_plain = name.startswith(PLAIN)
    bare = name.removeprefix(PLAIN)
    try:
        if bare.startswith(HUB):
            package = bare.removeprefix(HUB)
            target: Callable[..., Any] = hub_sampler(package, places.hub)
            make: Callable[[], SamplerMaker] = partial(_made_of_hub, package, places.hub, known)
            shown = package.rpartition("/")[2]
        else:
            content, shown = _content(bare, places)
            target = find_sampler(content.get("_target_"), places.allow)
            make = partial(read_sampler, content, places.allow, known)
        make()
    except DseError as error:
        raise DseError(f"--samplers: {str(error).removeprefix('--samplers: ')}") from error
    if is_plain and takes_pool(target):
        raise DseError(
            f"--samplers: {name!r}: it chooses among candidates that it knows, and does not "
            "propose from a whole grid as samplers of Optuna do"
        )
    return Contestant(f"{PLAIN}{shown}" if is_plain else shown, make, is_plain)


def _content(name: str, places: SamplerPlaces) -> tuple[dict[str, Any], str]:
    """Return the config of a sampler and how it is called."""
    page = chosen_page("sampler", name, places.config_dir)
    return page.content, name.rpartition(".")[2] if page.file is None else name


def _made_of_hub(package: str, folder: Path | None, known: Mapping[int, str]) -> SamplerMaker:
    return sampler_maker(hub_sampler(package, folder), {}, known)


def hub_sampler(package: str, folder: Path | None) -> Callable[..., Any]:
    """Return the sampler of an OptunaHub package, which is code that runs.

    Args:
        package: its path in the folder, such as `samplers/auto_sampler`.
        folder: a copy of the registry, its folder `package`, or one that is like it.

    Raises:
        DseError: without a folder or such a package in it, where OptunaHub is not installed, and
            for a package that has no sampler or several.
    """
    if folder is None:
        raise DseError(f"{HUB}{package}: name the folder of OptunaHub packages in --hub")
    if not folder.is_dir():
        raise DseError(f"--hub {folder}: no such directory")
    root = folder / "package" if (folder / "package").is_dir() else folder
    packages = _packages(root)
    if package not in packages:
        raise DseError(f"{HUB}{package}: no such package in {folder}; {nearest(package, packages)}")
    optunahub = require("optunahub", "hub", "a sampler of OptunaHub")
    with foreign_code(lambda reason: f"{HUB}{package}: {reason}"):
        module = optunahub.load_local_module(package, registry_root=str(root))
    samplers = {
        name: getattr(module, name)
        for name in getattr(module, "__all__", ())
        if _is_sampler(getattr(module, name, None))
    }
    if len(samplers) != 1:
        raise DseError(f"{HUB}{package}: its __all__ names {_told(list(samplers))}, not one")
    (sampler,) = samplers.values()
    found: Callable[..., Any] = sampler
    return found


def _packages(folder: Path) -> list[str]:
    found = (page.parent.relative_to(folder).as_posix() for page in folder.glob("*/*/__init__.py"))
    return sorted(found)


def _is_sampler(each: Any) -> bool:
    return inspect.isclass(each) and issubclass(each, optuna.samplers.BaseSampler)


def _told(names: Sequence[str]) -> str:
    return f"the samplers {', '.join(names)}" if names else "no sampler"
