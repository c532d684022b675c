"""Which storages are alive, followed by weak references while a model runs."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from dse.counting.tensors.specs_of_tensors import bits_of, spec_of
from dse.counting.tensors.tensor_holders import is_sparse
from dse.counting.tensors.tensor_specs import TensorSpec, bytes_of
from dse.counting.torch_internals import storage_key, stored_indices, stored_values
from dse.errors import TooMuchMemory
from dse.limits import shown_limit


def own_bits(tensor: Tensor) -> int:
    """Return the bits that an element of a tensor takes by its dtype."""
    return bits_of(tensor.dtype)


@dataclass(slots=True)
class Lifetime:
    """When a storage was alive, in indices of the operators of a run."""

    nbytes: int
    spec: TensorSpec
    """Of the first tensor on it."""
    born: int
    """Index of the operator that made it; −1 for one that was there before the first."""
    died: int | None = None
    """Index of the first operator that ran without it; None while it is alive."""
    saved: bool = False
    """Whether a tensor on it was saved for the backward pass."""


class LiveStorages:
    """Bytes of the tensor storages that are alive, and the highest number that ever was.

    A storage counts once however many tensors view it, from the operator that made it until the
    last tensor on it is gone. Storages of weights are named beforehand and do not count.

    Args:
        weights: tensors whose storages do not count.
        counted_as: what floating-point elements are counted as, where not as their own dtype.
        others: what those of other storages are, by the id of each; where there are any, each
            storage keeps what it was made as.
        most_bytes: that may be alive at once; None for as many as there are.
    """

    def __init__(
        self,
        weights: Iterable[Tensor],
        counted_as: torch.dtype | None = None,
        most_bytes: int | None = None,
        others: Mapping[int, torch.dtype] | None = None,
    ) -> None:
        self.alive = 0
        self.peak = 0
        self.now = -1
        """Index of the latest operator; −1 before the first."""
        self.lifetimes: list[Lifetime] = []
        self.counted_as = counted_as
        """What floating-point elements that are made now are counted as."""
        self._others = None if others is None else dict(others)
        self.most_bytes = most_bytes
        self.weights = {storage_id(part) for tensor in weights for part in dense_parts(tensor)}
        """The ids of storages of weights, and of what was computed from weights alone."""
        self._references: dict[int, weakref.ref[torch.UntypedStorage]] = {}
        self._alive: dict[int, Lifetime] = {}
        self._kept: list[Tensor] = []
        """Of sparse tensors that are not counted, what they were stored as."""

    def is_weight(self, tensor: Tensor) -> bool:
        """Return whether a tensor views a weight, or was computed from weights alone."""
        return storage_id(tensor) in self.weights

    def nbytes(self, tensor: Tensor) -> int:
        """Return the bytes of the storages that a tensor views."""
        if tensor.layout is not torch.strided:
            return sum(map(self.nbytes, dense_parts(tensor)))
        nbytes = tensor.untyped_storage().nbytes()
        if self.counted_as is None and self._others is None:
            return nbytes
        return bytes_of(nbytes // tensor.itemsize, self.bits(tensor))

    @property
    def has_several_sizes(self) -> bool:
        """Whether tensors of one dtype may take different bits an element."""
        return self._others is not None

    def bits(self, tensor: Tensor) -> int:
        """Return the bits that an element of a tensor takes."""
        if not tensor.is_floating_point():
            return own_bits(tensor)
        counted = self.counted_as
        if self._others is not None:
            counted = self._others.get(storage_id(tensor), counted)
        return bits_of(tensor.dtype if counted is None else counted)

    def lifetime(self, tensor: Tensor) -> Lifetime | None:
        """Return the lifetime of a tensor's storage; None for a weight or a storage not noted."""
        return self._alive.get(storage_id(tensor))

    def holds(self, tensor: Tensor) -> bool:
        """Return whether a tensor lies on a storage of a weight, or on one that was noted."""
        return storage_id(tensor) in self.weights or storage_id(tensor) in self._references

    def end(self) -> None:
        """Follow nothing any more: what is alive now never dies, as far as is told."""
        self._references.clear()
        self._kept.clear()

    def exclude(self, tensors: Iterable[Tensor]) -> None:
        """Do not count further storages that are there to stay."""
        for tensor in tensors:
            parts = dense_parts(tensor)
            self.weights |= {storage_id(part) for part in parts}
            if is_sparse(tensor):
                # What is written to it may come to lie elsewhere; new storages have no old ids.
                self._kept += parts

    def add(self, tensor: Tensor, from_weights: bool = False) -> None:
        """Note the storage of a tensor, if it is new."""
        if tensor.layout is not torch.strided:
            for part in dense_parts(tensor):
                self.add(part, from_weights)
            return
        storage = tensor.untyped_storage()
        identity = storage_key(storage)
        if identity in self._references or identity in self.weights:
            return
        nbytes = self.nbytes(tensor)
        if self._others is not None:
            self._others.setdefault(identity, self.counted_as or tensor.dtype)
        lifetime = Lifetime(nbytes, spec_of(tensor), self.now)
        self.lifetimes.append(lifetime)
        self._alive[identity] = lifetime
        self.alive += nbytes
        if self.most_bytes is not None and self.alive > self.most_bytes:
            raise TooMuchMemory(f"on data it takes more than {shown_limit('real_bytes')} bytes")
        self.peak = max(self.peak, self.alive)
        if from_weights:
            self.weights.add(identity)

        def freed(_: weakref.ref[torch.UntypedStorage]) -> None:
            self.alive -= nbytes
            lifetime.died = self.now + 1
            self._references.pop(identity, None)
            if self._others is not None:
                self._others.pop(identity, None)
            self._alive.pop(identity, None)
            if from_weights:
                self.weights.discard(identity)

        self._references[identity] = weakref.ref(storage, freed)


def storage_id(tensor: Tensor) -> int:
    """Return a number that two tensors share exactly when they view the same live storage.

    A sparse tensor is known by the storage of its values.
    """
    part = tensor if tensor.layout is torch.strided else dense_parts(tensor)[0]
    return storage_key(part.untyped_storage())


def held_bytes(tensors: Iterable[Tensor]) -> int:
    """Return the bytes of the elements of tensors; of a sparse one, of what it holds."""
    return sum(part.nbytes for tensor in tensors for part in dense_parts(tensor))


def dense_parts(tensor: Tensor) -> tuple[Tensor, ...]:
    """Return what a tensor is stored as: values and indices of a sparse one, itself of another."""
    if not is_sparse(tensor):
        return (tensor,)
    return (stored_values(tensor), *stored_indices(tensor))
