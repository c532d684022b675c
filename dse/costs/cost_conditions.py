"""The conditions of costs: what they depend on besides the architecture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from dse.errors import DseError, nearest
from dse.html_tables import FieldsShown

DTYPES = ("float32", "float64", "bfloat16", "float16", "int8", "int4")
INTEGER_DTYPES = ("int8", "int4")
"""Those in which networks run, but are not trained."""
PRECISIONS = ("full", "mixed")
OPTIMIZERS = ("sgd", "sgd-momentum", "adamw")
KERNELS = ("cpu", "cuda", "flash", "efficient", "math")
LATENCIES = ("auto", "table", "roofline")
RUNTIME_NAMES = ("eager", "graph", "tflm", "tinyengine")
PHASES = ("prefill", "decode")
CHECKPOINTINGS = ("none", "block")
CONDITION_CHOICES: Mapping[str, tuple[str, ...]] = {
    "dtype": DTYPES,
    "precision": PRECISIONS,
    "optimizer": OPTIMIZERS,
    "kernels": KERNELS,
    "latency_from": LATENCIES,
    "runtime": RUNTIME_NAMES,
    "phase": PHASES,
    "checkpointing": CHECKPOINTINGS,
}
"""By the name of a condition that is a word: what it may be."""
FORMER_VALUES: Mapping[str, Mapping[str, str]] = {"kernels": {"fused": "cpu"}}
"""By condition: what values were called before, each with what it is called."""
LARGEST_BATCH = 2**20
LARGEST_CONTEXT = 2**30
LARGEST_SHARDS = 2**20
ZERO_STAGES = (0, 1, 2, 3)


@dataclass(frozen=True, slots=True)
class Conditions(FieldsShown):
    """What costs depend on besides the architecture and the shape of its input."""

    batch: int = 1
    """Inputs a step."""
    dtype: str = "float32"
    """Of weights and activations, one of `DTYPES`."""
    precision: str = "full"
    """Of the training step: `full` at the dtype, or `mixed` under autocast to bfloat16."""
    optimizer: str = "sgd-momentum"
    """Whose state a training step holds, one of `OPTIMIZERS`."""
    kernels: str = "cpu"
    """Of attention, one of `KERNELS`: those that PyTorch chooses on a CPU (also called `fused`) or
    a GPU, a fused one wherever it takes a call, or `math`, which keeps the map of scores."""
    latency_from: str = "auto"
    """Where that of a block comes from, one of `LATENCIES`: the `table` of what was measured on the
    device, its `roofline`, or the table where there is one."""
    runtime: str = "eager"
    """What networks are deployed under, one of `RUNTIME_NAMES`, where there are `sram` and `flash`
    for: none for PyTorch itself."""
    phase: str = "prefill"
    """Of networks on tokens, one of `PHASES`: all tokens of the input run at once, or one more
    after those before it, whose keys and values are kept."""
    context: int = 0
    """Tokens that the last one attends to, itself included; no fewer than the input has."""
    checkpointing: str = "none"
    """Of the training step, one of `CHECKPOINTINGS`: each block of the chain under
    `torch.utils.checkpoint`, which keeps its input and runs it again in the backward pass."""
    zero_stage: int = 0
    """Of ZeRO, in training: 1 divides the optimizer's state among devices that each have other
    inputs, 2 gradients too, 3 weights as well."""
    data_parallel: int = 1
    """Devices that each have other inputs."""
    tensor_parallel: int = 1
    """Devices that share each layer, and the sequence between them."""
    device: str = ""
    """The name of the device that costs are for; empty for none in particular."""

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            DseError: naming the field and the nearest valid choice.
        """
        for name, former in FORMER_VALUES.items():
            value = getattr(self, name)
            if isinstance(value, str):
                object.__setattr__(self, name, former.get(value, value))
        if type(self.batch) is not int:
            raise DseError(f"batch: {self.batch!r} is not a whole number")
        if not 1 <= self.batch <= LARGEST_BATCH:
            bound = "not positive" if self.batch < 1 else f"above {LARGEST_BATCH:,}"
            raise DseError(f"batch: {self.batch} is {bound}")
        if type(self.context) is not int or not 0 <= self.context <= LARGEST_CONTEXT:
            raise DseError(f"context: {self.context!r} is no number of tokens")
        if self.zero_stage not in ZERO_STAGES or type(self.zero_stage) is not int:
            raise DseError(f"shards.zero: {self.zero_stage!r} is no stage; valid: 0, 1, 2, 3")
        for key, number in (("data", self.data_parallel), ("tensor", self.tensor_parallel)):
            if type(number) is not int or not 1 <= number <= LARGEST_SHARDS:
                raise DseError(f"shards.{key}: {number!r} is no number of devices")
        for name, choices in CONDITION_CHOICES.items():
            value = getattr(self, name)
            if value not in choices:
                raise DseError(f"{name}: unknown {value!r}; {nearest(str(value), choices)}")
        if self.phase == "decode" and not self.context:
            raise DseError("phase: decode takes a context, the tokens that are attended to")
        if self.zero_stage and self.data_parallel == 1:
            raise DseError(
                "shards.zero: it divides among devices of other inputs; name shards.data"
            )
        if self.is_divided and self.runtime != "eager":
            raise DseError(f"shards: networks under runtime {self.runtime} are on one device")
        if self.precision == "mixed" and self.dtype != "float32":
            raise DseError(f"precision: mixed trains weights of float32, not of {self.dtype}")

    def __repr__(self) -> str:
        """Return the conditions that are not at their defaults."""
        return f"Conditions({', '.join(f'{name}={each!r}' for name, each in self.stated.items())})"

    @property
    def is_trained(self) -> bool:
        """Whether there is a training step: none of integers, or after tokens that were before."""
        return self.dtype not in INTEGER_DTYPES and not self.context

    @property
    def is_divided(self) -> bool:
        """Whether costs are of one of several devices that hold a network together."""
        return self.tensor_parallel > 1 or self.zero_stage > 0

    @property
    def stated(self) -> dict[str, int | str]:
        """The conditions that are not at their defaults, by name.

        They are what conditions are known by, so that a further condition changes no identity.
        """
        return {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }


OF_NUMBERS = ("latency_from", "runtime", "device")
"""Conditions that no trace depends on, but the numbers that blocks are given."""

CONDITION_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Conditions))
"""Every condition, in the order in which tables and rows show them."""

NUMBER_CONDITIONS = frozenset(
    each.name for each in fields(Conditions) if isinstance(each.default, int)
)
"""Those that are numbers; the others are words."""

_NAMED_OTHERWISE = {
    "latency_from": "latency",
    "zero_stage": "shards.zero",
    "data_parallel": "shards.data",
    "tensor_parallel": "shards.tensor",
}
"""Conditions whose key is another word: the columns of a store have a cost of that name, or have to
say by themselves what several keys say together."""

_OF_A_GROUP = ("device",)
"""Conditions that are chosen by a config group of their own."""

COST_KEYS: Mapping[str, str] = {
    _NAMED_OTHERWISE.get(name, name): name for name in CONDITION_NAMES if name not in _OF_A_GROUP
}
"""The condition of each key of the config group `cost`."""

COST_CHOICES: Mapping[str, tuple[str, ...]] = {
    key: CONDITION_CHOICES[name] for key, name in COST_KEYS.items() if name in CONDITION_CHOICES
}
"""By the key of a condition that is a word: what it may be."""
