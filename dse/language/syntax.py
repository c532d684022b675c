"""The parts that a condition is made of. Each knows its place in the text."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "==": operator.eq,
    "!=": operator.ne,
    "<>": operator.ne,
}
"""What compares two values."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a condition; `at` counts characters from 0."""

    at: int


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A column."""

    name: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A number as it was typed, with its unit: what it is worth depends on the column."""

    text: str


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A quoted text, without its quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class ReplicateCall(Node):
    """A function of the replicates of a measurement, such as `std(accuracy)`."""

    function: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Sign(Node):
    """A value with a sign before it."""

    sign: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """Two values joined by `+`, `-`, `*` or `/`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """Values compared in a chain: `a < b <= c` is `a < b and b <= c`."""

    operands: tuple[Node, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """A value that is one of several, or none of them."""

    operand: Node
    items: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Pattern(Node):
    """A text that is like a pattern with `%` and `_`, or unlike it."""

    operand: Node
    pattern: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Missing(Node):
    """A value that is absent, or present."""

    operand: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The opposite of a condition."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Junction(Node):
    """Conditions of which all must hold, or any."""

    parts: tuple[Node, ...]
    every: bool


def children(node: Node) -> tuple[Node, ...]:
    """Return the parts directly under a part."""
    match node:
        case (
            ReplicateCall(operand=operand)
            | Sign(operand=operand)
            | Missing(operand=operand)
            | Not(operand=operand)
        ):
            return (operand,)
        case Arithmetic(left=left, right=right):
            return (left, right)
        case Pattern(operand=left, pattern=right):
            return (left, right)
        case Comparison(operands=operands):
            return operands
        case Membership(operand=operand, items=items):
            return (operand, *items)
        case Junction(parts=parts):
            return parts
        case _:
            return ()


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Go through every part with its level, without recursion."""
    waiting = [(root, 1)]
    while waiting:
        node, level = waiting.pop()
        yield node, level
        waiting += [(child, level + 1) for child in children(node)]


def names_in(node: Node) -> tuple[str, ...]:
    """Return the names in a part of a text, each once."""
    return tuple(dict.fromkeys(part.name for part, _ in walk(node) if isinstance(part, Name)))


def conjuncts(node: Node) -> Iterator[Node]:
    """Yield the conditions that all have to hold for a condition to hold."""
    if isinstance(node, Junction) and node.every:
        for part in node.parts:
            yield from conjuncts(part)
    else:
        yield node
