"""The blocks that a family page can name, and how they are called.

A block is a function with one uniform signature: what it needs to know of its input, then its
settings by name, among them `channels` (output channels) and `stride` where the block has them. It
returns an `nn.Module` for such inputs. Of the input it may ask, by the names of its parameters, for

- `in_channels`: the second size, for inputs of shape (N, C, …) as convolutions have them;
- `in_features`: the last size, for inputs of shape (N, …, C) as linear layers have them;
- `input_shape`: all sizes but the batch, for blocks with weights for each position;
- `input_shapes`: those of each tensor that it takes, for blocks of several (see `routing`).

What a page has to know of a block (see `block_signature`) is known without its code, which
`block_modules` loads where a block is built.

A page may also name any module class or function with such a signature by its dotted path:
`block: torch.nn.Conv2d`, or `block: mypkg.blocks.Ghost` where the user allows `mypkg`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from dse.code import is_within
from dse.errors import DseError, nearest
from dse.language import Expression, Place, Value, Where
from dse.space import blocks
from dse.space.blocks.block_signature import BlockSignature, keep_signatures, kept_signatures
from dse.space.blocks.left_out import LEFT_OUT, NOTHING
from dse.space.blocks.routing import ROUTE_SETTINGS
from dse.space.blocks.trusted_names import PLACE_ARGUMENTS, WEIGHT_ARGUMENTS

if TYPE_CHECKING:
    from torch import nn

DTYPE_SETTING = "dtype"
"""What any block takes besides its own settings; see `dse.space.blocks.block_dtype`."""

Builder = Callable[..., "nn.Module"]
InItsPlace = Callable[[Value | None, Mapping[str, Value]], Mapping[str, Value] | None]

SEVERAL = "input_shapes"
OF_INPUT = ("in_channels", "in_features", "input_shape", SEVERAL)
"""What a block may ask of its input."""

_TRUSTED: set[tuple[str, tuple[str, ...]]] = set()
"""Paths with what the user allows that need no second look: spaces name the same few over and
over."""


@dataclass(frozen=True)
class Block:
    """A block: its name, and the function that builds it."""

    name: str
    builder: Builder | None = None
    """None where its code was not loaded yet."""
    place: InItsPlace | None = None
    """What says what it is behind so many channels, where that is not told by `LEFT_OUT`."""
    is_registered: bool = True
    """False for one that is named by its dotted path."""
    kept: BlockSignature | None = field(default=None, compare=False)
    """What was read of it before; None to read it from the builder."""

    @property
    def build(self) -> Builder:
        """The function that builds it."""
        return self.builder if self.builder is not None else blocks.builder_of(self.name)

    @cached_property
    def signature(self) -> BlockSignature:
        """What the function that builds it takes."""
        kept = self.kept or (_kept().get(self.name) if self.builder is None else None)
        return kept or blocks.signature_of(self.build, self.is_registered)

    @property
    def is_lasting(self) -> bool:
        """Whether its code stays what it is: dse's, PyTorch's or torchvision's."""
        return self.signature.is_lasting

    @property
    def is_nothing(self) -> bool:
        """Whether it makes zeros: what adds its output is the same without it."""
        return self.is_registered and self.name in NOTHING

    def in_its_place(
        self, channels: Value | None, settings: Mapping[str, Value]
    ) -> Mapping[str, Value] | None:
        """Return the settings that say what the block is behind so many channels.

        They are equal for all that are the same there, and None for one that does nothing to its
        input.

        Args:
            channels: that enter; None where they are unknown.
            settings: of the block.
        """
        if self.place is not None:
            return self.place(channels, settings)
        does_nothing = LEFT_OUT.get(self.name) if self.is_registered else None
        if does_nothing is None or channels is None:
            return settings
        return None if does_nothing(channels, settings) else settings

    @property
    def parameters(self) -> tuple[str, ...]:
        """The settings that the block takes."""
        return self.signature.settings

    @property
    def takes(self) -> str:
        """The shape of the inputs that it takes, as far as its function tells."""
        shapes = {"in_channels": "(N, C, H, W)", "in_features": "(N, …, C)"}
        asks = self.signature.asks
        if SEVERAL in asks:
            return "several"
        asked = [shape for name, shape in shapes.items() if name in asks]
        return " or ".join(asked) or ("one shape" if "input_shape" in asks else "any")

    @property
    def defaults(self) -> Mapping[str, Any]:
        """The settings that may be left out, with their values."""
        return self.signature.defaults

    @cached_property
    def text_settings(self) -> frozenset[str]:
        """The settings that are words (an activation, say) rather than numbers."""
        words = frozenset(self.signature.words)
        return words | {DTYPE_SETTING} if self.has_free_dtype else words

    @cached_property
    def has_free_dtype(self) -> bool:
        """Whether `dtype` says what its bytes are, and is no setting of a user's own block."""
        return DTYPE_SETTING not in self.parameters or self.signature.is_trusted

    @cached_property
    def shared_settings(self) -> frozenset[str]:
        """The settings that every block takes, and that none of its own is called like."""
        routes = (name for name in ROUTE_SETTINGS if name not in self.parameters)
        return frozenset({*routes, *([DTYPE_SETTING] if self.has_free_dtype else [])})

    def changed(self, settings: Mapping[str, Value]) -> tuple[tuple[str, Value], ...]:
        """Return settings but for those at the block's defaults, sorted."""
        defaults = self.defaults
        return tuple(
            sorted(
                (name, value)
                for name, value in settings.items()
                if name not in defaults or defaults[name] != value
            )
        )

    def check_settings(self, settings: Mapping[str, Any], where: Place) -> None:
        """Raise a `DseError` for a setting that the block does not take, or a missing one."""
        signature = self.signature
        refused = (*WEIGHT_ARGUMENTS, *PLACE_ARGUMENTS) if signature.is_trusted else ()
        for name in settings:
            if name in self.shared_settings:
                continue
            if name in refused:
                raise DseError(
                    f"{where / name}: networks are built without trained weights, so no {name!r}"
                )
            if name not in signature.settings and (name in OF_INPUT or not signature.takes_any):
                hint = nearest(name, signature.settings)
                # A line's settings reach each of its choices, and are wrong where they stand.
                given = settings[name]
                place = given.where if isinstance(given, Expression) else where / name
                raise DseError(f"{place}: block {self.name!r} has no setting {name!r}; {hint}")
        missing = [name for name in signature.needed if name not in settings]
        if missing:
            raise DseError(f"{where}: block {self.name!r} needs {', '.join(missing)}")


