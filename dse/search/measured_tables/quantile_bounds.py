"""Bounds that are quantiles of a column: `macs <= q20`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dse.language import Comparison, Fault, Junction, Name, Node, Not, Number, walk

Column = NDArray[np.int64] | NDArray[np.float64]

_QUANTILE = re.compile(r"[qQ](\d+(?:\.\d*)?)")


@dataclass(frozen=True)
class Resolved:
    """A condition with numbers in place of quantiles."""

    node: Node
    quantiles: Mapping[tuple[str, float], str]
    """How each number was written, by its column and itself."""


def resolve_quantiles(node: Node, columns: Mapping[str, Column]) -> Resolved:
    """Return a condition with each quantile as what it is worth: the value of a row.

    `q20` is the largest value of the column that at most a fifth of the steps from the least row to
    the largest lie below, as of `numpy.quantile(…, method="lower")`. A column of that name is no
    quantile.

    Args:
        node: such as `q40 <= macs <= q60`.
        columns: the values of every row.

    Raises:
        Fault: for a quantile over 100, or one that is compared with no column.
    """
    quantiles: dict[tuple[str, float], str] = {}
    resolved = _resolved(node, columns, quantiles)
    for each, _ in walk(resolved):
        if _share(each, columns) is not None:
            raise Fault(each.at, f"{_name(each)} is a quantile: compare a column with it, as in "
                        f"{next(iter(columns), 'macs')} <= {_name(each)}")  # fmt: skip
    return Resolved(resolved, quantiles)


def quantiles_in(node: Node) -> list[str]:
    """Return the names of a condition that are written as quantiles are."""
    return [_name(each) for each, _ in walk(node) if _QUANTILE.fullmatch(_name(each))]


def _resolved(
    node: Node, columns: Mapping[str, Column], quantiles: dict[tuple[str, float], str]
) -> Node:
    match node:
        case Junction(parts=parts):
            return replace(node, parts=tuple(_resolved(p, columns, quantiles) for p in parts))
        case Not(operand=operand):
            return replace(node, operand=_resolved(operand, columns, quantiles))
        case Comparison(operands=operands):
            found = []
            for place, operand in enumerate(operands):
                share = _share(operand, columns)
                beside = operands[max(place - 1, 0) : place + 2]
                names = {_name(each) for each in beside} & {*columns}
                if share is None or len(names) != 1:
                    found.append(operand)
                    continue
                (name,) = names
                value = np.quantile(columns[name], share, method="lower").item()
                quantiles[name, value] = _name(operand)
                found.append(Number(operand.at, repr(value)))
            return replace(node, operands=tuple(found))
    return node


def _share(node: Node, columns: Mapping[str, Column]) -> float | None:
    """Return which share of the rows a quantile stands for; None for anything else."""
    match = _QUANTILE.fullmatch(_name(node))
    if match is None or match.group() in columns:
        return None
    percent = float(match.group(1))
    if percent > 100:
        raise Fault(node.at, f"{match.group()}: quantiles go from q0 to q100")
    return percent / 100


def _name(node: Node) -> str:
    return node.name if isinstance(node, Name) else ""
