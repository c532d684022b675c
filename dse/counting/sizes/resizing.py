"""Runs of a model on inputs of other sizes, worked out from one that was traced.

A model that does the same at any size (see `size_free`) runs the same operators there, on tensors
that live as long. Which sizes those have and what each operator costs is what its kernel and rule
say of them, as in any trace; the model, its modules and autograd need not run again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, cast

from dse.counting.running import (
    MEAN_OF,
    SIZES,
    SLICE,
    STRIDES,
    NotedOperator,
    NotFollowed,
    OperatorNotes,
    TensorNumber,
    are_alike,
)
from dse.counting.sizes.resized_calls import Called, called
from dse.counting.tensors import BITS, GradientSpec, Lifetime, TensorSpec, handed_on_as
from dse.counting.trace_records import Operation, Trace
from dse.counting.training import TrainingStep

Run = TypeVar("Run", Trace, TrainingStep)


@dataclass(frozen=True, slots=True)
class _AtSize:
    """What a run is made of at another size."""

    specs: Sequence[TensorSpec]
    """Of each tensor, by its number."""
    operations: tuple[Operation, ...]
    lifetimes: dict[int, Lifetime]
    """By the ids of those of the run that was traced."""

    def moved(self, lifetimes: Iterable[Lifetime]) -> tuple[Lifetime, ...]:
        return tuple(self.lifetimes[id(each)] for each in lifetimes)


class SizedRun(Generic[Run]):
    """A run that was traced, from which others on inputs of other sizes follow.

    Args:
        run: a trace or a training step of a model with one input.
        notes: what was noted of it.
    """

    def __init__(self, run: Run, notes: OperatorNotes) -> None:
        self._run: Run = run
        self._notes = notes
        self._first = {number: place for place, number in reversed([*enumerate(notes.storages)])}
        """The first tensor on each storage."""
        self._makers = {place: step for step in reversed(notes.steps) for place in step.made}
        self.is_followed = notes.is_whole and self._is_told()
        """Whether runs at other sizes follow from it."""

    @property
    def dtype(self) -> str:
        """Of the input, by its name."""
        return self._notes.specs[0].dtype

    def at(self, given: TensorSpec) -> Run | None:
        """Return the run on an input; None where that does other things, or may do."""
        run: Trace | TrainingStep = self._run
        try:
            found = self._worked_out(given)
            moved = self._trace(run, found) if isinstance(run, Trace) else self._step(run, found)
        except NotFollowed:
            return None
        return cast("Run", moved)

    def _is_told(self) -> bool:
        """Return whether what was noted tells all of the run, as it does of almost any."""
        run, notes = self._run, self._notes
        sizes = {number: nbytes_of(notes.specs[place]) for number, place in self._first.items()}
        told = (
            len(run.inputs) == 1
            and len(notes.entered) == len(run.calls) == len(notes.left)
            and all(sizes.get(id(each), each.nbytes) == each.nbytes for each in run.lifetimes)
            and _alive(run.lifetimes, len(run.operations)) == [e.alive for e in run.operations]
        )
        if isinstance(run, Trace):
            peak = _peak(run.input_bytes, run.operations)
            return told and not run.unknown and peak == run.peak_activation_bytes
        return told and not (run.lent_bytes or run.cached_bytes) and len(run.input_gradients) < 2

    def _worked_out(self, given: TensorSpec) -> _AtSize:
        run, notes = self._run, self._notes
        specs: list[Any] = [None] * len(notes.specs)
        self._put(specs, TensorNumber(0), given)
        calls = [None if step.is_fixed else self._called(step, specs) for step in notes.steps]
        if None in specs or any(specs[each] != notes.specs[each] for each in notes.fixed):
            raise NotFollowed
        lifetimes = {id(each): each for each in run.lifetimes}
        for number, place in self._first.items():
            old, spec = lifetimes[number], specs[place]
            lifetimes[number] = Lifetime(nbytes_of(spec), spec, old.born, old.died, old.saved)
        alive = _alive(lifetimes.values(), len(run.operations))
        calls += [None] * (len(alive) - len(calls))
        both = zip(run.operations, calls, alive, strict=True)
        return _AtSize(specs, tuple(_operation(*each) for each in both), lifetimes)

    def _called(self, step: NotedOperator, specs: list[Any]) -> Called:
        """Return what a step makes and costs, and note the tensors that it makes."""
        found = called(step, self._sizes(step, specs), [specs[each] for each in step.takes])
        for place, spec in zip(step.made, found.made, strict=True):
            self._put(specs, place, spec)
        return found

    def _put(self, specs: list[Any], place: TensorNumber, spec: TensorSpec) -> None:
        """Note what a tensor is at another size, if it is alike."""
        if specs[place] != spec:
            if specs[place] is not None or not are_alike(self._notes.specs[place], spec):
                raise NotFollowed
            specs[place] = spec

    def _sizes(self, step: NotedOperator, specs: Sequence[Any]) -> dict[int, Any]:
        """Return the arguments of a step, by their places, that are other ones at this size."""
        operator, was = step.operator, self._notes.specs
        if operator in SIZES:
            place, at = SIZES[operator], STRIDES.get(operator)
            spec = self._of_sizes(step.args[place], None if at is None else step.args[at], specs)
            return {place: tuple(spec.shape)} | ({} if at is None else {at: tuple(spec.stride)})
        if operator is MEAN_OF:
            maker = self._makers.get(step.takes[0])
            if maker is not None and maker.operator in SIZES:
                # As many elements as one was expanded to.
                expanded, one = step.takes[0], maker.takes[0]
                if was[expanded].elements != step.args[1] * was[one].elements:
                    raise NotFollowed
                return {1: specs[expanded].elements // specs[one].elements}
        if operator is SLICE:
            dimension = step.args[1] if len(step.args) > 1 else 0
            sliced = step.takes[0]
            if specs[sliced].shape[dimension] != was[sliced].shape[dimension]:
                raise NotFollowed
        return {}

    def _of_sizes(
        self, shape: Sequence[int], stride: Sequence[int] | None, specs: Sequence[Any]
    ) -> TensorSpec:
        """Return what a tensor is that an operator was told the sizes of: one of the run."""
        found: dict[Any, TensorSpec] = {
            (tuple(spec.shape), None if stride is None else tuple(spec.stride)): spec
            for spec, was in zip(specs, self._notes.specs, strict=True)
            if spec is not None and was.shape == shape and (stride is None or was.stride == stride)
        }
        if len(found) != 1:
            raise NotFollowed
        return next(iter(found.values()))

    def _trace(self, run: Trace, found: _AtSize) -> Trace:
        notes, specs = self._notes, found.specs
        outputs = _filled(notes.left[0], specs)
        storages = (
            replace(old, nbytes=found.lifetimes[notes.storages[place]].nbytes)
            for place, old in zip(notes.left[0], run.output_storages, strict=True)
        )
        input_bytes = nbytes_of(specs[0])
        return replace(
            run,
            inputs=(specs[0],),
            input_bytes=input_bytes,
            outputs=outputs[0] if isinstance(run.outputs, TensorSpec) else outputs,
            output_storages=tuple(storages),
            calls=self._calls(run, specs),
            operations=found.operations,
            lifetimes=found.moved(run.lifetimes),
            peak_activation_bytes=_peak(input_bytes, found.operations),
        )

    def _step(self, run: TrainingStep, found: _AtSize) -> TrainingStep:
        handed_back = run.handed_back
        return replace(
            run,
            operations=found.operations,
            calls=self._calls(run, found.specs),
            lifetimes=found.moved(run.lifetimes),
            inputs=found.moved(run.inputs),
            outputs=found.moved(run.outputs),
            output=handed_on_as(_filled(self._notes.left[0], found.specs)),
            input_gradients=tuple(
                None if each is None else self._gradient(each, handed_back, found)
                for each in run.input_gradients
            ),
            handed_back=None if handed_back is None else found.lifetimes[id(handed_back)],
        )

    def _gradient(
        self, gradient: GradientSpec, lifetime: Lifetime | None, found: _AtSize
    ) -> GradientSpec:
        place = None if lifetime is None else self._notes.place_on(lifetime, gradient.spec)
        if lifetime is None or place is None or lifetime.nbytes != gradient.storage_bytes:
            raise NotFollowed
        return GradientSpec(found.specs[place], found.lifetimes[id(lifetime)].nbytes)

    def _calls(self, run: Trace | TrainingStep, specs: Sequence[TensorSpec]) -> Any:
        both = zip(run.calls, self._notes.entered, range(len(run.calls)), strict=True)
        return tuple(
            type(call)(
                call.name,
                call.module,
                call.parent,
                _filled(entered, specs),
                _filled(self._notes.left[number], specs),
            )
            for call, entered, number in both
        )


def _operation(old: Operation, call: Called | None, alive: int) -> Operation:
    if call is None:
        return old if old.alive == alive else old._replace(alive=alive)
    costs = call.costs
    return Operation(
        old.name,
        old.call,
        costs.arguments,
        call.made,
        costs.macs,
        costs.activations,
        alive,
        costs.read,
        costs.written,
    )


def _filled(tensors: Sequence[Any], specs: Sequence[TensorSpec]) -> tuple[TensorSpec, ...]:
    return tuple(specs[each] if type(each) is TensorNumber else each for each in tensors)


def _peak(input_bytes: int, operations: Sequence[Operation]) -> int:
    return max([input_bytes, *(operation.alive for operation in operations)])


def _alive(lifetimes: Iterable[Lifetime], operations: int) -> list[int]:
    """Return the bytes that are alive when each operator has run."""
    changes = [0] * (operations + 2)
    for each in lifetimes:
        changes[max(each.born, 0)] += each.nbytes
        if each.died is not None:
            changes[max(each.died, 0)] -= each.nbytes
    found, alive = [], 0
    for change in changes[:operations]:
        alive += change
        found.append(alive)
    return found


def nbytes_of(spec: TensorSpec) -> int:
    """Return the bytes of a storage that such a tensor has for itself."""
    shape, reach = spec.shape, 1
    if 0 in shape:
        return 0
    for size, stride in zip(shape, spec.stride, strict=True):
        reach += (size - 1) * stride
    return reach * BITS[spec.dtype] // 8
