"""What a training step of a cell takes, from those of its operations.

In the backward pass, an operation runs beside the gradients that wait for operations before it.
A sum hands the gradient that arrives at it to both of its terms. Where a value was used twice, the
second gradient that arrives is added to the first, which makes a third (PyTorch's `InputBuffer`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dse.counting import GradientSpec, TensorSpec, contiguous_gradient
from dse.errors import DseError
from dse.space.costing.block_step import BlockStep, one_tensor
from dse.space.costing.cells import Takes, storages_of
from dse.space.costing.part_algebra import NEVER, beside, fold, nothing
from dse.space.costing.placing import step_enters, steps_in_a_row


@dataclass(frozen=True)
class OperationStep:
    """A training step of an operation, with what matters where gradients are shared."""

    step: BlockStep
    shared_peaks: tuple[int, int, int, int]
    """`BlockStep.backward_peaks`, where others hold the gradient that arrives."""
    hands_on: bool
    """Whether the gradient that comes out at the input is the one that arrived, or a view of it."""


def cell_step(
    takes: Sequence[Takes],
    steps: Sequence[OperationStep | None],
    spec: TensorSpec,
    needs_gradient: bool,
) -> BlockStep:
    """Return what a training step of a cell takes.

    Args:
        takes: what each operation takes, in order; the last one makes the cell's output.
        steps: of each operation alone; None for a sum.
        spec: of the cell's input.
        needs_gradient: whether a block before it has something to train.

    Raises:
        DseError: for a sum of values of different shapes or dtypes.
    """
    return _CellStep(takes, steps, spec, needs_gradient).composed()


class _CellStep:
    def __init__(
        self,
        takes: Sequence[Takes],
        steps: Sequence[OperationStep | None],
        spec: TensorSpec,
        needs_gradient: bool,
    ) -> None:
        self.takes, self.spec = takes, spec
        self.operations = steps
        self.steps = [each.step for each in steps if each is not None]
        self.specs, self.has_gradient = [spec], [needs_gradient]
        """Of each value."""
        made: list[int | None] = []
        for taken, each in zip(takes, steps, strict=True):
            if each is not None:
                self.specs.append(one_tensor(each.step.output))
                self.has_gradient.append(any(each.step.has_gradient))
                made.append(None if each.step.is_view else sum(each.step.output_bytes))
            else:
                if len({(self.specs[v].shape, self.specs[v].dtype) for v in taken}) > 1:
                    raise DseError("a sum takes values of one shape and dtype")
                self.specs.append(contiguous_gradient(self.specs[taken[0]]).spec)
                self.has_gradient.append(any(self.has_gradient[value] for value in taken))
                made.append(self.specs[-1].nbytes)
        self.storages = storages_of(takes, made)
        self.keepers: dict[int, set[int]] = {s: set() for s in range(len(self.storages.nbytes))}
        self.saved: set[int] = set()
        for position, operation in enumerate(steps):
            if operation is None:
                continue
            step = operation.step
            (entering,), leaving = self.storages.taken_by(position), self.storages.made_by(position)
            for storage, keeps, saves in (
                (entering, step.keeps_input, step.saves_input),
                (leaving, step.keeps_output, step.saves_output),
            ):
                self.keepers[storage] |= {position} if any(keeps) else set()
                self.saved |= {storage} if any(saves) else set()

    def composed(self) -> BlockStep:
        """Return the cell as one block."""
        leaving = self.storages.made_by(len(self.takes) - 1)
        inner = set(self.keepers) - {0, leaving}
        row, _ = steps_in_a_row(self.steps, step_enters(0, is_kept=True))
        cases: list[set[int]] = [set(), {leaving}, {0}, {0, leaving}]
        first, second, third, fourth = (max(self._backward_peak(each), 0) for each in cases)
        kept = sum(step.kept_bytes for step in self.steps)
        return BlockStep(
            weight_bytes=sum(step.weight_bytes for step in self.steps),
            state_bytes=sum(step.state_bytes for step in self.steps),
            forward_peak=max(self._forward_peak(), 0),
            kept_bytes=kept + self.storages.bytes_of({s for s in inner if self.keepers[s]}),
            cached_bytes=sum(step.cached_bytes for step in self.steps),
            keeps_input=(bool(self.keepers[0]),),
            keeps_output=(leaving > 0 and bool(self.keepers[leaving]),),
            saved_bytes=sum(step.saved_bytes for step in self.steps)
            + self.storages.bytes_of(self.saved & inner),
            saves_input=(0 in self.saved,),
            saves_output=(leaving > 0 and leaving in self.saved,),
            backward_peaks=(first, second, third, fourth),
            gradient_bytes=row["gradients"],
            is_updated=any(step.is_updated for step in self.steps),
            optimizer_peak=max(row["optimizer_peak"], 0),
            optimizer_first=max(row["optimizer_first"], 0),
            optimizer_left=row["optimizer_left"],
            output=self.specs[-1],
            output_bytes=(self.storages.nbytes[leaving] if leaving else self.spec.nbytes,),
            views=(None if leaving else 0,),
            has_gradient=(self.has_gradient[-1],),
            input_gradient=contiguous_gradient(self.spec) if self.has_gradient[0] else None,
        )

    def _forward_peak(self) -> int:
        """Return the highest of the fold of the operations in the forward pass."""
        parts = []
        for position, operation in enumerate(self.operations):
            step = operation.step if operation is not None else None
            made = self.storages.bytes_of({self.storages.made_by(position)})
            alive = self.storages.waiting(position) | self._kept_before(position)
            own = {
                "kept_forward": step.kept_bytes + step.cached_bytes if step else 0,
                "forward_peak": step.forward_peak if step else made,
            }
            parts.append(beside(own, self.storages.bytes_of(alive - {0}), 0))
        return fold(parts, nothing(("kept_forward", "forward_peak")))["forward_peak"]

    def _backward_peak(self, by_others: set[int]) -> int:
        """Return the highest of the fold of the operations in the backward pass.

        Args:
            by_others: the storages of the cell's ends that others hold.
        """
        parts = []
        for operation, peak in zip(self.operations, self._backward(by_others), strict=True):
            step = operation.step if operation is not None else None
            parts.append(
                {
                    "kept_backward": step.kept_bytes if step else 0,
                    "gradients": step.gradient_bytes if step else 0,
                    "backward_peak": peak,
                }
            )
        identity = nothing(("kept_backward", "gradients", "backward_peak"))
        return fold(parts, identity)["backward_peak"]

    def _kept_before(self, position: int) -> set[int]:
        """Return the storages that operations before one keep for the backward pass."""
        kept = self.keepers.items()
        return {s for s, keepers in kept if any(keeper < position for keeper in keepers)}

    def _backward(self, by_others: set[int]) -> list[int]:
        """Return the highest in the backward pass of each operation.

        The gradients that wait for operations before it, and what these keep of values, included.
        """
        gradients = _Gradients(len(self.takes), self.specs[-1].nbytes)
        peaks = [NEVER] * len(self.takes)
        for position in reversed(range(len(self.takes))):
            operation = self.operations[position]
            held = self._kept_before(position)
            beneath = self.storages.bytes_of(held - by_others)
            beneath += self.spec.nbytes if 0 in held - by_others else 0
            arriving = gradients.taken(position + 1)
            if arriving is None or (operation is not None and not any(operation.step.has_gradient)):
                continue
            if operation is None:
                for value in self.takes[position]:
                    if self.has_gradient[value]:
                        peaks[position] = max(peaks[position], gradients.add(value, arriving))
            else:
                held |= by_others
                (entering,) = self.storages.taken_by(position)
                case = 2 * (entering in held) + (self.storages.made_by(position) in held)
                others = gradients.nbytes()
                is_shared = gradients.waits(arriving)
                cases = operation.shared_peaks if is_shared else operation.step.backward_peaks
                peaks[position] = others + cases[case]
                back = operation.step.input_gradient
                if isinstance(back, GradientSpec):
                    number = arriving if operation.hands_on else gradients.new(back.storage_bytes)
                    added = gradients.add(self.takes[position][0], number)
                    # Its parameters' gradients are there when what it hands back is added.
                    peaks[position] = max(peaks[position], added + operation.step.gradient_bytes)
            peaks[position] += beneath
        return peaks


class _Gradients:
    """The gradients that wait for the operations that made the values they are of."""

    def __init__(self, values: int, output_bytes: int) -> None:
        self.sizes = [output_bytes]
        self.of_value: dict[int, int] = {values: 0}

    def taken(self, value: int) -> int | None:
        """Return the storage of a value's gradient, which is no longer waited with."""
        return self.of_value.pop(value, None)

    def waits(self, number: int) -> bool:
        """Return whether a storage is also that of another value's gradient."""
        return number in self.of_value.values()

    def new(self, nbytes: int) -> int:
        """Return the number of a new storage."""
        self.sizes.append(nbytes)
        return len(self.sizes) - 1

    def nbytes(self, *more: int) -> int:
        """Return the bytes of all that waits, and of some storages more."""
        return sum(self.sizes[number] for number in {*self.of_value.values(), *more})

    def add(self, value: int, number: int) -> int:
        """Let a gradient wait for a value, and return the highest bytes meanwhile."""
        known = self.of_value.get(value)
        if known is None:
            self.of_value[value] = number
            return self.nbytes()
        total = self.new(max(self.sizes[known], self.sizes[number]))
        peak = self.nbytes(number, total)
        self.of_value[value] = total
        return peak
