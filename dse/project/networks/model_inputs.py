"""The input that a model is counted at: what was asked for, that of its file, or the default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from dse.counting import Input, forward_parameters, is_shape
from dse.errors import DseError, nearest
from dse.project.networks.input_notation import parse_input, read_file, read_written, split_name

DEFAULT = "3,224,224"

CONSTANT = "INPUT"
"""What a file of a model names its input by: sizes without the batch, a list of inputs, or inputs
by the names of forward's parameters."""


@dataclass(frozen=True, slots=True)
class ModelInput:
    """What a model runs on, and who says so."""

    positional: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    """Such as `the default input`; empty where it was asked for."""

    @property
    def is_default(self) -> bool:
        """Whether nobody named it."""
        return self.source == _DEFAULT_SOURCE

    @property
    def sizes(self) -> Any:
        """The sizes of the input, or of each of several, batch included; by name where named."""
        found = list(map(_sizes, self.positional))
        if not self.keywords:
            return found[0] if len(found) == 1 else found
        named = {name: _sizes(value) for name, value in self.keywords.items()}
        return {str(index): sizes for index, sizes in enumerate(found, start=1)} | named

    def is_of_batch(self, batch: int) -> bool:
        """Whether the first axis of any of its tensors is as long, as that of a batch is."""
        return any(shape[:1] == (batch,) for shape in _shapes([*self.positional, self.keywords]))

    def __str__(self) -> str:
        """Return it as summaries name it, such as `1×3×224×224, the default input`."""
        named = [f"{name} {_described(value)}" for name, value in self.keywords.items()]
        described = " and ".join([*map(_described, self.positional), *named]) or "no input"
        return f"{described}{', ' if self.source else ''}{self.source}"


_DEFAULT_SOURCE = "the default input"


def _described(value: Any) -> str:
    if isinstance(value, (Input, Tensor)):
        dtype = "" if value.dtype is None else f" {str(value.dtype).removeprefix('torch.')}"
        return ("×".join(map(str, value.shape)) or "()") + dtype
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{name}: {_described(each)}' for name, each in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_described, value))}]"
    return f"{value!r:.40}"


def _shapes(value: Any) -> Iterator[tuple[int, ...]]:
    if isinstance(value, (Input, Tensor)):
        yield tuple(value.shape)
    elif isinstance(value, Mapping):
        yield from _shapes([*value.values()])
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _shapes(each)


def _sizes(value: Any) -> Any:
    if isinstance(value, (Input, Tensor)):
        return list(value.shape)
    if isinstance(value, Mapping):
        return {str(name): _sizes(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return list(map(_sizes, value))
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def read_input(
    given: Sequence[str] | None,
    own: Any,
    batch: int,
    *,
    model: nn.Module | None = None,
    file: Path | None = None,
    without_batch: Sequence[str] = (),
) -> ModelInput:
    """Return the input that was asked for, else that of the model's file, else the default.

    Args:
        given: the words after `--input`, each with a name in front of `=` or by position.
        own: what the model's file says, or a function that returns it; None where it says nothing.
        batch: size of the batch axis.
        model: whose forward names the inputs.
        file: further inputs, as `dse.project.networks.input_notation` has them; tensors of a `.pt`
            file have their batch.
        without_batch: inputs among the words that have no batch axis: their names, or those of
            forward's parameters for inputs by position.

    Raises:
        DseError: for words that are no input, a name that is given twice or not known, or a file
            that says something else.
    """
    if given or file is not None:
        asked = _of_words(given or (), batch, model, without_batch)
        return asked if file is None else _joined(_of_content(read_file(file, batch)), asked)
    if without_batch:
        raise DseError(f"--no-batch {without_batch[0]}: there is no --input of that name")
    if own is None:
        return ModelInput((parse_input(DEFAULT, batch),), source=_DEFAULT_SOURCE)
    if callable(own):
        own = own()
    try:
        if not isinstance(own, str | tuple | list | Mapping) or not own:
            raise DseError("it says nothing")
        content = list(own) if isinstance(own, tuple) and is_shape(own) else own
        read = _of_content(read_written(content, batch, CONSTANT))
    except DseError as error:
        raise DseError(f"{CONSTANT} of the model's file: expected sizes without the batch, such as "
                       f"(3, 224, 224), not {own!r:.100}: {error}") from error  # fmt: skip
    return ModelInput(read.positional, read.keywords, "the input of its file")


def _of_words(
    words: Sequence[str], batch: int, model: nn.Module | None, without_batch: Sequence[str]
) -> ModelInput:
    parameters = {} if model is None else forward_parameters(model)
    names = [p.name for p in parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    called: set[str] = set()
    for word in words:
        name, text = split_name(word)
        known_as = name or "".join(names[len(positional) : len(positional) + 1])
        called.add(known_as)
        value = parse_input(text, None if known_as in without_batch else batch)
        if name is None:
            positional.append(value)
        elif name in keywords:
            raise DseError(f"--input {word!r}: {name!r} is given twice")
        else:
            keywords[name] = value
    for name in without_batch:
        if name not in called:
            hint = nearest(name, filter(None, called))
            raise DseError(f"--no-batch {name}: there is no --input of that name; {hint}")
    return ModelInput(tuple(positional), keywords)


def _of_content(content: Any) -> ModelInput:
    if isinstance(content, Mapping):
        return ModelInput((), {str(name): value for name, value in content.items()})
    return ModelInput(tuple(content) if isinstance(content, (list, tuple)) else (content,))


def _joined(first: ModelInput, second: ModelInput) -> ModelInput:
    for name in second.keywords:
        if name in first.keywords:
            raise DseError(f"--input {name}: {name!r} is given twice, by --inputs too")
    return ModelInput(
        (*first.positional, *second.positional), {**first.keywords, **second.keywords}
    )
