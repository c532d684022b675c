"""The one algebra of costs: a part of a network is a value, and parts compose.

A part is one block or many, at the place where it stands: a number for each field of `all_fields`,
or an array of numbers for many parts side by side. Parts form a monoid: `then` makes one part of
two in a row, is associative, and `nothing` is its identity. A network is the fold of its blocks, a
table that fold over arrays, a way through the graph that fold along its edges. `beside` is a part
that runs while other values stay alive, as in a cell, which is a fold as well.

`then` is monotone: no field of the result falls where a field of a part rises, but for the flags.
Bounds on parts are therefore bounds on networks.

What a training step does: bytes kept in the forward pass grow from part to part, for the backward
pass needs them; gradients of weights grow from the last part back to the first; the optimizer holds
what it took for one part's last weight while it comes to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy
from numpy.typing import NDArray

from dse.cost_formulas import terms_of
from dse.costs import COSTS, given_costs, lack_of, summed_costs

Integers = NDArray[numpy.int64]
Number = TypeVar("Number", int, Integers)
Part = Mapping[str, Number]

NEVER = -(2**62)
"""A peak of nothing: lower than any other."""

STEP_FIELDS = (
    *("fixed", "kept_forward", "kept_backward", "gradients", "saved"),
    *("forward_peak", "backward_peak", "backward_peak_at_end"),
    *("optimizer_peak", "optimizer_first", "optimizer_left", "replaces_left"),
    *("is_view", "leaving_bytes", "leaving_saved"),
)
"""Of a training step, in bytes.

- `fixed`: weights and the optimizer's state. `gradients`: of its parameters.
- `kept_forward`, `kept_backward`: what the part adds to what is alive in the forward pass, and in
  the backward pass, of parts behind it.
- `saved`: what autograd saves, the storage of its output apart.
- `forward_peak`: besides what parts before it keep.
- `backward_peak`: besides what those before it keep, the gradients of those behind it, and the
  network's output; `backward_peak_at_end`: where its output is the network's, which is included.
- `optimizer_peak`; `optimizer_first`: on top of what is left of the part before;
  `optimizer_left`: what is still held when it goes on to the part behind; `replaces_left`: 1 where
  what was left of parts before is let go.
- `is_view`: 1 where its output is a view of its input. `leaving_bytes`, `leaving_saved`: of its
  output's storage, and as far as that is saved.
