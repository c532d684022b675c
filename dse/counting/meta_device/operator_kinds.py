"""What operators do with the values of their operands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch

from dse.counting.torch_internals import Operator, is_composed, schema_of

_aten = torch.ops.aten
LIFT = _aten.lift_fresh.default
TO_COPY = _aten._to_copy.default
WHOLLY_WRITTEN = {
    _aten.fill_.Scalar,
    _aten.fill_.Tensor,
    _aten.zero_.default,
    _aten.copy_.default,
}
"""Operators after which a tensor holds nothing of what it held before."""
_UNREAD = frozenset(("empty", "empty_like", "empty_strided", "new_empty", "new_empty_strided"))
"""Operators whose results are written before they are read: zeros are as good as any."""


class OperatorKind(NamedTuple):
    """What an operator does with values, as its schema and PyTorch's tags tell."""

    is_primitive: bool
    """Whether it is no operator of a device, but one of TorchScript."""
    is_composed: bool
    """Whether PyTorch makes it of others, which it does before a dispatch, but for what runs where
    no gradient can be asked for."""
    is_view: bool
    is_random: bool
    asks_for_data: bool
    """What it returns follows from values, not from shapes."""
    written: tuple[int | str, ...]
    """The arguments that it writes to: positions, and names of those given by keyword."""
    is_unread: bool
    follows_first: bool
    """Whether nothing is known of what it returns or writes unless its first operand is known."""


def asks_for_values(operator: Operator, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Return whether what an operator returns follows from values, not from shapes alone."""
    if operator is TO_COPY:
        if not args[0].is_meta:
            return False
        device = kwargs.get("device")
        return device is not None and torch.device(device).type != "meta"
    return kind_of(operator).asks_for_data


_KINDS: dict[int, OperatorKind] = {}
"""By the identity of an operator, whose hash is slow; none of them ever goes."""


def kind_of(operator: Operator) -> OperatorKind:
    """Return what an operator does with values, which is read once."""
    found = _KINDS.get(id(operator))
    if found is None:
        found = _KINDS[id(operator)] = _read_kind(operator)
    return found


def _read_kind(operator: Operator) -> OperatorKind:
    tags, is_primitive = operator.tags, operator.namespace == "prim"
    arguments = schema_of(operator).arguments
    written = tuple(
        argument.name if argument.kwarg_only else position
        for position, argument in enumerate(arguments)
        if argument.alias_info is not None and argument.alias_info.is_write
    )
    return OperatorKind(
        is_primitive=is_primitive,
        is_composed=not is_primitive and is_composed(operator),
        # It makes a tensor that passes for the CPU's of one with data.
        is_view=operator.is_view and operator is not LIFT,
        is_random=torch.Tag.nondeterministic_seeded in tags,
        asks_for_data=torch.Tag.data_dependent_output in tags
        or torch.Tag.dynamic_output_shape in tags
        or operator is _aten._local_scalar_dense.default,
        written=written,
        is_unread=operator.overloadpacket.__name__ in _UNREAD,
        follows_first=written in ((), (0,)) and operator not in WHOLLY_WRITTEN,
    )
