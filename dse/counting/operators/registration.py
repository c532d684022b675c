"""Costs that users add: of an operator of their own, or of a module type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from torch import nn

from dse.counting.operators.operator_costs import RULES
from dse.counting.operators.operator_macs import OperatorRule
from dse.counting.operators.own_rules import forget_rule, note_rule
from dse.counting.tensors import TensorSpec
from dse.errors import DseError

ModuleRule = Callable[[nn.Module, Sequence[TensorSpec], Sequence[TensorSpec]], int]
"""(module, specs of its input tensors, specs of its output tensors) -> multiply-accumulates."""

_SHIPPED = dict(RULES)
_MODULES: dict[type[nn.Module], ModuleRule] = {}


def register_operator(name: str, macs: Callable[[Sequence[Any], Any], int]) -> None:
    """Tell what an operator costs, in place of what is known of it.

    Args:
        name: with its namespace, such as `mylib::fused_linear`.
        macs: multiply-accumulates from the operator's positional arguments (tensors among them)
            and its output.

    Raises:
        DseError: for a name without namespace.

    >>> register_operator("mylib::fused_linear", lambda args, out: out.numel() * args[0].shape[-1])
    """
    namespace, separator, operator = name.replace("::", ".").partition(".")
    if not (namespace and separator and operator):
        raise DseError(f"operator {name!r} has no namespace; expected one as in 'aten::mm'")
    name = f"{namespace}.{operator}"
    RULES[name] = OperatorRule(macs, ())
    note_rule(name, macs)


def register_module(kind: type[nn.Module], macs: ModuleRule) -> None:
    """Tell what a module type costs, in place of the operators that it runs.

    >>> register_module(nn.Identity, lambda module, inputs, outputs: 0)
    """
    _MODULES[kind] = macs
    note_rule(kind, macs)


def unregister(what: str | type[nn.Module]) -> None:
    """Take back a registered cost, so that what dse knows itself counts again.

    What was not registered is an error.

    Raises:
        DseError: where nothing is registered under this name or type.
    """
    if isinstance(what, str):
        what = what.replace("::", ".")
        shipped = _SHIPPED.get(what)
        known = RULES.get(what) is not shipped
        if shipped is not None:
            RULES[what] = shipped
        else:
            RULES.pop(what, None)
        forget_rule(what)
    else:
        known = _MODULES.pop(what, None) is not None
        forget_rule(what)
    if not known:
        raise DseError(f"{what} has no registered cost")


def module_rule(module: nn.Module) -> ModuleRule | None:
    """Return the registered cost of a module's type or of the nearest type it derives from."""
    if not _MODULES:
        return None
    return next((_MODULES[kind] for kind in type(module).__mro__ if kind in _MODULES), None)
