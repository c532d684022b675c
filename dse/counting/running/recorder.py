"""Watches a model run and records each operator and each module call."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.profiler import record_function

from dse.counting.meta_device import (
    KnownCall,
    KnownValues,
    functions_of_values,
    kind_of,
    run_without_data,
)
from dse.counting.modules import modules_within
from dse.counting.operators import (
    LOOKED_UP,
    ModuleRule,
    OperatorCall,
    costs_of_call,
    has_own_rules,
    module_rule,
    operator_call,
    operator_name,
    rule_of,
)
from dse.counting.running.functions import FunctionRecorder
from dse.counting.running.lazy_outputs import followed, run_to_its_end
from dse.counting.running.operator_notes import OperatorNotes
from dse.counting.running.other_threads import UnseenRuns
from dse.counting.tensors import LiveStorages, returned_tensors, spec_of, tensors_in
from dse.counting.torch_internals import (
    STOPS_EARLY,
    DispatchMode,
    Operator,
    is_graph_made,
    is_higher_order,
    is_jagged,
    run_higher_order,
    unseen_functions,
)
from dse.counting.trace_records import Call, Operation, counted_in
from dse.errors import DseError

MARK = "dse operator "
"""What the name of an operator's span begins with in a profile; its index follows."""


NESTED = "nested tensors are not counted: give padded ones, or each of their parts on its own"
"""What is said of a model that makes or is given nested tensors."""


