"""Trains a supernet in several processes at once, wherever an executor has places for them."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from dse.code import directories_of
from dse.counting import FIRST_DISPATCH
from dse.errors import DseError
from dse.execution import Ended, Executor, LocalExecutor, TaskPlace, TaskPool, Tell
from dse.files import written_whole
from dse.search import usable_device, with_usable_devices
from dse.supernet.candidate_draws import DrawnCandidates
from dse.supernet.sandwich_trainer import SandwichTrainer, State, training_identity
from dse.supernet.supernet_file import Supernet, supernet_content, supernet_of
from dse.supernet.supernet_settings import SupernetTraining
from dse.supernet.supernet_training import Told, accuracies_of, kept_state
from dse.supernet.training_ranks import (
    Address,
    GroupRank,
    LostRank,
    opened_store,
    reached_store,
)

_PAUSE = 0.1
"""Seconds between looks whether all processes are there."""


@dataclass(frozen=True)
class _Came:
    """A process is there, and asks for the address of the first one, until all are."""

    rank: int
    address: Address | None


@dataclass(frozen=True)
class _Kept:
    """A state after an epoch, as bytes: tensors would stay in the memory of who sends them."""

    content: bytes


@dataclass(frozen=True)
class _Lost:
    """A process could not go on without another one."""


@dataclass(frozen=True)
class _Begun:
    """What all processes begin with."""

    supernet: bytes
    candidates: DrawnCandidates
    training: SupernetTraining
    state: bytes | None
    number: int
    host: str | None
    """Under which they reach each other; None for the address that each machine has."""


def train_supernet_together(
    supernet: Supernet,
    candidates: DrawnCandidates,
    training: SupernetTraining,
    executor: Executor,
    number: int,
    checkpoint: Path | None = None,
    tell: Told = lambda done, total, accuracies: None,
) -> None:
    """Train as `train_supernet` does, in several processes that share each batch of images.

    Each takes the same candidates through images of its own, as data parallelism does; norms see
    the images of one process. Gradients go between them by `torch.distributed`: NCCL where each has
    a GPU, Gloo elsewhere. Training begins when all have a place. Where one ends, all do: the state
    of the last epoch is kept, and from there any number goes on.

    Args:
        supernet: whose tensors change.
        candidates: to be trained on.
        training: how; a batch is that of all processes together.
        executor: where they are.
        number: of processes.
        checkpoint: a file for the state after each epoch.
        tell: takes how far it is after each epoch.

    Raises:
        DseError: as `train_supernet`, and where a process is lost.
    """
    training.check()
    executor = with_usable_devices(executor)
    check_team(training, executor, number)
    begun = kept_state(checkpoint, training_identity(supernet, candidates, training))
    content = _Begun(
        _written(supernet_content(supernet)),
        candidates,
        training,
        None if begun is None else _written(begun),
        number,
        "127.0.0.1" if isinstance(executor, LocalExecutor) else None,
    )
    allow = supernet.family.allow
    pool: TaskPool[int, _Lost | None] = executor.pool(
        _trainer,
        content,
        allow,
        what="to train the supernet",
        number=number,
        loads=(FIRST_DISPATCH,),
        path=directories_of(allow),
    )
    with pool:
        trained = _Team(number, training.epochs, begun, checkpoint, tell).run(pool)
    for name, tensor in trained["tensors"].items():
        supernet.shared.tensors[name].data.copy_(tensor)
    supernet.accuracies[:] = trained["accuracies"]


def check_team(training: SupernetTraining, executor: Executor, number: int) -> None:
    """Refuse a number of processes that cannot share a training.

    Raises:
        DseError: naming the key.
    """
    images = min(training.batch, training.limit or training.batch)
    if number > 1 and images < 2 * number:
        raise DseError(
            f"supernet.batch: {images} images a step leave less than two for each of {number} "
            "workers, and norms need two"
        )
    if isinstance(executor, LocalExecutor) and executor.device_kind != "cpu":
        found = len(set(executor.devices))
        if number > found:
            raise DseError(f"workers: {number} need a device each, and {found} are named")


class _Team:
    """What the process that waits for the others does meanwhile."""

    def __init__(
        self,
        number: int,
        epochs: int,
        begun: State | None,
        checkpoint: Path | None,
        tell: Told,
    ) -> None:
        self._number, self._epochs, self._last = number, epochs, begun
        self._checkpoint, self._tell = checkpoint, tell
        self._came: dict[int, Address | None] = {}

    def run(self, pool: TaskPool[int, _Lost | None]) -> State:
        """Hand out the numbers of the processes, and return the last state that is told."""
        ranks = iter(range(self._number))
        lost = False
        for _, found in pool.run(lambda: next(ranks, None), lambda _, news: self._answer(news)):
            if isinstance(found, Ended):
                raise self._ended(found.reason)
            lost = lost or found is not None
        if lost or self._last is None:
            raise self._ended("lost the connection to another one")
        return self._last

    def _answer(self, news: _Came | _Kept) -> Address | None:
        if isinstance(news, _Came):
            self._came[news.rank] = news.address
            return self._came[0] if len(self._came) == self._number else None
        self._last = _read(news.content)
        if self._checkpoint is not None:
            with written_whole(self._checkpoint) as part:
                part.write_bytes(news.content)
        self._tell(self._last["epoch"], self._epochs, accuracies_of(self._last))
        return None

    def _ended(self, reason: str) -> DseError:
        rest = ""
        if self._checkpoint is not None and self._last is not None:
            rest = f"; started again, it goes on after epoch {self._last['epoch']}"
        return DseError(f"supernet: a process that trains {reason}{rest}")


def _trainer(
    place: TaskPlace, begun: _Begun, allow: tuple[str, ...]
) -> Callable[[int, Tell], _Lost | None]:
    """Return what trains as one of several, in a process of its own."""
    if place.threads is not None:
        torch.set_num_threads(place.threads)
    device = usable_device(place.device)
    supernet = supernet_of(_read(begun.supernet), "the supernet", allow)

    def trained(rank: int, tell: Tell) -> _Lost | None:
        ranks = _meet(rank, torch.device(device), begun, tell)
        trainer = SandwichTrainer(supernet, begun.candidates, begun.training, device, ranks)
        state = None if begun.state is None else _read(begun.state)
        try:
            trainer.run(state, lambda state: tell(_Kept(_written(state))))
        except LostRank:
            return _Lost()
        return None

    return trained


def _meet(rank: int, device: torch.device, begun: _Begun, tell: Tell) -> GroupRank:
    """Return this process as one of those that train, when all are there."""
    store, own = opened_store(begun.host) if rank == 0 else (None, None)
    while (address := tell(_Came(rank, own))) is None:
        time.sleep(_PAUSE)
    return GroupRank(rank, begun.number, store or reached_store(address), device)


def _written(content: State) -> bytes:
    whole = io.BytesIO()
    torch.save(dict(content), whole)
    return whole.getvalue()


def _read(content: bytes) -> State:
    state: State = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    return state
