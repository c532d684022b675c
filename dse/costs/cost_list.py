"""The costs of an architecture: their names, their units, and how they add up over blocks.

This is the vocabulary that the counting core, the design spaces, the store and the command line
share, so it imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from dse.html_tables import FieldsShown, html_panel, html_table

Unit = Literal["bytes", "count", "time"]
"""Of whole numbers: bytes, plain counts, or nanoseconds."""

UNITS: tuple[Unit, ...] = get_args(Unit)

Law = Literal["sum", "peak", "step", "derived"]
"""How a cost of a network follows from those of its blocks: the sum; the highest of what is alive
at once; the algebra of a training step; or a formula over other costs."""

Record = Literal["operation", "weight", "output", "read", "cache", "block"]
"""What a cost is a sum over: of a trace the dispatched operators, parameters and buffers, the bytes
that each layer outputs, what is read of each weight, or the bytes of keys and values that a layer
keeps of tokens; or blocks, whose numbers somebody gives (see `BlockNumbers`)."""

LARGEST_NUMBER = 2**45
"""Of a cost that a block is given: sums over any network stay whole numbers of 64 bits."""


@dataclass(frozen=True, slots=True)
class Cost(FieldsShown):
    """What a cost is, declared once: all that reads, adds up, stores or shows it follows."""

    name: str
    meaning: str
    unit: Unit = "count"
    composes: Law = "sum"
    over: Record = "operation"
    value: Callable[[Any], int] | None = None
    """What one record of a trace has of it; None where a trace tells it in another way, or none."""
    terms: Mapping[str, int] = field(default_factory=dict)
    """Of a derived cost that is a weighted sum of others: the weight of each."""
    of_training: bool = False
    """Whether a network that cannot be trained, such as one of integers, does not have it."""
    is_declared: bool = False
    """Whether a user declared it: it is no column of the store then, but rows of its own."""
    source: str = "`dse import-blocks` takes in the numbers of blocks"
    """Of a cost that blocks are given: where from, as a clause for who has none."""

    unless: str = ""
    """The cost that a summary leaves it out beside, where it is the same."""
    beside: str = ""
    """The cost that a summary leaves it out beside, where that is 0."""

    @property
    def is_given(self) -> bool:
        """Whether a block has it from elsewhere than a trace, and so may have none."""
        return self.over == "block"

    @property
    def formula(self) -> str:
        """A derived cost as a formula over others; empty for any other."""
        weighed = (
            name if weight == 1 else f"{weight} * {name}" for name, weight in self.terms.items()
        )
        return " + ".join(weighed)


def _cost(default: int | None, meaning: str, **given: Any) -> Any:
    """Return a field of `Costs` that declares a cost."""
    return field(default=default, metadata={"meaning": meaning, **given})


_WEIGHT: dict[str, Any] = {"over": "weight"}
_BYTES: dict[str, Any] = {"unit": "bytes"}
_STEP: dict[str, Any] = {"unit": "bytes", "composes": "step", "of_training": True}


@dataclass(frozen=True, slots=True)
class Costs:
    """Integers that follow from an architecture and its input shape alone.

    Each field declares a cost; those that users declare are in `declared`, by name.
    """

    params: int = _cost(
        0,
        "Elements of all parameters, a shared one once.",
        value=lambda weight: weight.spec.elements if weight.is_parameter else 0,
        **_WEIGHT,
    )
    trainable_params: int = _cost(
        0,
        "Elements of the parameters that require a gradient, a shared one once.",
        value=lambda weight: weight.spec.elements if weight.trainable else 0,
        **_WEIGHT,
    )
    macs: int = _cost(
        0,
        "Multiply-accumulates of convolutions, linear layers and matrix products, attention "
        "included; no bias, norm, activation or pooling. What most papers print as FLOPs. A "
        "complex one is 3 real ones; of a sparse matrix, the stored elements are multiplied.",
        value=lambda operation: operation.macs,
    )
    flops: int = _cost(
        0,
        "2 × macs, as in `torch.utils.flop_counter`.",
        composes="derived",
        terms={"macs": 2},
    )
    activations: int = _cost(
        0,
        "Output elements of convolutions and linear layers (arXiv:2003.13678).",
        value=lambda operation: operation.activations,
    )
    weight_memory: int = _cost(
        0,
        "Bytes of parameters and buffers.",
        value=lambda weight: weight.nbytes,
        **_WEIGHT,
        **_BYTES,
    )
    activation_memory: int = _cost(
        0,
        "Bytes of every tensor that a layer outputs, summed.",
        over="output",
        value=lambda nbytes: nbytes,
        **_BYTES,
    )
    memory_read: int = _cost(
        0,
        "Bytes that an ideal device reads in inference: each operator's operands, once a use.",
        value=lambda operation: operation.read,
        **_BYTES,
    )
    memory_written: int = _cost(
        0,
        "Bytes that an ideal device writes in inference: each operator's results.",
        value=lambda operation: operation.written,
        **_BYTES,
    )
    peak_memory: int = _cost(
        0,
        "Highest number of bytes alive at once during inference, weights and input included.",
        composes="derived",
        terms={"weight_memory": 1, "peak_activations": 1},
        **_BYTES,
    )
    saved_memory: int | None = _cost(
        None,
        "Bytes of what the forward pass saves for the backward pass, weights apart.",
        **_STEP,
    )
    train_memory: int | None = _cost(
        None,
        "Highest number of bytes alive at once during one training step: weights, gradients, "
        "optimizer state, saved tensors, temporaries.",
        **_STEP,
    )
    active_params: int = _cost(
        0,
        "Elements of the parameters that one token uses: all but those of experts that it does not "
        "visit.",
        value=lambda weight: weight.active if weight.is_parameter else 0,
        unless="params",
        **_WEIGHT,
    )
    kv_cache: int = _cost(
        0,
        "Bytes of the keys and values of the input's tokens, or of the context, that causal "
        "attention keeps for the tokens that follow; 0 where no layer says how many.",
        over="cache",
        beside="kv_cache",
        value=lambda nbytes: nbytes,
        **_BYTES,
    )
    weights_read: int = _cost(
        0,
        "Bytes of the weights that inference reads, each once: of an embedding the rows that are "
        "looked up, of experts those that are visited, of a table that a tied head reads whole "
        "that.",
        over="read",
        beside="cache_read",
        value=lambda read: 0 if read.is_kept else read.nbytes,
        **_BYTES,
    )
    cache_read: int = _cost(
        0,
        "Bytes of the keys and values of a context that attention reads, those of the step's own "
        "tokens included; 0 without a context.",
        over="read",
        beside="cache_read",
        value=lambda read: read.nbytes if read.is_kept else 0,
        **_BYTES,
    )
    declared: tuple[tuple[str, int], ...] = ()
    """Each with its name."""

    @classmethod
    def of(cls, values: Mapping[str, int | None]) -> Costs:
        """Return costs from values by name; what follows from others is worked out from them.

        Args:
            values: of costs that are no formulas over others; one left out is 0, or none where
                blocks are given it.
        """
        known: dict[str, Any] = {name: values[name] for name in COST_NAMES if name in values}
        for name, cost in COSTS.items():
            if cost.terms and name in COST_NAMES:
                terms = base_terms(name).items()
                known[name] = sum(times * (values.get(base) or 0) for base, times in terms)
        declared = [(name, values.get(name) or 0) for name in declared_costs()]
        given = [(n, v) for n in given_costs() if (v := values.get(n)) is not None]
        return cls(**known, declared=(*declared, *given))

    def _repr_html_(self) -> str:
        rows = [(n, f"{v:,}", unit_of(n)) for n, v in self.as_dict().items() if v is not None]
        return html_panel("Costs", html_table(("cost", "value", "unit"), rows, numbers=["value"]))

    @property
    def arithmetic_intensity(self) -> float:
        """MACs of inference per byte that an ideal device moves; 0 where nothing is moved."""
        return self.macs / max(self.memory_read + self.memory_written, 1)

    @property
    def peak_activations(self) -> int:
        """Highest number of bytes alive at once during inference, without the weights."""
        return self.peak_memory - self.weight_memory

    def as_dict(self) -> dict[str, int | None]:
        """Return the costs by name in the order of `shown_costs`."""
        return {**{name: getattr(self, name) for name in COST_NAMES}, **dict(self.declared)}

    def __getitem__(self, name: str) -> int | None:
        """Return a cost by its name."""
        for other, number in self.declared:
            if other == name:
                return number
        if name in COSTS and COSTS[name].is_given:
            return None
        value: int | None = getattr(self, name)
        return value


COST_NAMES: tuple[str, ...] = tuple(each.name for each in fields(Costs) if each.metadata)
"""The costs that every table and row shows, in that order; each is a field of `Costs`."""

_RUNTIME = "name a runtime or a microcontroller, as in cost.runtime=tflm or device=stm32f746"

COSTS: dict[str, Cost] = {
    **{each.name: Cost(each.name, **each.metadata) for each in fields(Costs) if each.metadata},
    "peak_activations": Cost(
        "peak_activations",
        "Highest number of bytes alive at once during inference, without the weights.",
        unit="bytes",
        composes="peak",
    ),
    "latency": Cost(
        "latency",
        "Nanoseconds of inference on a device, a sum over blocks: as measured there, or as a "
        "roofline has it.",
        unit="time",
        over="block",
        source="name a device that says its bandwidth and its peak of cost.dtype, as in "
        "device=pixel6, or take in times by `dse import-blocks`",
    ),
    "sram": Cost(
        "sram",
        "Highest bytes alive at once under a runtime, weights apart and norms and activations "
        "folded.",
        unit="bytes",
        composes="peak",
        over="block",
        source=_RUNTIME,
    ),
    "flash": Cost(
        "flash",
        "Bytes of weights as a runtime stores them, and of its graph.",
        unit="bytes",
        over="block",
        source=_RUNTIME,
    ),
    "arena": Cost(
        "arena",
        "Bytes of the arena that a runtime's own planner hands out; at least `sram`. Of a whole "
        "network alone: it does not follow from its blocks.",
        unit="bytes",
        composes="peak",
        over="block",
        source="it is no sum over blocks; `dse count --runtime` and `dse show` have it",
    ),
}
"""Every cost by its name; `register_cost` adds to it."""

RATIOS = {"arithmetic_intensity": "macs / (memory_read + memory_written)"}
"""Costs that are no whole numbers, as formulas over others: a name of one stands for its formula
wherever a formula is read."""

TRAINING_COSTS = frozenset(name for name, cost in COSTS.items() if cost.of_training)
"""The costs of a training step, which a network of integers does not have."""


def declared(name: str) -> bool:
    """Return whether a user declared a cost of this name."""
    return name in COSTS and COSTS[name].is_declared


def declared_costs() -> tuple[str, ...]:
    """Return the names of the costs that users declared, and that a trace tells."""
    return tuple(n for n, cost in COSTS.items() if cost.is_declared and not cost.is_given)


def given_costs() -> tuple[str, ...]:
    """Return the names of the costs that blocks are given: see `BlockNumbers`."""
    return tuple(name for name, cost in COSTS.items() if cost.is_given)


def lack_of(name: str) -> str:
    """Return what counts the blocks of a network that are given no number of a cost."""
    return f"{name}?"


def declared_values() -> tuple[Callable[[Any], int] | None, ...]:
    """Return the functions that users declared costs with: what is known by others is outdated."""
    return tuple(COSTS[name].value for name in declared_costs())


def shown_costs() -> tuple[str, ...]:
    """Return the costs that tables and rows show: `COST_NAMES`, then those that users declared."""
    return (*COST_NAMES, *declared_costs())


def summed_costs() -> tuple[str, ...]:
    """Return the costs that are sums over what a trace records and follow from no others."""
    return tuple(n for n, cost in COSTS.items() if cost.composes == "sum" and not cost.is_given)


def base_costs(trained: bool) -> tuple[str, ...]:
    """Return the costs of any network that follow from no others, of training if `trained`."""
    return tuple(
        name
        for name, cost in COSTS.items()
        if not cost.terms and not cost.is_given and (trained or not cost.of_training)
    )


def base_terms(name: str) -> dict[str, int]:
    """Return a cost as a weighted sum of costs that follow from no others."""
    found: dict[str, int] = {}
    for term, weight in COSTS[name].terms.items():
        for base, times in base_terms(term).items():
            found[base] = found.get(base, 0) + weight * times
    return found or {name: 1}


def terms_shown(name: str) -> dict[str, int]:
    """Return a cost as a weighted sum of costs that every table and row shows."""
    shown = shown_costs()
    if name in shown or COSTS[name].is_given:
        return {name: 1}
    # What is not shown itself is a part of a cost that is.
    whole = next(each for each in shown if COSTS[each].terms.get(name) == 1)
    others = (each for each in COSTS[whole].terms if each != name)
    return {whole: 1, **{each: -COSTS[whole].terms[each] for each in others}}


def telling(costs: Mapping[str, int | None]) -> dict[str, int | None]:
    """Return costs by name without those that say nothing that others do not, for a summary."""
    return {name: value for name, value in costs.items() if is_telling(name, costs)}


def is_telling(name: str, costs: Mapping[str, Any]) -> bool:
    """Return whether a column, such as a cost, says what the other costs of its row do not."""
    if name not in COSTS:
        return True
    unless, beside = COSTS[name].unless, COSTS[name].beside
    is_same = bool(unless) and costs.get(name) == costs.get(unless)
    return not is_same and (not beside or costs.get(beside) != 0)


def unit_of(cost: str) -> Unit:
    """Return the unit of a cost, or of another number beside costs: a plain count."""
    return COSTS[cost].unit if cost in COSTS else "count"
