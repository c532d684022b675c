"""Which storages are alive, followed by weak references while a model runs."""

from __future__ import annotations

import weakref
from collections.abc import Iterable

import torch
from torch import Tensor


class LiveStorages:
    """Bytes of the tensor storages that are alive, and the highest number that ever was.

    A storage counts once however many tensors view it, from the operator that made it until the
    last tensor on it is gone. Storages of weights are named beforehand and do not count.
    """

    def __init__(self, weights: Iterable[Tensor]) -> None:
        self.alive = 0
        self.peak = 0
        self._weights = {storage_id(tensor) for tensor in weights}
        self._references: dict[int, weakref.ref[torch.UntypedStorage]] = {}

    def is_weight(self, tensor: Tensor) -> bool:
        """Return whether a tensor views a weight, or was computed from weights alone."""
        return storage_id(tensor) in self._weights

    def add(self, tensor: Tensor, from_weights: bool = False) -> None:
        """Note the storage of a tensor, if it is new."""
        storage = tensor.untyped_storage()
        identity = storage._cdata
        if identity in self._references or identity in self._weights:
            return
        nbytes = storage.nbytes()
        self.alive += nbytes
        self.peak = max(self.peak, self.alive)
        if from_weights:
            self._weights.add(identity)

        def freed(_: weakref.ref[torch.UntypedStorage]) -> None:
            self.alive -= nbytes
            self._references.pop(identity, None)
            if from_weights:
                self._weights.discard(identity)

        self._references[identity] = weakref.ref(storage, freed)


def storage_id(tensor: Tensor) -> int:
    """Return a number that two tensors share exactly when they view the same live storage."""
    identity: int = tensor.untyped_storage()._cdata
    return identity
