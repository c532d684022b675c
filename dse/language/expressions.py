"""The small, safe language of values in family pages and grids: `round_to(32 * width, 8)`.

Arithmetic, comparisons, `and/or/not`, `a if c else b` and the functions below, over the names that
a page defines. Evaluated by simpleeval; attributes, subscripts and every other call are refused.
A name may have a dot where a page's line runs over generated stages: `stage.channels`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any, Protocol, TypeVar

from simpleeval import InvalidExpression, SimpleEval

from dse.errors import DseError, nearest
from dse.language.arithmetic import FUNCTIONS, OPERATORS, checked_number, is_number
from dse.language.generators import GENERATOR_FUNCTIONS
from dse.language.place import Where

Value = int | float | str | bool
Item = TypeVar("Item")

_CONSTANTS = {"True": True, "False": False, "true": True, "false": False}
LONGEST = 1000
"""Characters of an expression."""
DEEPEST = 50
"""Levels of parentheses, operators and calls."""
MOST_LINKS = 50
"""Names that refer to each other, one behind the other."""
_ALLOWED = (
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Name, ast.Constant),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context),
)


class Names(Protocol):
    """Values by name: a dictionary, or a scope that works them out."""

    def __getitem__(self, name: str, /) -> Value:
        """Return the value of a name, or raise a `KeyError`."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression, or a plain value, with the place where it was written."""

    text: Value
    where: Where
    names: frozenset[str] = frozenset()
    parsed: Any = field(default=None, compare=False, repr=False)
    known: dict[tuple[Value, ...], Any] = field(default_factory=dict, compare=False, repr=False)
    """Results by the values of the names: spaces ask for the same few over and over."""

    def evaluate(self, names: Names) -> Any:
        """Return the value for these names.

        Raises:
            DseError: for an unknown name, or an operation that fails; it tells where.
        """
        if self.parsed is None:
            return self.text
        try:
            if isinstance(self.parsed, ast.Name) and self.names:
                return names[self.parsed.id]
            values = {name: names[name] for name in self.names}
        except KeyError as error:
            raise DseError(f"{self.where}: {error.args[0]!r} has no value here") from error
        key = tuple(values.values())
        if key not in self.known:
            if len(self.known) >= _MOST_KNOWN:
                self.known.clear()
            self.known[key] = self._evaluated(values)
        return self.known[key]

    def _evaluated(self, values: dict[str, Value]) -> Any:
        functions = {**FUNCTIONS, **GENERATOR_FUNCTIONS}
        try:
            generated = _plain_call(self.parsed, values)
            if generated is not None:
                return generated
            evaluator = SimpleEval(OPERATORS, functions, {**_CONSTANTS, **values})
            return evaluator.eval(str(self.text), previously_parsed=self.parsed)
        except DseError as error:
            raise DseError(f"{self.where}: {error}") from error
        except (InvalidExpression, ArithmeticError, TypeError, ValueError) as error:
            reason = str(error) or type(error).__name__
            raise DseError(f"{self.where}: cannot evaluate {self.text!r}: {reason}") from error


_MOST_KNOWN = 4096


def _plain_call(parsed: ast.expr, values: Mapping[str, Value]) -> Any:
    """Return what a generator gives that is called with names alone, as draws ask for by the
    thousand; None for any other expression.
    """
    if not isinstance(parsed, ast.Call) or parsed.keywords or not isinstance(parsed.func, ast.Name):
        return None
    generator = GENERATOR_FUNCTIONS.get(parsed.func.id)
    names = [each.id for each in parsed.args if isinstance(each, ast.Name)]
    if generator is None or len(names) < len(parsed.args) or not values.keys() >= {*names}:
        return None
    return generator(*(values[name] for name in names))


class _DottedNames(ast.NodeTransformer):
    """Turns `stage.channels` into one name, where such names are there."""

    def __init__(self, names: Iterable[str]) -> None:
        self.prefixes = {name.partition(".")[0] for name in names if "." in name}

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """Replace an attribute of a known prefix by a name with a dot."""
        if isinstance(node.value, ast.Name) and node.value.id in self.prefixes:
            return ast.Name(f"{node.value.id}.{node.attr}", ast.Load())
        return node


