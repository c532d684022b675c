"""Walks through the modules of a model, as PyTorch makes them, but at once and without generators.

A count goes through a model some ten times, which takes as long as to run it.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from dse.counting.torch_internals import held_buffers, held_modules, held_parameters

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
"""Modules that only hold others; what they return is what their last layer returned."""

NamedModules = list[tuple[str, nn.Module]]


def modules_within(model: nn.Module) -> NamedModules:
    """Return what `named_modules` yields: each module once, by its first name, parents first."""
    found: NamedModules = []
    seen: set[int] = set()
    waiting: list[tuple[str, nn.Module]] = [("", model)]
    while waiting:
        name, module = waiting.pop()
        if id(module) in seen:
            continue
        if type(module).named_modules is not nn.Module.named_modules:
            return [*model.named_modules()]
        seen.add(id(module))
        found.append((name, module))
        prefix = f"{name}." if name else ""
        children = [(prefix + key, c) for key, c in held_modules(module).items() if c is not None]
        waiting += reversed(children)
    return found


def tensors_held(modules: NamedModules) -> list[Tensor]:
    """Return the parameters and then the buffers of modules, each once, as PyTorch lists them."""
    parameters = (p for _, module in modules for p in held_parameters(module).values())
    buffers = (b for _, module in modules for b in held_buffers(module).values())
    found = {id(each): each for each in (*parameters, *buffers) if each is not None}
    return [*found.values()]


def attribute_of(module: nn.Module, name: str, otherwise: Any = None) -> Any:
    """Return an attribute of a module as `getattr` does, which is slow to find that there is none.

    Args:
        module: any.
        name: of no submodule, parameter or buffer.
        otherwise: where it has none.
    """
    own = vars(module)
    if name in own:
        return own[name]
    kind = type(module)
    if not hasattr(kind, name) and kind.__getattr__ is nn.Module.__getattr__:
        return otherwise
    return getattr(module, name, otherwise)
