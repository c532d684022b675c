"""What a page has to know of a block without its code: which settings it takes, and of what kind.

It is read from the function that builds the block, and kept in the user's cache, so that a page of
blocks that were read before needs no PyTorch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

from dse.code import LIBRARIES, sources_of_dse
from dse.files import cache_files

_NAMED_LIBRARIES = (*LIBRARIES, "timm")
_PLAIN = (bool, int, float, str, type(None))


@dataclass(frozen=True)
class BlockSignature:
    """What the function that builds a block takes."""

    asks: tuple[str, ...]
    """What it asks of its input, such as `in_channels`."""
    settings: tuple[str, ...]
    """What it takes besides, by name."""
    defaults: Mapping[str, Any]
    """The settings that may be left out, with their values.

    What the builder passes on it may change, so that those defaults are not known.
    """
    needed: tuple[str, ...]
    """The settings that have no value by default."""
    words: tuple[str, ...]
    """The settings that are words (an activation, say) rather than numbers."""
    amounts: Mapping[str, bool]
    """The settings of a registered block that are amounts, and whether 0 leaves them out."""
    takes_any: bool
    """Whether it takes any other setting too."""
    is_trusted: bool
    """Whether any page may name it."""
    is_lasting: bool
    """Whether its code stays what it is: dse's, PyTorch's or torchvision's."""

    @property
    def is_plain(self) -> bool:
        """Whether all defaults are numbers and words."""
        return all(type(value) in _PLAIN for value in self.defaults.values())


def kept_signatures() -> Mapping[str, BlockSignature]:
    """Return the signatures that the cache has, by the names of blocks or their dotted paths."""
    found = cache_files.cached(_file(), _follows_from())
    return {name: _read(content) for name, content in (found or {}).items()}


def keep_signatures(signatures: Mapping[str, BlockSignature]) -> None:
    """Add signatures to the cache, of blocks whose code stays what it is."""
    plain = {
        name: asdict(each) for name, each in signatures.items() if each.is_lasting and each.is_plain
    }
    known = cache_files.cached(_file(), _follows_from()) or {}
    if any(name not in known for name in plain):
        cache_files.cache(_file(), _follows_from(), known | plain)


def _read(content: Mapping[str, Any]) -> BlockSignature:
    several = {name: tuple(each) for name, each in content.items() if isinstance(each, list)}
    return BlockSignature(**{**content, **several})


def _file() -> Path:
    return cache_files.cache_file("blocks.json")


@cache
def _follows_from() -> list[str]:
    return [sources_of_dse(), python_version(), *map(_version, _NAMED_LIBRARIES)]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
