"""One training of shared weights for all candidates of a space, and what it would be."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from dse.costs import Conditions, Costs
from dse.counting import is_of_integers
from dse.errors import DseError, nearest
from dse.execution import Executor, LocalExecutor
from dse.html_tables import fact, html_facts, html_panel
from dse.limits import limit
from dse.project.design_spaces import Space, bounds, cache_blocks, is_drawn_from, recall
from dse.search import check_images, load_images, one_input, with_usable_devices
from dse.space import BlockTable, Candidate, CostedPoint, Family, read_family
from dse.space import cost_of as cost_of_candidate
from dse.supernet import (
    IMPORTANCES,
    AxisSharing,
    PlannedSupernet,
    StartingWeights,
    Supernet,
    SupernetTraining,
    check_branches,
    check_named,
    check_team,
    plan_supernet,
    save_supernet,
    start_from,
    train_supernet,
    train_supernet_together,
    unshared_axes,
)

STARTS = ("torchvision",)
"""Whose published weights a supernet may begin from."""

EXPLAINED_BY = 16
"""Draws that tell how axes are shared, where settings are only drawn."""

Begun = Callable[[], None]
Told = Callable[[int, int, dict[str, float]], None]


@dataclass(frozen=True)
class SupernetRequest:
    """What a supernet is made of, and how."""

    space: Space
    output: Path
    """The file that it is written to; the state of its training lies beside it."""
    training: SupernetTraining = field(default_factory=SupernetTraining)
    budget: Mapping[str, Any] = field(default_factory=dict)
    """Which candidates it is trained on."""
    branches: tuple[str, ...] = ()
    """Axes whose values have weights of their own, where these cannot be shared."""
    start: str | None = None
    """One of `STARTS`: the weights of the space's variant, from a file."""
    weights: Path | None = None
    importance: str | None = None
    """One of `IMPORTANCES`, by which channels are ordered that `weights` have; None for l1."""
    executor: Executor = field(default_factory=LocalExecutor)
    """Where it is trained."""
    workers: int | None = None
    """Processes that share each batch; None for one a device that the executor names."""

    def check(self) -> None:
        """Refuse what cannot be trained, before anything is built.

        Raises:
            DseError: naming the key.
        """
        self.training.check()
        check_team(self.training, *self.places)
        check_images(self.training.data, "supernet.data")
        _check_input(self.space.design.grid.family)
        if self.output.is_dir():
            raise DseError(f"supernet.output: {self.output} is a directory; name a file")
        if self.weights is not None and self.output.resolve() == self.weights.resolve():
            raise DseError(
                f"supernet.output: {self.output} is the file of supernet.weights as well"
            )
        for above in reversed(self.output.parents):
            if above.exists() and not above.is_dir():
                raise DseError(f"supernet.output: {self.output}: {above} is a file")
        try:
            self.output.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DseError(f"supernet.output: {self.output}: {error.strerror}") from error
        if not os.access(self.output.parent, os.W_OK):
            raise DseError(f"supernet.output: {self.output.parent} cannot be written to")
        self.check_words()
        if self.start is None:
            for name, given in (("weights", self.weights), ("importance", self.importance)):
                if given is not None:
                    raise DseError(f"supernet.{name}: needs supernet.start=torchvision")
            return
        if self.space.variant is None:
            raise DseError("supernet.start: needs variant=…, the model whose weights these are")
        if self.weights is None:
            raise DseError("supernet.weights: name the file of weights that torchvision publishes")
        if not self.weights.is_file():
            raise DseError(f"supernet.weights: {self.weights} is no file of weights")

    def check_words(self) -> None:
        """Refuse words that nothing is called by.

        Raises:
            DseError: naming the key and the nearest word.
        """
        given = {"importance": (self.importance, IMPORTANCES), "start": (self.start, STARTS)}
        for name, (word, known) in given.items():
            if word is not None and word not in known:
                raise DseError(f"supernet.{name}: unknown {word!r}; {nearest(word, known)}")
        check_named(self.branches, self.space.design.grid.family)

    @cached_property
    def places(self) -> tuple[Executor, int]:
        """The executor with devices that are there, and how many processes train.

        Raises:
            DseError: for devices that are not there, or no process.
        """
        if self.workers is not None and self.workers < 1:
            raise DseError(f"workers: {self.workers} is below 1")
        executor = with_usable_devices(self.executor)
        return executor, self.workers or executor.places(None)

    @cached_property
    def planned(self) -> PlannedSupernet:
        """What the supernet would be."""
        if is_drawn_from(self.space):
            # So there are weights of all that a search proposes.
            return self._planned(limit("generated_candidates"))
        return self._planned(self.training.epochs * 32 * max(self.training.random, 1))

    def _planned(self, number: int) -> PlannedSupernet:
        return plan_supernet(self.space.design, bounds(self.budget), number, self.training.seed)

    @cached_property
    def beginning(self) -> dict[str, Any]:
        """What the weights that training begins from depend on, as plain values."""
        found: dict[str, Any] = {"branches": list(self.branches), "start": self.start}
        if self.weights is not None:
            found["importance"] = self.importance or IMPORTANCES[0]
            content = hashlib.blake2b(self.weights.read_bytes(), digest_size=16)
            found["weights"] = content.hexdigest()
        return found

    @cached_property
    def explained(self) -> list[AxisSharing]:
        """How each axis is shared; the ends of few draws tell it where settings are only drawn."""
        planned = self._planned(EXPLAINED_BY) if is_drawn_from(self.space) else self.planned
        return planned.explained()

    @property
    def checkpoint(self) -> Path:
        """The file of the state of its training."""
        return self.output.with_name(f"{self.output.name}.training")