"""


def all_fields() -> tuple[str, ...]:
    """Return every field of a part: its sums, its peak and those of a training step."""
    return (*inference_fields(), *STEP_FIELDS)


def inference_fields() -> tuple[str, ...]:
    """Return the fields of a part in inference: sums, and the highest bytes alive but weights.

    Of a cost that blocks are given there is also the number of blocks that lack it.
    """
    given = given_costs()
    return (*summed_costs(), *given, *map(lack_of, given), "peak")


def fields_for(costs: Iterable[str]) -> tuple[str, ...]:
    """Return the fields that some costs, of `dse.costs.COSTS`, follow from."""
    wanted: set[str] = set()
    for base in {base for cost in costs for base in terms_of(cost)}:
        law = COSTS[base].composes
        if law == "step":
            saved = {"saved", "leaving_saved", "is_view"}
            wanted |= {*STEP_FIELDS} if base == "train_memory" else saved
        else:
            wanted |= {lack_of(base)} if COSTS[base].is_given else set()
            wanted.add("peak" if base == "peak_activations" else base)
    return tuple(name for name in all_fields() if name in wanted)


_PEAKS = (
    *("peak", "forward_peak", "backward_peak", "backward_peak_at_end"),
    *("optimizer_peak", "optimizer_first"),
)
_NOTHING = dict.fromkeys(_PEAKS, NEVER) | {"is_view": 1}


def nothing(fields: Iterable[str]) -> dict[str, int]:
    """Return the identity: a part without any blocks, which changes nothing that it is by."""
    return {name: _NOTHING.get(name, 0) for name in fields}


def nothings(fields: Iterable[str], number: int) -> dict[str, Integers]:
    """Return parts without any blocks, side by side."""
    empty = nothing(fields).items()
    return {name: numpy.full(number, value, dtype=numpy.int64) for name, value in empty}


def then(first: Part[Number], second: Part[Number]) -> Part[Number]:
    """Return the part that runs `first` and then `second`, in the fields that `first` has.

    Arrays are broadcast against each other.
    """
    return {
        name: value + second[name] if (law := _law(name)) is None else law(name, first, second)
        for name, value in first.items()
    }


def _law(name: str) -> Callable[..., Any] | None:
    """Return how a field composes: by its own law, or as the cost that blocks are given.

    None for one that is a sum.
    """
    law = _LAWS.get(name)
    if law is not None:
        return law
    cost = COSTS.get(name)
    return _peak if cost is not None and cost.composes == "peak" and cost.is_given else None


def fold(parts: Iterable[Part[Number]], identity: Part[Number]) -> Part[Number]:
    """Return parts in a row as one."""
    whole = identity
    for part in parts:
        whole = then(whole, part)
    return whole


def beside(part: Part[Number], forward: Number, backward: Number) -> dict[str, Number]:
    """Return a part that runs while other values are alive.

    Args:
        part: which.
        forward: bytes of the others in its forward pass, or in inference.
        backward: bytes of the others in its backward pass.
    """
    held = {"peak": forward, "forward_peak": forward}
    held |= dict.fromkeys(("backward_peak", "backward_peak_at_end"), backward)
    return {name: value + held[name] if name in held else value for name, value in part.items()}


def given_of(part: Part[int]) -> dict[str, int]:
    """Return what a part has of the costs that blocks are given; nothing where a block lacks it."""
    return {name: part[name] for name in given_costs() if not part[lack_of(name)]}


def higher(a: Number, b: Number) -> Number:
    """Return the higher of two numbers, or of each two."""
    if isinstance(a, int) and isinstance(b, int):
        return max(a, b)
    return numpy.maximum(a, b)


def _chosen(flag: Number, yes: Number, no: Number) -> Number:
    if isinstance(flag, int):
        return yes if flag else no
    return numpy.where(flag > 0, yes, no)


def _peak(name: str, first: Part[Number], second: Part[Number]) -> Number:
    return higher(first[name], second[name])


def _forward_peak(name: str, first: Part[Number], second: Part[Number]) -> Number:
    return higher(first[name], first["kept_forward"] + second[name])


def _backward_peak(name: str, first: Part[Number], second: Part[Number]) -> Number:
    return higher(first[name] + second["gradients"], first["kept_backward"] + second[name])


def _backward_peak_at_end(name: str, first: Part[Number], second: Part[Number]) -> Number:
    # Before the end of the network its output is held beside, unless it is a view of ours.
    held = first["backward_peak"] + second["leaving_bytes"]
    before = _chosen(second["is_view"], first[name], held) + second["gradients"]
    return higher(before, first["kept_backward"] + second[name])


def _optimizer_peak(name: str, first: Part[Number], second: Part[Number]) -> Number:
    after = first["optimizer_left"] + second["optimizer_first"]
    peak = higher(first[name], second[name])
    return higher(peak, _chosen(first["replaces_left"], after, peak))


def _optimizer_first(name: str, first: Part[Number], second: Part[Number]) -> Number:
    return _chosen(first["replaces_left"], first[name], higher(first[name], second[name]))


def _optimizer_left(name: str, first: Part[Number], second: Part[Number]) -> Number:
    return _chosen(second["replaces_left"], second[name], first[name])


def _leaving(name: str, first: Part[Number], second: Part[Number]) -> Number:
    # A view leaves the storage that entered it, which it may have saved.
    whole = higher(first[name], second[name])
    return _chosen(second["is_view"], whole, second[name])


def _both(name: str, first: Part[Number], second: Part[Number]) -> Number:
    return first[name] & second[name]


def _either(name: str, first: Part[Number], second: Part[Number]) -> Number:
    return first[name] | second[name]


_LAWS: dict[str, Callable[..., Any]] = {
    "peak": _peak,
    "forward_peak": _forward_peak,
    "backward_peak": _backward_peak,
    "backward_peak_at_end": _backward_peak_at_end,
    "optimizer_peak": _optimizer_peak,
    "optimizer_first": _optimizer_first,
    "optimizer_left": _optimizer_left,
    "replaces_left": _either,
    "is_view": _both,
    "leaving_bytes": _leaving,
    "leaving_saved": _leaving,
}
"""How each field composes; the others are sums."""


def costs_of(
    parts: Part[Number], costs: Sequence[str], input_bytes: Number, step_input_bytes: Number
) -> dict[str, Number]:
    """Return the costs of parts that are whole networks.

    Args:
        parts: with the fields of `fields_for(costs)`.
        costs: which, of `dse.costs.COSTS`.
        input_bytes: of each network's input, in inference.
        step_input_bytes: the same in a training step.
    """
    bases = {base for cost in costs for base in terms_of(cost)}
    known = {base: _base(parts, base, input_bytes, step_input_bytes) for base in bases}
    return {cost: _weighed(known, terms_of(cost)) for cost in costs}


def _weighed(known: Part[Number], terms: Mapping[str, int]) -> Number:
    several = [known[base] if times == 1 else times * known[base] for base, times in terms.items()]
    total = several[0]
    for more in several[1:]:
        total = total + more
    return total


def _base(part: Part[Number], cost: str, input_bytes: Number, step_input_bytes: Number) -> Number:
    """Return a cost that follows from no others."""
    if cost == "peak_activations":
        return higher(input_bytes, part["peak"])
    if cost == "saved_memory":
        return part["saved"] + part["leaving_saved"]
    if cost == "train_memory":
        output = _chosen(part["is_view"], 0 * part["leaving_bytes"], part["leaving_bytes"])
        taken = higher(part["optimizer_peak"], part["optimizer_first"])
        peak = higher(higher(step_input_bytes, part["forward_peak"]), part["backward_peak_at_end"])
        peak = higher(peak, step_input_bytes + output + part["gradients"] + taken)
        return part["fixed"] + peak
    return part[cost]
