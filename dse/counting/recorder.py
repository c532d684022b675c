"""Watches a model run and records each operator and each module call."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from dse.counting import kernels
from dse.counting.functions import FunctionRecorder
from dse.counting.memory import LiveStorages
from dse.counting.operators import RULES, is_free, operator_name
from dse.counting.trace import Call, Operation, TensorSpec


def tensors_in(value: Any) -> Iterator[Tensor]:
    """Yield the tensors in nested tuples, lists and dicts."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors_in(item)
    elif hasattr(value, "__dataclass_fields__"):
        yield from tensors_in(vars(value))


class Recorder(TorchDispatchMode):
    """A dispatch mode that records operators, module calls and the lifetimes of storages."""

    def __init__(self, storages: LiveStorages, functions: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.storages = storages
        self.operations: list[Operation] = []
        self.calls: list[Call] = []
        self.unknown: dict[str, int] = {}
        self.failed: Call | None = None
        self._stack = [-1]
        self.function_mode = FunctionRecorder(self.operations, self._stack) if functions else None
        self._costs: dict[Any, tuple[str, int, int, tuple[Any, ...]]] = {}

    def __torch_dispatch__(
        self,
        func: torch._ops.OpOverload,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        key: tuple[Any, ...] | None
        try:
            key = kernels.call_key(func, args, kwargs)
        except kernels.Uncacheable:
            key = None
            args, kwargs = _on_one_device(args, kwargs)
        output = kernels.run(func, args, kwargs, key)

        storages = self.storages
        first = next(tensors_in(args), None)
        from_weights = (
            first is not None
            and storages.is_weight(first)
            and all(map(storages.is_weight, tensors_in((args, kwargs))))
        )
        made = list(tensors_in(output))
        for tensor in made:
            storages.add(tensor, from_weights)

        known = self._costs.get(key) if key is not None else None
        if known is None:
            known = (*self._cost(func, args, output), kernels.described(args))
            if key is not None and known[0] not in RULES:
                self._costs[key] = known
        name, macs, activations, arguments = known
        if macs < 0:
            self.unknown[name] = self.unknown.get(name, 0) + 1
            macs = 0
        outputs = tuple(map(TensorSpec.of, made))
        self.operations.append(
            Operation(name, self._stack[-1], arguments, outputs, macs, activations, storages.alive)
        )
        return output

    def _cost(
        self, func: torch._ops.OpOverload, args: Sequence[Any], output: Any
    ) -> tuple[str, int, int]:
        """Return name, MACs (−1 where they are not known) and activations of an operator call."""
        name = operator_name(func)
        rule = RULES.get(name)
        if rule is None:
            return name, 0 if is_free(func) else -1, 0
        is_layer = rule.weighted is None or any(
            self.storages.is_weight(args[position]) for position in rule.weighted
        )
        activations = next(tensors_in(output)).numel() if is_layer else 0
        return name, rule.macs(args, output), activations

    def watch(self, model: nn.Module) -> None:
        """Record every call of a replica's modules, also by `.forward`.

        It sets an instance attribute, so the model must be a replica that nobody else uses.
        """
        for name, module in model.named_modules():
            if not isinstance(module, torch.jit.ScriptModule):
                module.__dict__["forward"] = self._recorded(name, module, module.forward)

    def _recorded(
        self, name: str, module: nn.Module, forward: Callable[..., Any]
    ) -> Callable[..., Any]:
        @functools.wraps(forward)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            inputs = tuple(map(TensorSpec.of, tensors_in((args, kwargs))))
            call = Call(name, module, self._stack[-1], inputs)
            self._stack.append(len(self.calls))
            self.calls.append(call)
            try:
                output = forward(*args, **kwargs)
            except BaseException:
                self.failed = self.failed or call
                raise
            finally:
                self._stack.pop()
            call.outputs = tuple(map(TensorSpec.of, tensors_in(output)))
            return output

        return recorded


def _on_one_device(
    args: Sequence[Any], kwargs: dict[str, Any]
) -> tuple[Sequence[Any], dict[str, Any]]:
    """Move CPU tensors to the meta device where an operator mixes the two."""
    tensors = list(tensors_in((args, kwargs)))
    if not any(tensor.is_meta for tensor in tensors) or all(
        tensor.is_meta or tensor.dim() == 0 for tensor in tensors
    ):
        return args, kwargs

    def moved(value: Any) -> Any:
        if isinstance(value, Tensor):
            return value if value.dim() == 0 else value.to("meta")
        if isinstance(value, (list, tuple)):
            return type(value)(map(moved, value))
        return value

    return tuple(map(moved, args)), {name: moved(value) for name, value in kwargs.items()}