@dataclass(frozen=True)
class TrainedSupernet:
    """A supernet that was trained."""

    output: Path
    candidates: int
    """That it was trained on."""
    weights: int
    """Elements of its tensors."""
    predicted_memory: int | None
    """`train_memory` of its largest candidate at the images a step of a process, in bytes."""
    accuracies: Mapping[str, float]
    """Of fixed candidates by their keys, in percent, from the largest to the smallest."""
    start: StartingWeights | None = None
    """What it took of published weights."""

    def _repr_html_(self) -> str:
        facts = {"file": str(self.output), "weights": f"{self.weights:,}"}
        told = {key: fact(value) for key, value in self.accuracies.items()}
        return html_panel("Supernet", html_facts({**facts, **told}))


def run_supernet(
    request: SupernetRequest,
    url: str,
    tell: Told = lambda done, total, accuracies: None,
    begun: Begun = lambda: None,
) -> TrainedSupernet:
    """Train a supernet and write its file; one that was cut short goes on from its checkpoint.

    Raises:
        DseError: for anything that does not hold, before anything is trained.
    """
    request.check()
    design = request.space.design
    recall(design, url)
    planned = request.planned
    axes = unshared_axes(planned.explained(), planned.plan)
    check_branches(axes, request.branches, design.grid.family)
    cache_blocks(design, url)
    training = {**asdict(request.training), **request.beginning}
    supernet = planned.supernet(
        request.space.page, dict(request.space.grid), training, request.training.seed
    )
    taken = _start(request, planned, supernet)
    begun()
    (executor, number), candidates = request.places, planned.candidates
    content = supernet, candidates, request.training
    if isinstance(executor, LocalExecutor) and number == 1:
        train_supernet(*content, request.checkpoint, executor.devices[0], tell)
    else:
        train_supernet_together(*content, executor, number, request.checkpoint, tell)
    save_supernet(supernet, request.output)
    request.checkpoint.unlink(missing_ok=True)
    last = {k: v for k, v in supernet.accuracies[-1].items() if k != "epoch"}
    return TrainedSupernet(
        request.output,
        len(candidates.points),
        planned.elements,
        predicted_memory(candidates.largest, -(-request.training.batch // number)),
        last,
        taken,
    )


def _check_input(family: Family) -> None:
    """Refuse a family of blocks that no images enter."""
    if family.is_callable:
        return
    reason = ""
    if family.input_dtype is not None and is_of_integers(family.input_dtype):
        reason = f"the inputs of {family.name} are {family.named_inputs[0].name}, and no images"
    elif len(family.input) != 3:
        reason = f"an input of {family.name} has {len(family.input)} sizes, and is no image"
    if reason:
        raise DseError(f"supernet: {reason} (C, H, W), which it is trained on")


def predicted_memory(point: CostedPoint, batch: int) -> int | None:
    """Return the bytes alive in a training step of a candidate at a batch, with SGD's momentum."""
    assert point.candidate is not None
    table = BlockTable(Conditions(batch=batch, optimizer="sgd-momentum"))
    costs = cost_of_candidate(point.candidate, table)
    return costs["train_memory"] if isinstance(costs, Costs) else None


def _start(
    request: SupernetRequest, planned: PlannedSupernet, supernet: Supernet
) -> StartingWeights | None:
    if request.start is None:
        return None
    assert request.weights is not None
    candidate = _variant(request.space)
    batch = None
    if request.importance == "taylor":
        given = one_input(CostedPoint({}, 0, candidate, planned.candidates.largest.costs), "taylor")
        images = load_images(request.training.data, given.shape, request.training.limit)
        batch = images.train[:64], images.train_labels[:64]
    importance = request.importance or IMPORTANCES[0]
    return start_from(supernet.shared, candidate, request.weights, importance, batch)


def _variant(space: Space) -> Candidate:
    """Return the network that a variant stands for, whatever the grid."""
    assert space.variant is not None
    family = read_family(space.family, space.page, space.source or space.family, space.allow)
    variant = family.variant(space.variant)
    return variant.resolve(variant.defaults)
