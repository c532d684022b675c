"""What a part of a network adds to its costs, and how parts in a row make a larger one.

A part is a dictionary of arrays, a number for each of many parts side by side. Chaining is
associative, so parts of a page can be chained once for all candidates; and it is monotone: no
field of the result falls where a field of a part rises, but for the flags. Bounds on parts are
therefore bounds on networks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy

from dse.cost_formulas import terms_of
from dse.costs import COSTS, summed_costs
from dse.space.costing import NEVER
from dse.space.tables.factors import Integers

Parts = Mapping[str, Integers]

STEP_FIELDS = (
    *("fixed", "kept_forward", "kept_backward", "gradients", "saved"),
    *("forward_peak", "backward_peak", "backward_peak_at_end"),
    *("optimizer_peak", "optimizer_first", "optimizer_left", "replaces_left"),
    *("is_view", "leaving_bytes", "leaving_saved"),
)

_SUMS = frozenset({"fixed", "kept_forward", "kept_backward", "gradients", "saved"})
_LAST = frozenset({"leaving_bytes", "leaving_saved"})
_FLAGS = frozenset({"replaces_left", "is_view"})
_PEAKS = frozenset(
    {"peak", "forward_peak", "backward_peak", "backward_peak_at_end"}
    | {"optimizer_peak", "optimizer_first"}
)


def all_fields() -> tuple[str, ...]:
    """Return every field of a part: its sums, its peak and those of a training step."""
    return (*summed_costs(), "peak", *STEP_FIELDS)


def fields_for(costs: Iterable[str]) -> tuple[str, ...]:
    """Return the fields that some costs, of `dse.costs.COSTS`, follow from."""
    wanted: set[str] = set()
    for base in {base for cost in costs for base in terms_of(cost)}:
        law = COSTS[base].composes
        if law == "step":
            wanted |= {*STEP_FIELDS} if base == "train_memory" else {"saved", "leaving_saved"}
        else:
            wanted.add("peak" if law == "peak" else base)
    return tuple(name for name in all_fields() if name in wanted)


def nothing(fields: Sequence[str], number: int) -> dict[str, Integers]:
    """Return parts without any blocks, which change nothing that they are chained with."""
    empty = dict.fromkeys(_PEAKS, NEVER) | {"is_view": 1}
    return {name: numpy.full(number, empty.get(name, 0), dtype=numpy.int64) for name in fields}


def chained(first: Parts, second: Parts) -> dict[str, Integers]:
    """Return parts that consist of `first` and then `second`, in the fields that both have.

    Arrays are broadcast against each other. Bytes kept in the forward pass grow from part to part;
    gradients grow from the last part back to the first. See `dse.space.tables.segments`.
    """
    return {name: _field(name, first, second) for name in first}


def _field(name: str, first: Parts, second: Parts) -> Integers:
    a, b = first[name], second[name]
    if name in _SUMS or (name in COSTS and COSTS[name].composes == "sum"):
        return a + b
    if name in _LAST:
        return numpy.broadcast_to(b, numpy.broadcast_shapes(a.shape, b.shape))
    if name == "peak":
        return _higher(a, b)
    if name == "forward_peak":
        return _higher(a, first["kept_forward"] + b)
    if name == "backward_peak":
        return _higher(a + second["gradients"], first["kept_backward"] + b)
    if name == "backward_peak_at_end":
        # Before the end of the network its output is held beside, unless it is a view of ours.
        held = first["backward_peak"] + second["leaving_bytes"]
        before = numpy.where(second["is_view"] > 0, a, held) + second["gradients"]
        return _higher(before, first["kept_backward"] + b)
    if name == "optimizer_peak":
        after = first["optimizer_left"] + second["optimizer_first"]
        after = numpy.where(first["replaces_left"] > 0, after, NEVER)
        return _higher(_higher(a, b), after)
    if name == "optimizer_first":
        return numpy.where(first["replaces_left"] > 0, a, _higher(a, b))
    if name == "optimizer_left":
        return numpy.where(second["replaces_left"] > 0, b, a)
    assert name in _FLAGS, name
    return a & b if name == "is_view" else a | b


def costs_of(
    parts: Parts, costs: Sequence[str], input_bytes: Integers, step_input_bytes: Integers
) -> dict[str, Integers]:
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


def _weighed(known: Parts, terms: Mapping[str, int]) -> Integers:
    total: Integers | None = None
    for base, times in terms.items():
        values = known[base] if times == 1 else times * known[base]
        total = values if total is None else total + values
    assert total is not None, "a cost follows from at least one"
    return total


def _base(parts: Parts, cost: str, input_bytes: Integers, step_input_bytes: Integers) -> Integers:
    """Return a cost that follows from no others."""
    if COSTS[cost].composes == "peak":
        return _higher(input_bytes, parts["peak"])
    if cost == "saved_memory":
        return parts["saved"] + parts["leaving_saved"]
    if cost == "train_memory":
        output = numpy.where(parts["is_view"] > 0, 0, parts["leaving_bytes"])
        taken = _higher(parts["optimizer_peak"], parts["optimizer_first"])
        peak = _higher(
            _higher(step_input_bytes, parts["forward_peak"]), parts["backward_peak_at_end"]
        )
        peak = _higher(peak, step_input_bytes + output + parts["gradients"] + taken)
        return parts["fixed"] + peak
    return parts[cost]


def _higher(a: Integers, b: Integers) -> Integers:
    higher: Integers = numpy.maximum(a, b)
    return higher
