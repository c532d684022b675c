"""Conditions on the axes of a grid, in the one language or in the notation of pages.

Either becomes an expression that is evaluated safely; `width == 1.0`, `width = 1.0` and
`width in (1.0, 1.3)` all mean the same in a store.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from typing import Any

from dse.errors import nearest
from dse.language.arithmetic import FUNCTIONS
from dse.language.conditions import parse_condition
from dse.language.expressions import LONGEST, Expression, parse_expression
from dse.language.faults import Fault, told
from dse.language.place import Where
from dse.language.syntax import (
    Arithmetic,
    Comparison,
    Junction,
    Membership,
    Name,
    Node,
    Not,
    Number,
    ReplicateCall,
    Sign,
    Text,
    Truth,
    names_in,
)
from dse.language.typed_numbers import number_of

_COMPARE: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "=": ast.Eq,
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<>": ast.NotEq,
}
_CALCULATE: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
}


def parse_exclusion(value: Any, where: Where, names: Collection[str]) -> Expression:
    """Return the condition that a text is.

    Args:
        value: such as `width = 1.0 and depth in (2, 3)`.
        where: it stands, for error messages.
        names: what it may refer to.

    Raises:
        DseError: that points at the mistake, or says what is wrong with the expression.
    """
    if not isinstance(value, str) or len(value) > LONGEST or _is_of_pages(value):
        return parse_expression(value, where, names)
    try:
        root = parse_condition(value)
        parsed = _of(root, names)
    except Fault as fault:
        raise told(value, fault, f"{where}:") from None
    return Expression(value, where, frozenset(names_in(root)), parsed)


def _is_of_pages(text: str) -> bool:
    """Return whether a text is in the notation of pages, whose lists are texts alone."""
    try:
        parsed = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return False
    except (ValueError, RecursionError, MemoryError):
        return True
    nodes = {type(node) for node in ast.walk(parsed)}
    if nodes & {ast.Tuple, ast.List, ast.Is, ast.IsNot}:
        return False
    return not nodes & {ast.In, ast.NotIn} or not _is_condition(text)


def _is_condition(text: str) -> bool:
    try:
        parse_condition(text)
    except Fault:
        return False
    return True


def _of(node: Node, names: Collection[str]) -> ast.expr:
    match node:
        case Name(at=at, name=name):
            if name not in names:
                raise Fault(at, f"unknown name {name!r}; {nearest(name, names)}")
            return ast.Name(name, ast.Load())
        case Number():
            return ast.Constant(number_of(node, None))
        case Text(value=value):
            return ast.Constant(value)
        case Truth(value=truth):
            return ast.Constant(truth)
        case Sign(sign=sign, operand=operand):
            return ast.UnaryOp(ast.USub() if sign == "-" else ast.UAdd(), _of(operand, names))
        case Arithmetic(operator=symbol, left=left, right=right):
            return ast.BinOp(_of(left, names), _CALCULATE[symbol](), _of(right, names))
        case ReplicateCall(at=at, function=function, operand=operand):
            if function not in FUNCTIONS:
                raise Fault(at, f"unknown function {function!r}; {nearest(function, FUNCTIONS)}")
            return ast.Call(ast.Name(function, ast.Load()), [_of(operand, names)], [])
        case Comparison(operands=operands, operators=operators):
            first, *rest = (_of(operand, names) for operand in operands)
            return ast.Compare(first, [_COMPARE[symbol]() for symbol in operators], rest)
        case Membership(operand=operand, items=items, negated=negated):
            compared = _of(operand, names)
            equal: list[ast.expr] = [
                ast.Compare(compared, [ast.Eq()], [_of(item, names)]) for item in items
            ]
            found = ast.BoolOp(ast.Or(), equal)
            return ast.UnaryOp(ast.Not(), found) if negated else found
        case Not(operand=operand):
            return ast.UnaryOp(ast.Not(), _of(operand, names))
        case Junction(parts=parts, every=every):
            return ast.BoolOp(ast.And() if every else ast.Or(), [_of(p, names) for p in parts])
        case _:
            raise Fault(node.at, "this can be asked of a store, not of the axes of a grid")
