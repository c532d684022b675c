"""Models of callables taken apart: those that run one part after the other cost what these cost.

`torch.fx` says what a model's own forward does with its submodules. Where that is a chain, a part
is costed like a block of a page, by what it is and what enters it, so that networks that share
parts share their traces; a plain sequence is costed by its own parts. Everything else is traced
whole, also a forward that keeps a tensor in a second variable: what a variable holds is alive
longer than the chain tells.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import BuiltinFunctionType, FunctionType
from typing import Any, NamedTuple

import torch
from torch import Tensor, fx, nn

from dse.code import foreign_code
from dse.counting import has_hooks, held_buffers, held_modules, held_parameters
from dse.errors import DseError
from dse.space.blocks import is_trusted
from dse.space.candidate import ResolvedBlock

_OF_ANY_MODULE = frozenset(vars(nn.Module()))


@dataclass(frozen=True)
class ChainPart:
    """One step of a chain."""

    block: ResolvedBlock
    """What identifies it: a hash of its class, settings and parameters."""
    module: nn.Module
    is_function: bool
    """Whether it is a function that the model calls itself, and not a submodule."""
    inner: tuple[ChainPart, ...] = ()
    """The parts of a plain sequence."""


class Function(nn.Module):
    """A function of one tensor as a module."""

    def __init__(self, function: Callable[..., Any], arguments: Sequence[Any], named: Any) -> None:
        super().__init__()
        self.function, self.arguments, self.named = function, tuple(arguments), dict(named)

    def forward(self, tensor: Tensor) -> Any:
        """Return what the function returns."""
        return self.function(tensor, *self.arguments, **self.named)


class Method(nn.Module):
    """A method of a tensor as a module."""

    def __init__(self, method: str, arguments: Sequence[Any], named: Any) -> None:
        super().__init__()
        self.method, self.arguments, self.named = method, tuple(arguments), dict(named)

    def forward(self, tensor: Tensor) -> Any:
        """Return what the method returns."""
        return getattr(tensor, self.method)(*self.arguments, **self.named)


class _Tracer(fx.Tracer):
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        """Look into no module: each is a part."""
        return True


def parts_of(model: nn.Module) -> list[ChainPart] | None:
    """Return the parts that a model runs one after the other, in order.

    None where its forward is no chain in training and evaluation alike, where it keeps tensors
    longer than a chain does, where parts share parameters, or where what one of them is cannot be
    told from its class, settings and parameters.
    """
    if not holds_one_tensor(model) or has_hooks(model):
        return None
    training = model.training
    try:
        graphs = []
        with foreign_code(str):
            for model.training in (False, True):
                graphs.append(_Tracer().trace(model))
    except DseError:
        # Control flow that depends on the input.
        return None
    finally:
        model.training = training
    evaluated, trained = (_chain(model, graph) for graph in graphs)
    if evaluated is None or trained is None or evaluated != trained:
        return None
    parts = [_identified(module, is_function) for _, module, is_function in evaluated]
    found = [part for part in parts if part is not None]
    return found if len(found) == len(parts) and _is_apart(model, found) else None


class _Link(NamedTuple):
    what: str
    module: nn.Module
    is_function: bool

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Link) and self.what == other.what

    def __hash__(self) -> int:
        return hash(self.what)


def _chain(model: nn.Module, graph: fx.Graph) -> list[_Link] | None:
    """Return what a graph does, step by step; None where that is no chain."""
    links: list[_Link] = []
    before: fx.Node | None = None
    for node in graph.nodes:
        if node.op == "placeholder":
            # Further arguments may only be left out.
            if before is not None and (node.users or not node.args):
                return None
            before = before or node
            continue
        if node.op == "output":
            return links if links and node.args == (before,) else None
        link = _link(model, node, before)
        if link is None:
            return None
        links.append(link)
        before = node
    return None


def _link(model: nn.Module, node: fx.Node, before: fx.Node | None) -> _Link | None:
    first, *others = node.args or (None,)
    rest = [*others, *node.kwargs.values()]
    if before is None or first is not before or len(before.users) != 1:
        return None
    if not all(map(_is_plain, rest)):
        return None
    what = f"{node.op} {node.target} {others} {node.kwargs}"
    if node.op == "call_module":
        return None if rest else _Link(what, model.get_submodule(str(node.target)), False)
    if node.op == "call_function" and isinstance(node.target, FunctionType | BuiltinFunctionType):
        return _Link(what, Function(node.target, others, node.kwargs), True)
    if node.op == "call_method":
        return _Link(what, Method(str(node.target), others, node.kwargs), True)
    return None


def _identified(module: nn.Module, is_function: bool) -> ChainPart | None:
    try:
        content = json.dumps(_signature(module))
    except _UnknowableError:
        return None
    digest = hashlib.blake2b(content.encode(), digest_size=16).hexdigest()
    # What is not PyTorch's, torchvision's or timm's may be other code tomorrow.
    is_lasting = all(map(_is_lasting, module.modules()))
    inner: list[ChainPart | None] = []
    if type(module) is nn.Sequential and len(set(module)) == len(module):
        inner = [_identified(child, is_function=False) for child in module]
    known = tuple(part for part in inner if part is not None)
    return ChainPart(ResolvedBlock(f"module:{digest}", (), is_lasting), module, is_function, known)


def _is_lasting(module: nn.Module) -> bool:
    return isinstance(module, Function | Method) or is_trusted(type(module))


def _is_apart(model: nn.Module, parts: Sequence[ChainPart]) -> bool:
    """Return whether the parts hold all of a model's tensors, and none of them twice."""
    held = [id(t) for part in parts for t in (*part.module.parameters(), *part.module.buffers())]
    every = {id(tensor) for tensor in (*model.parameters(), *model.buffers())}
    modules = [id(part.module) for part in parts]
    return len(held) == len(set(held)) and set(held) == every and len(modules) == len(set(modules))


