"""Data that options name by where they lie: what tells them apart is what lies there."""

from __future__ import annotations

import hashlib
import os
import typing
from collections.abc import Callable, Mapping
from functools import lru_cache
from inspect import signature
from pathlib import Path
from typing import Any

_WHOLE = 2**24
"""Bytes of a file that is read as a whole; of a larger one its size and its ends count."""


def with_data(function: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options with what lies at a place where they name one.

    An option is a place where the function's parameter is annotated with `Path`, alone or among
    others, and there is something at its value.

    Args:
        function: takes the options.
        options: by name.
    """
    places = _places(function)
    return {
        name: data_at(str(value)) if name in places and _lies_there(value) else value
        for name, value in options.items()
    }


def _places(function: Callable[..., Any]) -> set[str]:
    try:
        hints = typing.get_type_hints(function)
    except (NameError, TypeError):
        # Of somebody's function, whose annotations may mean anything.
        return set()
    named = signature(function).parameters
    return {name for name, hint in hints.items() if name in named and _is_path(hint)}


def _is_path(hint: Any) -> bool:
    return hint is Path or any(_is_path(each) for each in typing.get_args(hint))


def _lies_there(value: Any) -> bool:
    return isinstance(value, str | Path) and Path(value).exists()


@lru_cache(maxsize=64)
def data_at(place: str) -> str:
    """Return a digest of a file's content, or of the names and sizes of a directory's files."""
    path, digest = Path(place), hashlib.blake2b(digest_size=16)
    if path.is_file():
        _add_file(digest, path)
    for directory, inner, files in os.walk(path):
        inner.sort()
        for name in sorted(files):
            file = Path(directory, name)
            digest.update(f"{file.relative_to(path)} {file.stat().st_size}\n".encode())
    return f"data {digest.hexdigest()}"


def _add_file(digest: Any, path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= _WHOLE:
            digest.update(file.read())
            return
        digest.update(f"{size}\n".encode() + file.read(_WHOLE // 2))
        file.seek(-_WHOLE // 2, os.SEEK_END)
        digest.update(file.read())
