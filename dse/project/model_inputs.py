"""The input that a model is counted at: what was asked for, that of its file, or the default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dse.counting import Input, parse_input
from dse.errors import DseError

DEFAULT = "3,224,224"

CONSTANT = "INPUT"
"""What a file of a model names its input by: sizes without the batch, or a list of inputs."""


@dataclass(frozen=True, slots=True)
class ModelInput:
    """What a model runs on, and who says so."""

    shapes: tuple[Input, ...]
    source: str = ""
    """Such as `the default input`; empty where it was asked for."""

    @property
    def is_default(self) -> bool:
        """Whether nobody named it."""
        return self.source == _DEFAULT_SOURCE

    @property
    def sizes(self) -> list[Any]:
        """The sizes of the input, or of each of several, batch included."""
        found = [list(shape.shape) for shape in self.shapes]
        return found[0] if len(found) == 1 else found

    def __str__(self) -> str:
        """Return it as summaries name it, such as `1×3×224×224, the default input`."""
        return f"{described_shapes(self.shapes)}{', ' if self.source else ''}{self.source}"


_DEFAULT_SOURCE = "the default input"


def described_shapes(shapes: Sequence[Input]) -> str:
    """Return shapes such as `1×77 int64 and 1×3×224×224`."""
    texts = []
    for shape in shapes:
        dtype = "" if shape.dtype is None else f" {str(shape.dtype).removeprefix('torch.')}"
        texts.append("×".join(map(str, shape.shape)) + dtype)
    return " and ".join(texts)


def read_input(given: Sequence[str] | None, own: Any, batch: int) -> ModelInput:
    """Return the input that was asked for, else that of the model's file, else the default.

    Args:
        given: the words after `--input`.
        own: what the model's file says; None where it says nothing.
        batch: size of the batch axis.

    Raises:
        DseError: for words that are no shape, or a file that says something else.
    """
    if given:
        return ModelInput(tuple(parse_input(text, batch) for text in given))
    if own is None:
        return ModelInput((parse_input(DEFAULT, batch),), _DEFAULT_SOURCE)
    try:
        shapes = tuple(parse_input(text, batch) for text in _texts(own))
    except (DseError, TypeError) as error:
        raise DseError(f"{CONSTANT} of the model's file: expected sizes without the batch, such as "
                       f"(3, 224, 224), not {own!r:.100}") from error  # fmt: skip
    return ModelInput(shapes, "the input of its file")


def _texts(own: Any) -> list[str]:
    """Return each input of a file as it would be typed."""
    if not isinstance(own, str | tuple | list):
        raise TypeError(type(own).__name__)
    is_single = isinstance(own, str) or all(isinstance(size, int) for size in own)
    inputs = [own] if is_single else own
    return [each if isinstance(each, str) else ",".join(map(str, each)) for each in inputs]