class _UnknowableError(Exception):
    """Something that does not say in full what it is."""


def _signature(module: nn.Module) -> Any:
    """Return all that the forward of a module can depend on, apart from the values of tensors."""
    if has_hooks(module):
        raise _UnknowableError
    kind, own = type(module), vars(module)
    children = held_modules(module).items()
    return {
        "class": f"{kind.__module__}.{kind.__qualname__}",
        "training": module.training,
        "tensors": [
            [name, None if tensor is None else _tensor(tensor)]
            for held in (held_parameters(module), held_buffers(module))
            for name, tensor in held.items()
        ],
        "children": [[name, None if c is None else _signature(c)] for name, c in children],
        "settings": [
            [name, _value(value)] for name, value in own.items() if name not in _OF_ANY_MODULE
        ],
    }


def _tensor(tensor: Tensor) -> Any:
    return [list(tensor.shape), list(tensor.stride()), str(tensor.dtype), tensor.requires_grad]


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, bool | int | float | str | torch.dtype)


def _value(value: Any) -> Any:
    """Return an attribute as JSON has it, told apart from equal ones of other types."""
    if _is_plain(value) and not isinstance(value, list | tuple):
        return [type(value).__name__, str(value)]
    if isinstance(value, list | tuple):
        return [type(value).__name__, [_value(item) for item in value]]
    if isinstance(value, set | frozenset):
        return ["set", sorted(map(str, value))]
    if isinstance(value, dict):
        return ["dict", [[str(key), _value(item)] for key, item in value.items()]]
    if isinstance(value, FunctionType | BuiltinFunctionType | type):
        name = f"{value.__module__}.{value.__qualname__}"
        # A function within another one may depend on that one's variables.
        if "<" not in name:
            return ["function", name]
    raise _UnknowableError


def holds_one_tensor(model: nn.Module) -> bool:
    """Return whether the forward of a model holds one tensor at a time, as a chain does.

    It has one variable, its argument; another method of its own may only take over as the last
    thing it does, with the argument as it came.
    """
    return _has_one_variable(type(model), "forward", set())


def _has_one_variable(kind: type[nn.Module], method: str, seen: set[str]) -> bool:
    if kind is nn.Sequential:
        return True
    try:
        source = textwrap.dedent(inspect.getsource(getattr(kind, method)))
    except (OSError, TypeError):
        return False
    (function,) = ast.parse(source).body
    if not isinstance(function, ast.FunctionDef) or method in seen:
        return False
    own, variable = ([argument.arg for argument in function.args.args] + ["", ""])[:2]
    stored = {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and _is_stored(n)}
    if not stored <= {variable} or any(isinstance(n, _KEEPING) for n in ast.walk(function)):
        return False
    handed = _handed_on(kind, function, own)
    if not handed:
        return True
    # The caller still holds what it hands on, so that has to be what the network was given.
    (name, is_last), *others = handed
    return is_last and not stored and not others and _has_one_variable(kind, name, {method, *seen})


_KEEPING = (ast.For, ast.While, ast.With, ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.NamedExpr)


def _is_stored(name: ast.Name) -> bool:
    return not isinstance(name.ctx, ast.Load)


def _handed_on(
    kind: type[nn.Module], function: ast.FunctionDef, own: str
) -> list[tuple[str, bool]]:
    """Return the methods of its class that a function calls, and whether each ends it."""
    last = function.body[-1]
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == own and hasattr(kind, node.func.attr):
                ends = isinstance(last, ast.Return) and last.value is node
                found.append((node.func.attr, ends))
    return found