class Recorder(DispatchMode):
    """A dispatch mode that records operators, module calls and the lifetimes of storages.

    Args:
        storages: what was alive before; weights and inputs are.
        functions: record also which functions of PyTorch are called.
        real: the tensors have data.
        marked: name each operator's span in a profile by its index.
        known: what is known of tensors without data.
        given: the ids of storages of further tensors that there were before.
    """

    supports_higher_order_operators = True

    def __init__(
        self,
        storages: LiveStorages,
        functions: bool = False,
        real: bool = False,
        marked: bool = False,
        known: KnownValues | None = None,
        given: Set[int] = frozenset(),
    ) -> None:
        super().__init__()
        self.real = real
        self.marked = marked
        self.storages = storages
        self.known = known or KnownValues()
        self.operations: list[Operation] = []
        self.calls: list[Call] = []
        self.unknown: dict[str, int] = {}
        self.failed: Call | None = None
        self.saw_autocast = False
        """Whether the model turned autocast on, which passes over tensors on the meta device."""
        self.weights_taken: dict[int, int] = {}
        """By the id of a weight's storage: elements of it that operators took."""
        self.again: Callable[[], AbstractContextManager[object]] | None = None
        """Makes the mode in which modules run again in the backward pass, where autograd has none
        of the forward pass: those under a checkpoint."""
        self._stack = [-1]
        self.unseen = UnseenRuns(self._running_layer, storages, given, not real)
        """What runs where it is not recorded."""
        self.function_mode: FunctionRecorder | None = None
        if functions:
            others = {} if real else functions_of_values(self.known)
            self.function_mode = FunctionRecorder(self.operations, self._stack, others)
        self._owner: nn.Module | None = None
        self._watched: list[tuple[nn.Module, Any]] = []
        """Modules whose calls are recorded, each with the forward that was an attribute of it."""
        self.shares_costs = not has_own_rules()
        """Whether an operator costs what another trace found."""
        self.notes: OperatorNotes | None = None
        """Takes what is noted of operators, where the run is to be worked out at other sizes."""

    def __torch_dispatch__(
        self,
        func: Operator,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if is_higher_order(func):
            # Control flow (`torch.cond`) and the like run what they are made of.
            with self:
                return run_higher_order(func, args, kwargs)
        if any(map(is_jagged, types)):
            raise DseError(NESTED)
        kind = kind_of(func)
        if kind.is_primitive:
            return func(*args, **kwargs)
        if kind.is_composed and rule_of(operator_name(func)) is None:
            with self:
                return func.decompose(*args, **kwargs)
        known: KnownCall | None = None
        if self.marked:
            with record_function(f"{MARK}{len(self.operations)}"):
                output = func(*args, **kwargs)
        elif self.real or is_graph_made():
            output = func(*args, **kwargs)
        else:
            output, known = run_without_data(func, args, kwargs, self.known)
            self.known.follow(func, args, kwargs, output)
        done = operator_call(func, args, kwargs, output)
        self._record(done, known)
        return output

    def _record(self, done: OperatorCall, known: KnownCall | None) -> None:
        """Record a call of an operator, with what is known of such calls."""
        storages, made = self.storages, done.made
        are_weights = [place in storages.weights for place in done.places]
        from_weights = done.has_positional and all(are_weights)
        if self.unseen.is_watchful and not self.known.is_stopped:
            self.unseen.look_for(done.operands, operator_name(done.operator))
        storages.now += 1
        for tensor in made:
            # Beside data, what is without any takes no memory: PyTorch works out shapes by it.
            if not (self.real and tensor.is_meta):
                storages.add(tensor, from_weights)
        costs = costs_of_call(done, storages, known if self.shares_costs else None)
        name, macs, activations, read, written, arguments = costs
        if read and any(are_weights):
            self._note_weights(name, done, are_weights)
        if self._owner is not None:
            macs = activations = 0
        elif macs < 0:
            self.unknown[name] = self.unknown.get(name, 0) + 1
            macs = 0
        if self.notes is not None:
            self.notes.note(done, is_known=known is not None)
        outputs = (known and known.outputs) or tuple(map(spec_of, made))
        call, alive = self._stack[-1], storages.alive
        self.operations.append(
            Operation(name, call, arguments, outputs, macs, activations, alive, read, written)
        )

    def _note_weights(self, name: str, done: OperatorCall, are_weights: list[bool]) -> None:
        """Note what an operator takes of weights."""
        for position, tensor in enumerate(done.operands):
            if are_weights[position]:
                taken = tensor.numel()
                if position == 0 and name in LOOKED_UP:
                    taken = sum(each.numel() for each in done.made)
                place = done.places[position]
                self.weights_taken[place] = self.weights_taken.get(place, 0) + taken

    @property
    def call(self) -> int:
        """Index of the innermost module call that is running; −1 outside any."""
        return self._stack[-1]

    @call.setter
    def call(self, index: int) -> None:
        self._stack[-1] = index

    def take_notes(self, inputs: Iterable[Tensor]) -> OperatorNotes:
        """Note of each operator what it follows from, and return where that is noted."""
        self.notes = OperatorNotes(self.storages)
        self.notes.is_whole = self.shares_costs and not self.real
        for tensor in inputs:
            self.notes.place(tensor)
        return self.notes

    def fix_gradients(self, model: nn.Module) -> None:
        """Note that what comes now follows from the gradients of a model's parameters alone."""
        if self.notes is not None:
            gradients = (parameter.grad for parameter in model.parameters())
            self.notes.fix(each for each in gradients if each is not None)
            self.notes = None

    def note_autocast(self) -> None:
        """Note whether autocast is on; an operator cannot tell any more once it is dispatched."""
        self.saw_autocast = self.saw_autocast or torch.is_autocast_enabled("cpu")

    def note_function(self, function: Callable[..., Any]) -> None:
        """Note that a function of PyTorch is called, which may be a module's doing."""
        self.note_autocast()
        if self.notes is not None and self.call >= 0:
            self.notes.note_function(function)

    def watch(self, model: nn.Module, counted_as: Mapping[str, torch.dtype] | None = None) -> None:
        """Record every call of a replica's modules, also by `.forward`.

        Args:
            model: the replica.
            counted_as: what is made within a module is counted as, as in `Trace.counted_as`.

        It sets an instance attribute, so the model must be a replica that nobody else uses.
        """
        for name, module in modules_within(model):
            own = getattr(module, "forward", None)
            # A scripted container has none.
            if own is not None:
                forward = self._recorded(name, module, own)
                if counted_as and counted_as.keys() - {""}:
                    forward = self._counted(counted_in(name, counted_as), forward)
                self._watched.append((module, module.__dict__.get("forward")))
                module.__dict__["forward"] = forward

    def end(self) -> None:
        """Let go of the model: modules that refer to what watched them would wait for a collector.

        What was recorded stays.
        """
        for module, before in self._watched:
            if before is None:
                module.__dict__.pop("forward", None)
            else:
                module.__dict__["forward"] = before
        self._watched.clear()
        self.again = None
        self.storages.end()
        self.known.stop()

    def _counted(
        self, counted_as: torch.dtype | None, forward: Callable[..., Any]
    ) -> Callable[..., Any]:
        @functools.wraps(forward)
        def counted(*args: Any, **kwargs: Any) -> Any:
            before, self.storages.counted_as = self.storages.counted_as, counted_as
            try:
                return forward(*args, **kwargs)
            finally:
                self.storages.counted_as = before

        return counted

    def _recorded(
        self, name: str, module: nn.Module, forward: Callable[..., Any]
    ) -> Callable[..., Any]:
        @functools.wraps(forward)
        def recorded(*args: Any, **kwargs: Any) -> Any:
            if self.unseen.is_elsewhere():
                self.unseen.note(f"{name!r}" if name else "itself")
                return forward(*args, **kwargs)
            with unseen_functions():
                inputs = tuple(map(spec_of, tensors_in((args, kwargs))))
            call = Call(name, module, self._stack[-1], inputs)
            index = len(self.calls)
            self._stack.append(index)
            self.calls.append(call)
            if self.notes is not None:
                with unseen_functions():
                    self.notes.note_entered(tensors_in((args, kwargs)))
            self.note_autocast()
            rule = module_rule(module) if self._owner is None else None
            if rule is not None:
                self._owner = module
            again, self.again = self.again, None
            try:
                with nullcontext() if again is None else again():
                    output = forward(*args, **kwargs)
                    if call.parent < 0:
                        output = run_to_its_end(output)
            except BaseException as error:
                if not isinstance(error, STOPS_EARLY):
                    self.failed = self.failed or call
                raise
            finally:
                self.again = again
                self._stack.pop()
                if self._owner is module:
                    self._owner = None
            if rule is None and isinstance(output, Iterator):
                if self.notes is not None:
                    self.notes.is_whole = False
                return followed(output, partial(self._running, index), partial(_add_outputs, call))
            with unseen_functions():
                returned = returned_tensors(output)
                call.outputs = tuple(map(spec_of, returned))
                if self.notes is not None:
                    self.notes.note_left(index, returned)
            if rule is not None:
                self._add_module_cost(rule, index, call)
            return output

        return recorded

    @contextmanager
    def _running(self, index: int) -> Iterator[None]:
        """Let operators be of a module call that has returned, but goes on."""
        self._stack.append(index)
        try:
            yield
        finally:
            self._stack.pop()

    def _running_layer(self) -> str:
        return self.calls[self.call].name if self.call >= 0 else ""

    def _add_module_cost(self, rule: ModuleRule, index: int, call: Call) -> None:
        """Record the registered cost of a module in place of its operators' costs."""
        kind = type(call.module)
        name = f"{kind.__module__}.{kind.__qualname__}"
        macs = rule(call.module, call.inputs, call.outputs)
        alive = self.storages.alive
        self.storages.now += 1
        self.operations.append(Operation(name, index, call.inputs, call.outputs, macs, 0, alive))


def _add_outputs(call: Call, item: Any) -> None:
    call.outputs += tuple(map(spec_of, returned_tensors(item)))
