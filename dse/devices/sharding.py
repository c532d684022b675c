"""What one of several devices holds of a model that they train or serve together.

Formulas as published: the stages of ZeRO (arXiv:1910.02054, section 5) divide optimizer states,
gradients and weights among the devices that each have other inputs; tensor parallelism with that of
the sequence (arXiv:2205.05198, equation 4) divides all of them and activations among the devices
that have the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from dse.errors import DseError, nearest

OPTIMIZER_COPIES = {"sgd": 0, "sgd-momentum": 1, "adamw": 2}
"""Of every parameter, by optimizer: what its state holds."""


@dataclass(frozen=True, slots=True)
class Shards:
    """How a model is divided among devices."""

    zero: int = 0
    """The stage of ZeRO: 1 divides optimizer states, 2 gradients too, 3 weights as well."""
    data: int = 1
    """Devices that each have other inputs."""
    tensor: int = 1
    """Devices that share each layer, and the sequence between them."""

    @property
    def devices(self) -> int:
        """How many there are in all."""
        return self.data * self.tensor


def read_shards(content: Mapping[str, Any], where: str = "shards") -> Shards:
    """Return what a mapping says.

    Raises:
        DseError: for an unknown key, a stage that there is not, or no whole number of devices.
    """
    known = [each.name for each in fields(Shards)]
    for key, value in content.items():
        if key not in known:
            raise DseError(f"{where}: unknown key {key!r}; {nearest(str(key), known)}")
        if type(value) is not int or value < (0 if key == "zero" else 1):
            raise DseError(f"{where}.{key}: {value!r} is no number of {key}")
    shards = Shards(**content)
    if shards.zero > 3:
        raise DseError(f"{where}.zero: {shards.zero} is no stage; valid: 0, 1, 2, 3")
    return shards


@dataclass(frozen=True, slots=True)
class TrainingState:
    """Bytes that training holds from step to step."""

    weights: int
    gradients: int
    optimizer: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.weights + self.gradients + self.optimizer

    def of_device(self, shards: Shards) -> int:
        """Return the bytes of one device, rounded up."""
        parts = (self.optimizer, self.gradients, self.weights)
        return sum(
            _share(nbytes, shards.tensor * (shards.data if shards.zero >= stage else 1))
            for stage, nbytes in enumerate(parts, start=1)
        )


def _share(nbytes: int, parts: int) -> int:
    return -(-nbytes // parts)


def training_of_device(train_memory: int, state: TrainingState, shards: Shards) -> int:
    """Return the bytes of one device in a training step, at its own inputs.

    Args:
        train_memory: highest bytes of a step on a device that does it alone.
        state: what of these stays.
        shards: how it is divided. All that a step makes besides is divided by `tensor`, as with
            sequence parallelism; what collectives need is not counted.
    """
    return state.of_device(shards) + _share(max(train_memory - state.total, 0), shards.tensor)


def serving_of_device(weights: int, cache: int, activations: int, shards: Shards) -> int:
    """Return the bytes of one device in inference: all are divided by `tensor`.

    Args:
        weights: bytes of them.
        cache: of keys and values, whose heads are divided.
        activations: highest bytes of them.
        shards: how it is divided; `zero` and `data` change nothing.
    """
    return sum(_share(nbytes, shards.tensor) for nbytes in (weights, cache, activations))
