"""Which tensors of a flow are the same elements, who reads them, and which activations fuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from dse.counting import Dataflow

FREE_MOVES = frozenset(
    (
        *("view", "_unsafe_view", "reshape", "_reshape_alias", "alias", "detach", "clone"),
        *("contiguous", "squeeze", "unsqueeze", "expand", "dropout", "native_dropout"),
        *("lift_fresh", "_to_copy"),
    )
)
"""Operators that leave the elements where they are, or that a converter removes."""


def activation_of(name: str, arguments: Sequence[Any]) -> str | None:
    """Return the activation that an operator of PyTorch is, if it is one that runtimes fuse."""
    if name == "relu":
        return "relu"
    if name == "hardtanh":
        low, high = (*arguments[1:], -1, 1)[:2] if len(arguments) < 3 else arguments[1:3]
        return {(0, 6): "relu6", (-1, 1): "relu_n1_to_1"}.get((low, high))
    return None


def roots_of(flow: Dataflow) -> list[int]:
    """Return of each tensor the one that it is another reading of; itself for most."""
    roots = list(range(len(flow.tensors)))
    for operator in flow.operators:
        if not operator.reads or not operator.makes:
            continue
        is_free = operator.name.rpartition(".")[2] in FREE_MOVES
        if is_free or (operator.is_view and flow.tensors[operator.makes[0]].is_weight):
            roots[operator.makes[0]] = roots[operator.reads[0]]
    return roots


def readers_of(flow: Dataflow, roots: Sequence[int]) -> Counter[int]:
    """Return how many operators read each tensor; the caller of the model is one more."""
    found: Counter[int] = Counter()
    for operator in flow.operators:
        if operator.name.rpartition(".")[2] not in FREE_MOVES:
            found.update({roots[index] for index in operator.reads})
    found.update({roots[index] for index in flow.outputs})
    return found
