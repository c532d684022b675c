"""What a call of an operator costs, as its kernel, rule and the storages of its operands say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from torch import Tensor

from dse.counting.meta_device import CallCosts, KnownCall, described
from dse.counting.operators.operator_costs import is_free, macs_of, operator_name, rule_of
from dse.counting.operators.traffic import traffic
from dse.counting.tensors import LiveStorages, operands_among, storage_id, tensors_in
from dse.counting.torch_internals import Operator


class OperatorCall(NamedTuple):
    """A call of an operator that has run."""

    operator: Operator
    args: Sequence[Any]
    kwargs: Mapping[str, Any]
    output: Any
    made: tuple[Tensor, ...]
    """The tensors in the output."""
    operands: list[Tensor]
    """The tensors among the arguments."""
    places: list[int]
    """The ids of their storages."""
    has_positional: bool
    """Whether one of them is no keyword argument."""

    @property
    def apart(self) -> tuple[Any, ...]:
        """Which operands lie in one storage, and where: what is read twice is read once."""
        places = self.places
        if len(set(places)) == len(places):
            return ()
        offsets = (operand.storage_offset() for operand in self.operands)
        return tuple(zip(map(places.index, places), offsets, strict=True))


def operator_call(
    operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any], output: Any
) -> OperatorCall:
    """Return a call with the tensors that it took and made."""
    made = (output,) if isinstance(output, Tensor) else tuple(tensors_in(output))
    operands = operands_among(args)
    has_positional = bool(operands)
    operands += operands_among(kwargs.values())
    places = [storage_id(operand) for operand in operands]
    return OperatorCall(operator, args, kwargs, output, made, operands, places, has_positional)


def costs_of_call(call: OperatorCall, storages: LiveStorages, known: KnownCall | None) -> CallCosts:
    """Return what a call costs, from an earlier one where that was the same.

    Args:
        call: that has run.
        storages: of the run, which say what is a weight and what elements are counted as.
        known: what was found out of such calls; None where nothing may be taken from others.
    """
    if known is None:
        return _worked_out(call, storages)
    bits = tuple(map(storages.bits, call.operands)) if storages.has_several_sizes else ()
    key = (call.apart, storages.counted_as, bits)
    found = known.costs.get(key)
    if found is None:
        found = _worked_out(call, storages)
        # Whether a matrix product is a layer depends on what its operands come from.
        rule = rule_of(found.name)
        if rule is None or not rule.weighted:
            known.costs[key] = found
    return found


def _worked_out(call: OperatorCall, storages: LiveStorages) -> CallCosts:
    name = operator_name(call.operator)
    macs, activations = _work(name, call, storages)
    moved = traffic(call.operator, name, call.args, call.kwargs, call.made, storages.bits)
    return CallCosts(name, macs, activations, *moved, described(call.args))


def _work(name: str, call: OperatorCall, storages: LiveStorages) -> tuple[int, int]:
    """Return the MACs, −1 where they are not known, and the activations of a call."""
    rule, args, output = rule_of(name), call.args, call.output
    if rule is None:
        return 0 if is_free(call.operator) else -1, 0
    is_layer = rule.weighted is None or any(
        storages.is_weight(args[position]) for position in rule.weighted
    )
    macs = macs_of(rule, args, output)
    if not is_layer:
        return macs, 0
    if rule.activations is not None:
        return macs, rule.activations(args, output)
    return macs, next(tensors_in(output)).numel()