def in_order(
    named: Mapping[str, Item], expression_of: Callable[[Item], Expression | None]
) -> dict[str, Item]:
    """Return named things so that each comes behind those that its expression refers to.

    Raises:
        DseError: where they refer to each other in a circle.
    """
    graph = {}
    for name, item in named.items():
        expression = expression_of(item)
        used = expression.names if expression is not None else frozenset()
        graph[name] = [other for other in named if other in used]
    try:
        order = [*TopologicalSorter(graph).static_order()]
    except CycleError as error:
        # The sorter lists a circle against the direction in which it is referred to.
        circle = error.args[1][::-1]
        expression = expression_of(named[circle[0]])
        assert expression is not None, "what refers to nothing is in no circle"
        raise DseError(f"{expression.where}: a circle: {' → '.join(circle)}") from error
    links: dict[str, int] = {}
    for name in order:
        links[name] = 1 + max((links[other] for other in graph[name]), default=0)
        expression = expression_of(named[name])
        if links[name] > MOST_LINKS and expression is not None:
            raise DseError(f"{expression.where}: more than {MOST_LINKS} names lead to one another")
    return {name: named[name] for name in order}


def parse_expression(
    value: Any,
    where: Where,
    names: Iterable[str],
    functions: Iterable[str] = FUNCTIONS,
) -> Expression:
    """Parse a value of a page: a number or boolean as it is, a string as an expression.

    Args:
        value: what stands in the page.
        where: it stands, for error messages.
        names: what the expression may refer to.
        functions: what it may call.

    Raises:
        DseError: for a value of another type, bad syntax, or a name or function that is not there.
    """
    names = set(names)
    if isinstance(value, (bool, int, float)):
        try:
            return Expression(checked_number(value), where)
        except DseError as error:
            raise DseError(f"{where}: {error}") from error
    if not isinstance(value, str):
        raise DseError(f"{where}: expected a number or an expression, not {shortened(value)}")
    if len(value) > LONGEST:
        raise DseError(f"{where}: an expression has at most {LONGEST:,} characters")
    try:
        parsed = ast.parse(value.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise DseError(f"{where}: {shortened(value)} is not an expression") from error
    if _depth(parsed) > DEEPEST:
        raise DseError(f"{where}: {shortened(value)} has more than {DEEPEST} levels")
    parsed = _DottedNames(names).visit(parsed)
    called = {node.func for node in ast.walk(parsed) if isinstance(node, ast.Call)}
    allowed = {*names, *_CONSTANTS}
    used = set()
    for node in ast.walk(parsed):
        if not _is_allowed(node):
            raise DseError(
                f"{where}: {shortened(value)} reaches beyond the allowed functions; "
                f"valid: {', '.join(sorted(functions))}"
            )
        if isinstance(node, ast.Name):
            known = set(functions) if node in called else allowed
            kind = "function" if node in called else "name"
            if node.id not in known:
                hint = nearest(node.id, known if kind == "function" else allowed - set(_CONSTANTS))
                raise DseError(f"{where}: unknown {kind} {node.id!r} in {value!r}; {hint}")
            if node not in called:
                used.add(node.id)
    return Expression(value, where, frozenset(used - set(_CONSTANTS)), parsed)


def _is_allowed(node: ast.AST) -> bool:
    """Return whether a part of an expression is one that the language has."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and not node.keywords
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) or is_number(node.value)
    return isinstance(node, _ALLOWED)


def _depth(parsed: ast.AST) -> int:
    """Return how many levels an expression has; no recursion, which a deep one would exhaust."""
    level, depth = [parsed], 0
    while level:
        depth += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return depth


def shortened(value: Any) -> str:
    """Return what stood on a page as a message shows it."""
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


_SHOWN = 200
"""Characters of what stood on a page that a message repeats."""
