"""How inputs are written: behind `--input`, in a file of inputs, and in the file of a model.

A text is `SIZES[:dtype][=VALUES]` with sizes without the batch (`3,224,224`, `128:int64=1`), or a
plain value in YAML behind `@` (`@5`, `@null`). In a file an input may also be a list of sizes, or
`{shape: [128], dtype: int64, values: 1, batch: false}`; `{value: …}` is a plain value, and so is
any number, boolean or null. Other names and lists stand for collections of inputs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from dse.code import foreign_code
from dse.counting import Input, is_shape, parse_dtype
from dse.errors import DseError, nearest
from dse.files import parse_yaml, read_yaml

INPUT_KEYS = ("shape", "dtype", "values", "batch")
"""The keys of an input that is written as names with values."""

_NAMED = re.compile(r"([^\W\d]\w*)=(.*)", re.DOTALL)


def split_name(text: str) -> tuple[str | None, str]:
    """Return the name in front of `=`, None without one, and what is behind."""
    match = _NAMED.fullmatch(text)
    return (match[1], match[2]) if match else (None, text)


def parse_input(text: str, batch: int | None = 1) -> Any:
    """Return what a text such as `3,224,224`, `77:int64=1` or `@5` stands for.

    Args:
        text: see the notation of this module.
        batch: size of the batch axis, put in front; None for an input without one.

    Raises:
        DseError: for sizes that are no positive integers, an unknown dtype, or values that it does
            not hold.
    """
    where = f"--input {text!r}"
    if text.startswith("@"):
        return _yaml(text[1:], where)
    layout, equals, values = text.partition("=")
    sizes, _, dtype = layout.partition(":")
    numbers = [part.strip() for part in sizes.replace("x", ",").split(",") if part.strip()]
    if not all(part.isdecimal() and int(part) > 0 for part in numbers):
        raise DseError(f"{where}: expected positive sizes such as 3,224,224")
    return _input(
        [*map(int, numbers)], dtype or None, _yaml(values, where) if equals else None, batch, where
    )


def read_written(content: Any, batch: int, where: str) -> Any:
    """Return what a file says of one input, or of a collection of them.

    Args:
        content: plain data.
        batch: size of the batch axis.
        where: for messages.

    Raises:
        DseError: for something else than the notation of this module.
    """
    if isinstance(content, str):
        return parse_input(content, batch)
    if is_shape(content):
        return _input(list(content), None, None, batch, where)
    if isinstance(content, Mapping):
        return _read_mapping(content, batch, where)
    if isinstance(content, (list, tuple)):
        return [read_written(each, batch, f"{where}[{i}]") for i, each in enumerate(content)]
    if content is None or isinstance(content, (bool, int, float)):
        return content
    raise DseError(f"{where}: expected sizes without the batch, not {content!r:.60}")


def read_file(file: Path, batch: int) -> Any:
    """Return the inputs that a `.yaml` file describes, or those that a `.pt` file holds.

    Raises:
        DseError: for a file that cannot be read, or that says something else.
    """
    if file.suffix in (".yaml", ".yml", ".json"):
        return read_written(read_yaml(file).content, batch, str(file))
    if file.suffix not in (".pt", ".pth"):
        raise DseError(f"{file}: inputs are read from .yaml and .pt files")
    if not file.is_file():
        raise DseError(f"{file}: no such file")
    with foreign_code(lambda reason: f"{file} holds no tensors that are safe to load: {reason}"):
        held = torch.load(file, map_location="cpu", weights_only=True)
    if not isinstance(held, (torch.Tensor, list, tuple, dict)):
        kind = type(held).__name__
        raise DseError(f"{file}: expected a tensor, or a list or dict of tensors, not {kind}")
    return held


def _read_mapping(content: Mapping[Any, Any], batch: int, where: str) -> Any:
    if list(content) == ["value"]:
        return content["value"]
    if "shape" not in content:
        return {
            str(name): read_written(each, batch, f"{where}.{name}")
            for name, each in content.items()
        }
    for key in content:
        if key not in INPUT_KEYS:
            hint = nearest(str(key), INPUT_KEYS)
            raise DseError(f"{where}.{key}: unknown key {key!r}; {hint}")
    shape, has_batch = content["shape"], content.get("batch", True)
    if not isinstance(has_batch, bool):
        raise DseError(f"{where}.batch: expected true or false, not {has_batch!r:.60}")
    if shape not in ([], ()) and not is_shape(shape):
        raise DseError(f"{where}.shape: expected a list of sizes, not {shape!r:.60}")
    dtype, values = content.get("dtype"), content.get("values")
    return _input(list(shape), dtype, values, batch if has_batch else None, where)


def _input(sizes: list[int], dtype: Any, values: Any, batch: int | None, where: str) -> Input:
    if any(size <= 0 for size in sizes):
        raise DseError(f"{where}: expected positive sizes such as 3,224,224")
    shape = (*sizes,) if batch is None else (batch, *sizes)
    try:
        return Input(shape, None if dtype is None else parse_dtype(str(dtype)), values)
    except DseError as error:
        raise DseError(f"{where}: {error}") from error


def _yaml(text: str, where: str) -> Any:
    return parse_yaml(text, where).content
