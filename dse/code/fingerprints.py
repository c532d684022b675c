"""Which code makes a number: a fingerprint of everything that can change it.

What a function depends on is found by following imports from its module, wherever they stand in
the code, within the packages that matter. The fingerprint is one of the syntax trees, so that
comments, docstrings and layout are of no account. Sources are read and never imported: a reader of
a store can tell code apart without loading PyTorch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

from dse.code.held_values import held_by
from dse.code.sources import is_found, is_within, trees_of
from dse.errors import DseError
from dse.files import cache_files

COST_MODULES = (
    *("dse.space.pages.family_page", "dse.space.design_space", "dse.search.pools.row_maker"),
    "dse.devices.block_number_sources",
)
"""The modules that hand costs to a store; what they import, and what that imports, makes them."""

LIBRARIES = ("torch", "torchvision")
"""Distributions whose versions every cost depends on."""

_NAMED_LIBRARIES = ("timm",)
"""Distributions that a cost depends on where a page names something of theirs."""

_DIGITS = 24


@dataclass(frozen=True)
class Code:
    """The code that makes numbers."""

    fingerprint: str
    """24 hexadecimal digits that stand for the syntax trees and the versions."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of the libraries that the numbers depend on."""
    own: tuple[str, ...] = ()
    """What of the user's own modules they depend on, as a page names it."""
    allow: tuple[str, ...] = ()
    """The packages and modules that `own` lies in."""
    trees: str = ""
    """Stands for the syntax trees of dse alone."""
    sources: str = ""
    """Stands for the files of dse byte by byte: where it is the same, so are the trees."""
    figures: str = ""
    """Stands for what the page of a device says, where a cost follows from that."""


def code_of_costs(names: Iterable[str] = (), allow: Iterable[str] = (), figures: str = "") -> Code:
    """Return the code that makes the costs of candidates.

    Args:
        names: dotted paths that the family's page names, whatever they lead to.
        allow: packages and modules of the user's own.
        figures: what stands for the page of a device that costs follow from.
    """
    names = sorted(set(names))
    libraries = [n for n in _NAMED_LIBRARIES if any(is_within(name, (n,)) for name in names)]
    versions = _versions((*LIBRARIES, *libraries))
    within = tuple(sorted(n for n in set(allow) if any(is_within(name, (n,)) for name in names)))
    own = tuple(name for name in names if is_within(name, within))
    trees = _trees_of_costs()
    fingerprint = _fingerprint(trees, versions, own, within, figures)
    return Code(fingerprint, versions, own, within, trees, sources_of_dse(), figures)


def code_of_callable(module: str, allow: Iterable[str]) -> str:
    """Return a fingerprint of the module that defines a callable, and of what it imports.

    Args:
        module: the dotted name of the module.
        allow: packages and modules in which imports are followed.
    """
    return trees_of((module,), tuple(allow))[:_DIGITS]


def code_of_function(function: Callable[..., Any] | None) -> str:
    """Return a fingerprint of a function of the user's own: of its module and what that imports.

    Of one that no file defines, such as in a notebook, it is one of what it was compiled to and of
    what it reads (see `held_by`); of a lambda or a local function, of both, as several of a module
    share a name.
    """
    trees = _trees_of_module(function)
    if trees and "<" not in getattr(function, "__qualname__", ""):
        return trees
    content = [trees, *held_by(function).content]
    return hashlib.blake2b(repr(content).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def untold_by(function: Callable[..., Any]) -> tuple[str, ...]:
    """Return what a function reads that is no part of its fingerprint, for messages."""
    is_of_file = "<" not in function.__qualname__ and _trees_of_module(function)
    return () if is_of_file else held_by(function).untold


def _trees_of_module(function: Callable[..., Any] | None) -> str:
    """Return what stands for the module of a function, or an empty text where no file has it."""
    module = getattr(function, "__module__", "") or ""
    return code_of_callable(module, (module.partition(".")[0],)) if is_found(module) else ""


def is_current(code: Code) -> bool:
    """Return whether numbers of some code would be made by the same code today.

    Modules of the user's own that are not found from here count as unchanged.
    """
    trees = code.trees if code.sources == sources_of_dse() else _trees_of_costs()
    if trees != code.trees or _versions(code.versions) != code.versions:
        return False
    if not all(map(is_found, code.allow)):
        return True
    try:
        found = _fingerprint(trees, code.versions, code.own, code.allow, code.figures)
        return found == code.fingerprint
    except DseError:
        # Sources that cannot be parsed are not what made the numbers.
        return False


def dotted_names(content: Any) -> Iterator[str]:
    """Yield every text within a page that may be the dotted path of something."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from dotted_names(key)
            yield from dotted_names(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from dotted_names(value)
    elif isinstance(content, str) and all(map(str.isidentifier, content.split("."))):
        yield content


@cache
def _trees_of_costs() -> str:
    """Return what stands for the syntax trees of dse, which one process parses for all."""
    file = cache_files.cache_file("trees.json")
    follows_from = [sources_of_dse(), python_version(), *COST_MODULES]
    known = cache_files.cached(file, follows_from)
    if not isinstance(known, str):
        known = trees_of(COST_MODULES, ("dse",))
        cache_files.cache(file, follows_from, known)
    return known


@cache
def sources_of_dse() -> str:
    """Return a digest of every file of dse, which takes a tenth of the time that parsing takes."""
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _fingerprint(
    trees: str,
    versions: Mapping[str, str],
    own: tuple[str, ...],
    within: tuple[str, ...],
    figures: str,
) -> str:
    parts = (trees, sorted(versions.items()), trees_of(own, within), *filter(None, [figures]))
    content = repr(parts)
    return hashlib.blake2b(content.encode()).hexdigest()[:_DIGITS]


def _versions(libraries: Iterable[str]) -> dict[str, str]:
    found = {}
    for library in libraries:
        try:
            # What stands behind the plus names the build, such as cpu or cu130.
            found[library] = version(library).partition("+")[0]
        except PackageNotFoundError:
            continue
    return found