class Registry(Mapping[str, Block]):
    """Every registered block by name: those of dse, and those of modules that were imported."""

    def __init__(self) -> None:
        self._here: dict[str, Block] = {}
        self._is_loaded = False

    def add(self, block: Block) -> None:
        """Register a block whose code is there."""
        self._here[block.name] = block

    @property
    def here(self) -> Mapping[str, Block]:
        """Those whose code is there."""
        return self._here

    def _all(self) -> Mapping[str, Block]:
        if not _shipped() and not self._is_loaded:
            self._is_loaded = True
            blocks.load_shipped()
        return {**_shipped(), **self._here}

    def __getitem__(self, name: str) -> Block:
        """Return the block of a name."""
        found = self._here.get(name) or _shipped().get(name)
        return found or self._all()[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names of all blocks."""
        return iter(self._all())

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all())


BLOCKS = Registry()
"""Every registered block by name."""

DECLARED: dict[str, Block] = {}
"""Blocks that a page declares in full, and cannot name."""


@cache
def _kept() -> Mapping[str, BlockSignature]:
    return kept_signatures()


@cache
def _shipped() -> Mapping[str, Block]:
    """Return the blocks of dse that are known without their code; none where they are not."""
    return {
        name: Block(name, kept=each)
        for name, each in _kept().items()
        if "." not in name and name not in DECLARED
    }


def register(build: Builder) -> Builder:
    """Make a function available to family pages as a block, under its own name."""
    BLOCKS.add(Block(build.__name__, build))
    return build


def find_block(name: str, where: Where, allow: Iterable[str] = ()) -> Block:
    """Return a registered block, or the one at a dotted path that the user trusts.

    Raises:
        DseError: for an unknown name, with the nearest one, or a path that is not allowed.
    """
    if name in BLOCKS:
        return BLOCKS[name]
    if "." not in name:
        raise DseError(f"{where}: unknown block {name!r}; {nearest(name, BLOCKS)}")
    if name not in _kept():
        _check_trust(name, tuple(allow), where)
    return _at_path(name)


def block_of(name: str) -> Block:
    """Return a block that a page was already found to name rightly."""
    return BLOCKS.get(name) or DECLARED.get(name) or _at_path(name)


@cache
def _at_path(path: str) -> Block:
    kept = _kept().get(path)
    if kept is not None:
        return Block(path, is_registered=False, kept=kept)
    return Block(path, blocks.callable_at(path), is_registered=False)


def _check_trust(path: str, allow: tuple[str, ...], where: Where) -> None:
    if (path, allow) not in _TRUSTED:
        blocks.find_builder(path, allow, where)
        _TRUSTED.add((path, allow))
        signature = _at_path(path).signature
        if signature.is_trusted and not is_within(path, allow):
            # What any page may name needs no second look, in other processes either.
            keep_signatures({path: signature})
