"""What a training step of a cell takes, from those of its operations.

In the backward pass, an operation runs beside the gradients that wait for operations before it.
A sum hands the gradient that arrives at it to both of its terms, and what is concatenated gets
slices of it. Where a value was used twice, or is handed on as well, the second gradient that
arrives is added to the first, which makes a third (PyTorch's `InputBuffer`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from dse.counting import Gradients, GradientSpec, TensorSpec, handed_on_as
from dse.space.costing.block_step import BlockStep
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
    is_nothing: bool
    """Whether it returns what enters as it is."""


@dataclass(frozen=True)
class CellValues:
    """The values of a cell in a training step: those that enter, then what is made."""

    specs: Sequence[TensorSpec]
    has_gradient: Sequence[bool]
    gradients: Mapping[int, GradientSpec]
    """Layouts, of those at which any arrives."""
    arriving: Collection[int]
    """Those at which one arrives from behind the cell."""


def cell_step(
    takes: Sequence[Takes],
    steps: Sequence[OperationStep | None],
    values: CellValues,
    keeps: Sequence[int] = (),
) -> BlockStep:
    """Return what a training step of a cell takes.

    Args:
        takes: what each operation takes, in order; the last one makes the cell's output.
        steps: of each operation alone; None for one that joins values.
        values: of the cell.
        keeps: which values that enter are handed on in front of what is made.
    """
    return _CellStep(takes, steps, values, keeps).composed()


class _CellStep:
    def __init__(
        self,
        takes: Sequence[Takes],
        steps: Sequence[OperationStep | None],
        values: CellValues,
        keeps: Sequence[int],
    ) -> None:
        self.takes, self.operations, self.values, self.keeps = takes, steps, values, keeps
        self.first = len(values.specs) - len(takes)
        """The number of the first value that is made."""
        self.nbytes = [each.nbytes for each in values.specs]
        """Of each value."""
        self.steps = [each.step for each in steps if each is not None]
        made: list[int | None] = []
        for each, nbytes in zip(steps, self.nbytes[self.first :], strict=True):
            if each is None:
                made.append(nbytes)
            else:
                made.append(None if each.step.is_view else sum(each.step.output_bytes))
        self.storages = storages_of(takes, made, self.first)
        self.keepers: dict[int, set[int]] = {s: set() for s in range(len(self.storages.nbytes))}
        self.saved: set[int] = set()
        for position, operation in enumerate(steps):
            if operation is None:
                continue
            step = operation.step
            (taken_from,) = self.storages.taken_by(position)
            leaving = self.storages.made_by(position)
            for storage, keeps, saves in (
                (taken_from, step.keeps_input, step.saves_input),
                (leaving, step.keeps_output, step.saves_output),
            ):
                self.keepers[storage] |= {position} if any(keeps) else set()
                self.saved |= {storage} if any(saves) else set()
        self.kept_before = self._kept_before()

    def composed(self) -> BlockStep:
        """Return the cell as one block."""
        leaving = self.storages.made_by(len(self.takes) - 1)
        outer = [*range(self.first)]
        inner = {*self.keepers} - {*outer, leaving}
        is_made = leaving >= self.first
        row, _ = steps_in_a_row(self.steps, step_enters(0, is_kept=True))
        arriving = sum(self.nbytes[value] for value in self.values.arriving)
        peaks = []
        for *held, holds_output in product((False, True), repeat=self.first + 1):
            by_others = {each for each, is_held in zip(outer, held, strict=True) if is_held}
            by_others |= {leaving} if holds_output else set()
            peaks.append(max(self._backward_peak(by_others), arriving))
        kept = sum(step.kept_bytes for step in self.steps)
        kept_ones, trains = [False] * len(self.keeps), self.values.has_gradient
        return BlockStep(
            weight_bytes=sum(step.weight_bytes for step in self.steps),
            state_bytes=sum(step.state_bytes for step in self.steps),
            forward_peak=max(self._forward_peak(), 0),
            kept_bytes=kept + self.storages.bytes_of({s for s in inner if self.keepers[s]}),
            cached_bytes=sum(step.cached_bytes for step in self.steps),
            keeps_input=tuple(bool(self.keepers[each]) for each in outer),
            keeps_output=(*kept_ones, is_made and bool(self.keepers[leaving])),
            saved_bytes=sum(step.saved_bytes for step in self.steps)
            + self.storages.bytes_of(self.saved & inner),
            saves_input=tuple(each in self.saved for each in outer),
            saves_output=(*kept_ones, is_made and leaving in self.saved),
            backward_peaks=tuple(peaks),
            gradient_bytes=row["gradients"],
            is_updated=any(step.is_updated for step in self.steps),
            optimizer_peak=max(row["optimizer_peak"], 0),
            optimizer_first=max(row["optimizer_first"], 0),
            optimizer_left=row["optimizer_left"],
            output=handed_on_as(self.values.specs[value] for value in (*self.keeps, -1)),
            output_bytes=(
                *(self.nbytes[each] for each in self.keeps),
                self.storages.nbytes[leaving] if is_made else self.nbytes[leaving],
            ),
            views=(*self.keeps, None if is_made else leaving),
            has_gradient=(*(trains[each] for each in self.keeps), trains[-1]),
            input_gradient=self._handed_back(),
        )

    def _handed_back(self) -> Gradients | None:
        """Return the gradients of what entered."""
        if not any(self.values.has_gradient[: self.first]):
            return None
        several = [self.values.gradients.get(value) for value in range(self.first)]
        (first, *others) = several
        return first if first is not None and not others else tuple(several)

    def _forward_peak(self) -> int:
        """Return the highest of the fold of the operations in the forward pass."""
        parts = []
        for position, operation in enumerate(self.operations):
            step = operation.step if operation is not None else None
            made = self.storages.bytes_of({self.storages.made_by(position)})
            alive = self.storages.waiting(position) | self.kept_before[position]
            own = {
                "kept_forward": step.kept_bytes + step.cached_bytes if step else 0,
                "forward_peak": step.forward_peak if step else made,
            }
            parts.append(beside(own, self.storages.bytes_of(alive), 0))
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

    def _kept_before(self) -> list[set[int]]:
        """Return the storages that operations before each one keep for the backward pass."""
        first = {s: min(keepers) for s, keepers in self.keepers.items() if keepers}
        positions = range(len(self.takes))
        return [{s for s, keeper in first.items() if keeper < each} for each in positions]

    def _backward(self, by_others: set[int]) -> list[int]:
        """Return the highest in the backward pass of each operation.

        The gradients that wait for operations before it, and what these keep of values, included.
        """
        gradients = _Gradients(self.nbytes)
        for value in self.values.arriving:
            gradients.arrive(value)
        peaks = [NEVER] * len(self.takes)
        for position in reversed(range(len(self.takes))):
            operation = self.operations[position]
            held = self.kept_before[position]
            alone = held - by_others
            beneath = self.storages.bytes_of(alone)
            beneath += sum(self.nbytes[s] for s in alone if s < self.first)
            arriving = gradients.taken(position + self.first)
            if arriving is None or (operation is not None and not any(operation.step.has_gradient)):
                continue
            if operation is None:
                for value in self.takes[position]:
                    if self.values.has_gradient[value]:
                        peaks[position] = max(peaks[position], gradients.add(value, arriving))
            else:
                held = held | by_others
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
    """The gradients that wait for the operations that made the values they are of.

    Args:
        nbytes: of each value.
    """

    def __init__(self, nbytes: Sequence[int]) -> None:
        self.nbytes_of_value = nbytes
        self.sizes: list[int] = []
        self.of_value: dict[int, int] = {}

    def arrive(self, value: int) -> None:
        """Let a gradient wait for a value that the cell hands on."""
        self.of_value[value] = self.new(self.nbytes_of_value[value])

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
        total = self.new(self.nbytes_of_value[value])
        peak = self.nbytes(number, total)
        self.of_value[value] = total
        return peak
