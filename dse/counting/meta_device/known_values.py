"""The values of tensors without data, wherever they follow from what is known.

On the meta device a tensor has no values, so that a constant, a mask or a list of strides would
lose its own as soon as it is put there, and control flow over it could not be traced. Real values
are carried beside such tensors while all operands of an operator are known: constants, small
buffers, tensors that were given. Something unknown makes the result unknown.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor

from dse.counting.meta_device.operator_kinds import TO_COPY, WHOLLY_WRITTEN, kind_of
from dse.counting.tensors import tensors_in, write_strided
from dse.counting.torch_internals import (
    Operator,
    is_fake,
    is_known_zero,
    storage_key,
    without_modes,
)

MOST_ELEMENTS = 2**20
"""Of a tensor whose values are followed."""
MOST_WORK = 2**25
"""Elements that are worked out for one run of a model; what comes after is unknown."""

_aten = torch.ops.aten
_CPU = torch.device("cpu")


class _Twin(NamedTuple):
    """Real values of a storage without data."""

    storage: weakref.ref[torch.UntypedStorage]
    values: torch.UntypedStorage
    is_borrowed: bool
    """Whether they are those of a tensor of the model, which must stay as it is."""


class Unknown(Exception):
    """Something of which the values are not known."""


class KnownValues:
    """Values of tensors without data, by their storages, so that views of one share them."""

    def __init__(self) -> None:
        self._twins: dict[int, _Twin | tuple[Tensor, Tensor]] = {}
        self._work = 0
        self.is_stopped = False
        """Whether no values are followed any more."""

    def borrow(self, constants: Iterable[tuple[Tensor, Tensor]]) -> None:
        """Take tensors that outlive the run as known, each with values that stay as they are.

        There are many, few of which are ever asked for.
        """
        for tensor, values in constants:
            self._twins[storage_key(tensor.untyped_storage())] = (tensor, values)

    def tell(self, tensor: Tensor, values: Tensor, is_borrowed: bool = False) -> None:
        """Note what a tensor without data would hold; nothing where that is too much to follow.

        Args:
            tensor: alone on its storage, or the first of several there.
            values: of the same shape and dtype.
            is_borrowed: whether they may not be written to.
        """
        if not is_followed(values) or values.dtype is not tensor.dtype or values.device != _CPU:
            return
        storage = tensor.untyped_storage()
        lies_alike = values.stride() == tensor.stride() and values.storage_offset() == 0
        if lies_alike and values.untyped_storage().nbytes() == storage.nbytes():
            held = values.untyped_storage()
        else:
            held, is_borrowed = torch.UntypedStorage(storage.nbytes()), False
            with without_modes():
                write_strided(_view(held, tensor), values)
        self._hold(storage, held, is_borrowed)

    def of(self, tensor: Tensor) -> Tensor:
        """Return a real tensor with the values of one; a tensor that has data is returned itself.

        Raises:
            Unknown: where they are not known.
        """
        if has_data(tensor):
            if tensor.device != _CPU or not is_followed(tensor):
                raise Unknown
            return tensor
        twin = self._twin(tensor.untyped_storage())
        if twin is None or tensor.numel() > MOST_ELEMENTS:
            raise Unknown
        values = _view(twin.values, tensor)
        # Conjugated and negated views of complex numbers are marks on a tensor.
        values = values.conj() if tensor.is_conj() else values
        return values.neg() if tensor.is_neg() else values

    def _twin(self, storage: torch.UntypedStorage) -> _Twin | None:
        key = storage_key(storage)
        found = self._twins.get(key)
        if found is None or isinstance(found, _Twin):
            return found
        del self._twins[key]
        with without_modes():
            values = found[1].detach()
        self.tell(found[0], values, is_borrowed=True)
        return self._twin(storage)

    def answer(self, operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Return what an operator returns that asks for values.

        Raises:
            Unknown: where they are not known.
        """
        with without_modes():
            found = self._worked_out(operator, args, kwargs)
        like = next((each for each in tensors_in((args, kwargs)) if not has_data(each)), None)
        if operator is TO_COPY or like is None or not isinstance(found, (Tensor, tuple, list)):
            return found
        return _each(found, partial(self._without_data, like.device))

    def stop(self) -> None:
        """Follow no values any more, as after the forward pass."""
        self._twins.clear()
        self._work = MOST_WORK
        self.is_stopped = True

    def with_lengths(self, args: Sequence[Any]) -> Sequence[Any]:
        """Return the arguments of what packs sequences, with real lengths where they are known."""
        with without_modes(), contextlib.suppress(Unknown):
            return (args[0], self.of(args[1]).clone(), *args[2:])
        return args

    def without_masks(self, operator: Operator, args: Sequence[Any]) -> Sequence[Any]:
        """Return the arguments of an operator, with places for each mask of known values."""
        if operator is not _aten.index.Tensor:
            return args
        places: list[Tensor | None] = []
        for index in args[1]:
            try:
                if index is None or index.dtype is not torch.bool or has_data(index):
                    raise Unknown
                with without_modes():
                    found = self.of(index).nonzero().unbind(1)
                places += (self._without_data(index.device, place.contiguous()) for place in found)
            except Unknown:
                places.append(index)
        return (args[0], places)

    def follow(
        self, operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any], output: Any
    ) -> None:
        """Work out what an operator returned, or wrote, where that is known."""
        if self.is_stopped:
            return
        kind = kind_of(operator)
        if kind.follows_first and args and not self._may_be_known(args[0]):
            return
        if kind.is_view or (not kind.written and not all(map(self._may_be_known, args))):
            return
        made = [tensor for tensor in tensors_in(output) if not has_data(tensor)]
        written = [
            args[each] if isinstance(each, int) else kwargs[each]
            for each in kind.written
            if (each < len(args) if isinstance(each, int) else each in kwargs)
        ]
        targets = [each for value in written for each in tensors_in(value) if not has_data(each)]
        if not made and not targets:
            return
        try:
            # A single number is drawn: which layers are left out of a step, say.
            if kind.is_random and any(each.numel() > 1 for each in (*made, *targets)):
                raise Unknown
            with without_modes():
                for target in targets:
                    self._make_writable(operator, target)
                found = self._worked_out(operator, args, kwargs)
        except Unknown:
            for target in targets:
                self._twins.pop(storage_key(target.untyped_storage()), None)
            return
        if not targets:
            for tensor, values in zip(made, tensors_in(found), strict=False):
                if tensor.shape == values.shape:
                    self.tell(tensor, values)

    def _may_be_known(self, value: Any) -> bool:
        """Tell quickly that an operator has an operand that is not known."""
        if not isinstance(value, Tensor):
            return True
        return has_data(value) or storage_key(value.untyped_storage()) in self._twins

    def _worked_out(
        self, operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> Any:
        real_args = _each(tuple(args), self.of)
        real_kwargs = {
            name: _CPU if name == "device" and value is not None else _each(value, self.of)
            for name, value in kwargs.items()
        }
        size = sum(tensor.numel() for tensor in tensors_in((real_args, real_kwargs)))
        size = max(size, _asked_for(real_args))
        self._work += size
        if size > MOST_ELEMENTS or self._work > MOST_WORK:
            raise Unknown
        if kind_of(operator).is_unread:
            return operator(*real_args, **real_kwargs).zero_()
        try:
            return operator(*real_args, **real_kwargs)
        except (RuntimeError, IndexError, ValueError, TypeError) as error:
            # A kernel that the CPU lacks, say; the model may not depend on the values at all.
            raise Unknown from error

    def _make_writable(self, operator: Operator, target: Tensor) -> None:
        storage = target.untyped_storage()
        twin = self._twin(storage)
        if twin is not None and twin.is_borrowed:
            self._hold(storage, twin.values.clone(), is_borrowed=False)
            return
        is_whole = target.numel() * target.itemsize == storage.nbytes()
        if twin is None and operator in WHOLLY_WRITTEN and is_whole and is_followed(target):
            self._hold(storage, torch.UntypedStorage(storage.nbytes()), is_borrowed=False)

    def _hold(
        self, storage: torch.UntypedStorage, values: torch.UntypedStorage, is_borrowed: bool
    ) -> None:
        key = storage_key(storage)

        def forget(reference: weakref.ref[torch.UntypedStorage]) -> None:
            twin = self._twins.get(key)
            if isinstance(twin, _Twin) and twin.storage is reference:
                del self._twins[key]

        self._twins[key] = _Twin(weakref.ref(storage, forget), values, is_borrowed)

    def _without_data(self, device: torch.device, values: Tensor) -> Tensor:
        """Return a tensor without data of these values."""
        size, stride = values.size(), values.stride()
        empty = torch.empty_strided(size, stride, dtype=values.dtype, device=device)
        self.tell(empty, values)
        return empty


def has_data(tensor: Tensor) -> bool:
    """Return whether a tensor has data of its own: it is neither on the meta device nor a fake."""
    return not tensor.is_meta and not is_fake(tensor)


def is_followed(tensor: Tensor) -> bool:
    """Return whether a tensor is of a kind, and small enough, that its values are followed."""
    # The storage of what PyTorch knows to be zeros holds nothing: to read it ends the process.
    is_stored = tensor.layout is torch.strided and not is_known_zero(tensor)
    return is_stored and tensor.numel() <= MOST_ELEMENTS


def _view(storage: torch.UntypedStorage, like: Tensor) -> Tensor:
    empty = torch.empty(0, dtype=like.dtype)
    return empty.set_(storage, like.storage_offset(), like.size(), like.stride())


def _asked_for(args: Sequence[Any]) -> int:
    """Return the elements of a tensor that is made of a size alone."""
    sizes = args[0] if args and isinstance(args[0], (list, tuple)) else args[:1]
    found = 1
    for size in sizes:
        found *= size if isinstance(size, int) else 1
    return found


def _each(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_each(item, change) for item in value)
    return value
