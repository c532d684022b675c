"""What a recorder notes of each operator, so that its run can be worked out at another size.

Tensors go by numbers, each of one layout on one storage. A storage is known by its lifetime.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from torch import Tensor

from dse.counting.operators import OperatorCall
from dse.counting.running.size_free import is_followed, is_size_free
from dse.counting.tensors import Lifetime, LiveStorages, TensorSpec, spec_of
from dse.counting.torch_internals import Operator


class TensorNumber(int):
    """A tensor of a run, by its number."""


class NotedOperator(NamedTuple):
    """An operator as it was called, with a number for each tensor that is none of the weights."""

    operator: Operator
    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...]
    made: tuple[TensorNumber, ...]
    apart: tuple[Any, ...]
    """Which of its operands lie in one storage; empty for none."""
    is_fixed: bool
    """Whether it is the same at any size, as what is done to weights alone."""
    takes: tuple[TensorNumber, ...]
    """The tensors among its arguments, in order."""
    form: Hashable
    """What it is but for those."""


class NotFollowed(Exception):
    """Something of which it is not known what it is at another size."""


class OperatorNotes:
    """Notes of a run; `is_whole` where all that ran is known at other sizes too."""

    def __init__(self, storages: LiveStorages) -> None:
        self._storages = storages
        self._numbers: dict[tuple[int, int, TensorSpec], TensorNumber] = {}
        self.specs: list[TensorSpec] = []
        """Of each tensor."""
        self.storages: list[int] = []
        """Of each tensor, the id of the lifetime of its storage."""
        self.steps: list[NotedOperator] = []
        self.fixed: list[TensorNumber] = []
        """Those that are the same at any size, or what follows is not known."""
        self.entered: list[tuple[Any, ...]] = []
        """What each call of a module was given, in order."""
        self.left: dict[int, tuple[Any, ...]] = {}
        """What each call returned, by its number."""
        self.is_whole = True

    def note(self, call: OperatorCall, is_known: bool) -> None:
        """Note an operator that has run.

        Args:
            call: of the operator.
            is_known: whether what it costs follows from its arguments alone.
        """
        if not self.is_whole:
            return
        operator, apart, made = call.operator, call.apart, call.made
        try:
            template = tuple(map(self._template, call.args))
            named = tuple((name, self._template(value)) for name, value in call.kwargs.items())
            # What is done to weights alone is the same at any size.
            is_fixed = not _holds(TensorNumber, (template, named)) and _holds(TensorSpec, template)
            is_alike = is_known and is_followed(operator, template)
            if not is_fixed and (not is_alike or any(offset for _, offset in apart)):
                raise NotFollowed
            places = () if is_fixed else tuple(map(self.place, made))
            if is_fixed:
                self._note_fixed(made)
            takes = () if is_fixed else tuple(_places((template, named)))
            form = (operator, _form(template), _form(named), apart)
            self.steps.append(
                NotedOperator(operator, template, named, places, apart, is_fixed, takes, form)
            )
        except NotFollowed:
            self.is_whole = False

    def _note_fixed(self, made: Sequence[Tensor]) -> None:
        for tensor in made:
            if self._storages.lifetime(tensor) is not None:
                self.fixed.append(self.place(tensor))

    def fix(self, tensors: Iterable[Tensor]) -> None:
        """Note tensors of which another run is no other where they are the same."""
        try:
            self.fixed += map(self.place, tensors)
        except NotFollowed:
            self.is_whole = False

    def place_on(self, lifetime: Lifetime, spec: TensorSpec) -> TensorNumber | None:
        """Return the tensor of a layout on a storage; None where there is none, or several."""
        found = [
            place
            for (number, _, of_place), place in self._numbers.items()
            if number == id(lifetime) and of_place == spec
        ]
        return found[0] if len(found) == 1 else None

    def note_function(self, function: Callable[..., Any]) -> None:
        """Note that a model calls a function of PyTorch."""
        self.is_whole = self.is_whole and is_size_free(function)

    def note_entered(self, tensors: Iterable[Tensor]) -> None:
        """Note what a call of a module is given, in the order of calls."""
        self.entered.append(self._each(tensors))

    def note_left(self, call: int, tensors: Iterable[Tensor]) -> None:
        """Note what a call of a module returned."""
        self.left[call] = self._each(tensors)

    def _each(self, tensors: Iterable[Tensor]) -> tuple[Any, ...]:
        try:
            return tuple(map(self._template, tensors)) if self.is_whole else ()
        except NotFollowed:
            self.is_whole = False
            return ()

    def place(self, tensor: Tensor) -> TensorNumber:
        """Return the number of a tensor, a new one where there is none of its layout yet.

        Raises:
            NotFollowed: for one of a storage whose lifetime is not followed.
        """
        lifetime = self._storages.lifetime(tensor)
        if lifetime is None:
            raise NotFollowed
        key = _key(lifetime, tensor)
        place = self._numbers.get(key)
        if place is None:
            place = self._numbers[key] = TensorNumber(len(self.specs))
            self.specs.append(key[2])
            self.storages.append(id(lifetime))
        return place

    def _template(self, value: Any) -> Any:
        """Return an argument with numbers for tensors, and with the specs of weights."""
        if isinstance(value, Tensor):
            lifetime = self._storages.lifetime(value)
            if lifetime is None:
                if not self._storages.is_weight(value):
                    raise NotFollowed
                return spec_of(value)
            place = self._numbers.get(_key(lifetime, value))
            if place is None:
                raise NotFollowed
            return place
        if isinstance(value, (list, tuple)):
            return tuple(map(self._template, value))
        return value


def _key(lifetime: Lifetime, tensor: Tensor) -> tuple[int, int, TensorSpec]:
    return id(lifetime), int(tensor.storage_offset()), spec_of(tensor)


def _places(value: Any) -> Iterator[TensorNumber]:
    if type(value) is TensorNumber:
        yield value
    elif type(value) is tuple:
        for each in value:
            yield from _places(each)


def _form(value: Any) -> Any:
    """Return arguments without their tensors; equal values of two types are not the same."""
    if type(value) is TensorNumber:
        return TensorNumber
    if type(value) is tuple:
        return tuple(map(_form, value))
    return value if isinstance(value, TensorSpec) else (type(value), value)


def _holds(kind: type, value: Any) -> bool:
    if isinstance(value, kind):
        return True
    return isinstance(value, tuple) and any(_holds(kind, each) for each in value)
