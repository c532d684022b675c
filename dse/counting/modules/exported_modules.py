"""What `torch.export` made of a model, as the modules that its operators ran in."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor, fx, nn
from torch.fx.node import map_arg

from dse.counting.modules.graph_parts import Call, FileGraph, GraphNode

_GUARDS = "_guards_fn"
"""The name of what checks the inputs of an exported module."""
_STACK = "nn_module_stack"


class ExportedGraph(FileGraph):
    """An exported module with layers, which takes and returns what that does."""

    def __init__(self, module: fx.GraphModule) -> None:
        """Arrange the operators of a module, whose weights it shares."""
        nodes = list(module.graph.nodes)
        taken = {node.name: str(node.target) for node in nodes if node.op == "get_attr"}
        named: dict[str, Tensor] = {**dict(module.named_parameters(remove_duplicate=False))}
        named |= dict(module.named_buffers(remove_duplicate=False))
        weights = {value: (name, named[name]) for value, name in taken.items() if name in named}
        # What no operator takes is a weight all the same.
        untaken = named.keys() - taken.values()
        weights |= {f"untaken {name}": (name, named[name]) for name in named if name in untaken}
        held = {value: _at(module, name) for value, name in taken.items() if name not in named}
        super().__init__(
            [_operator(node) for node in nodes if node.op == "call_function"],
            weights,
            [*(node.name for node in nodes if node.op == "placeholder"), *held],
            [node.name for node in nodes[-1].all_input_nodes],
        )
        self.held = held
        """What it holds besides weights, by the names of the values."""
        self.flat_inputs = _flat_inputs(module)
        self.output = _output(module)
        self.train(module.training)

    def forward(self, *values: Any, **named: Any) -> Any:
        """Return what the module does."""
        made = super().forward(*self.flat_inputs(*values, **named), **self.held)
        return self.output(made)


def with_layers(module: nn.Module) -> ExportedGraph | None:
    """Return what an exported module does as the layers that it was exported from.

    None for any other module, and for one that tells of no layers.
    """
    if not isinstance(module, fx.GraphModule):
        return None
    nodes = list(module.graph.nodes)
    is_flat = all(node.target == _GUARDS for node in nodes if node.op == "call_module")
    is_flat = is_flat and all(node.op != "call_method" for node in nodes)
    return ExportedGraph(module) if is_flat and any(map(_calls, nodes)) else None


def _flat_inputs(module: fx.GraphModule) -> Callable[..., Sequence[Any]]:
    graph, signature = module.graph, inspect.signature(module.forward)

    def flat(*values: Any, **named: Any) -> Sequence[Any]:
        bound = signature.bind(*values, **named)
        flattened: Sequence[Any] = graph.process_inputs(*bound.args, *bound.kwargs.values())
        return flattened

    return flat


def _output(module: fx.GraphModule) -> Callable[[Any], Any]:
    """Return how the output of a module is made of the tensors in it, each told once."""
    graph = module.graph
    end = list(graph.nodes)[-1]
    names = [node.name for node in end.all_input_nodes]

    def output(made: Any) -> Any:
        values = dict(zip(names, (made,) if len(names) == 1 else made, strict=True))
        return graph.process_outputs(map_arg(end.args[0], lambda node: values[node.name]))

    return output


def _operator(node: fx.Node) -> GraphNode:
    target: Any = node.target

    def run(values: Mapping[str, Any]) -> Sequence[Any]:
        args, kwargs = map_arg((node.args, node.kwargs), lambda each: values[each.name])
        return (target(*args, **kwargs),)

    return GraphNode(run, tuple(n.name for n in node.all_input_nodes), (node.name,), _calls(node))


def _calls(node: fx.Node) -> tuple[Call, ...]:
    """Return the calls of modules that an operator ran in, without that of the network."""
    return tuple(_of_stack(node.meta.get(_STACK) or {})) if node.op == "call_function" else ()


def _of_stack(stack: Mapping[str, tuple[str, Any]]) -> Iterator[Call]:
    for key, (name, kind) in stack.items():
        if name:
            path = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
            yield key, name.partition("@")[0], path


def _at(module: nn.Module, path: str) -> Any:
    return functools.reduce(getattr, path.split("."), module)
