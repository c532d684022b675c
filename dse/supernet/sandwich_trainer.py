"""The steps of a supernet's training: the largest candidate, the smallest and some between them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

from dse.errors import DseError
from dse.search import one_input
from dse.space import CostedPoint
from dse.supernet.candidate_draws import DrawnCandidates
from dse.supernet.judged_candidates import JudgedCandidates, check_outputs
from dse.supernet.supernet_file import Supernet
from dse.supernet.supernet_settings import SupernetTraining
from dse.supernet.training_ranks import OneRank

State = Mapping[str, Any]
"""Of a training after an epoch, as plain values and tensors."""
Kept = Callable[[State], None]
"""Keeps a state, and tells of it."""

_FORMAT = 3
"""Of states."""

STATE_KINDS: Mapping[str, type] = {
    **dict.fromkeys(("tensors", "optimizer", "schedule"), dict),
    **dict.fromkeys(("order", "choice"), Tensor),
    **dict.fromkeys(("randoms", "accuracies"), list),
    "epoch": int,
    "images": str,
}
"""What a state holds besides what stands for the training."""


def training_identity(
    supernet: Supernet, candidates: DrawnCandidates, training: SupernetTraining
) -> str:
    """Return what stands for all that the weights of a training depend on."""
    keys = [point.key for point in candidates.points]
    shapes = {name: tuple(each.shape) for name, each in supernet.shared.tensors.items()}
    told = dict(supernet.training) | asdict(training)
    content = repr((_FORMAT, sorted(told.items()), keys, sorted(shapes.items())))
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


class SandwichTrainer:
    """Trains the weights of a supernet in place, in this process or as one of several.

    Random draws are PyTorch's own, which it seeds.

    Args:
        supernet: whose tensors change.
        candidates: to be trained on.
        training: how.
        device: where.
        ranks: this process among those that train together.
    """

    def __init__(
        self,
        supernet: Supernet,
        candidates: DrawnCandidates,
        training: SupernetTraining,
        device: str,
        ranks: OneRank,
    ) -> None:
        self._supernet, self._candidates, self._training = supernet, candidates, training
        self._device, self._ranks = device, ranks
        supernet.shared.to(device)
        self._judged = JudgedCandidates(training, device)
        self._images = self._judged.images(one_input(candidates.largest, "supernet"))
        self._steps = max(1, len(self._images.train_labels) // training.batch)
        torch.manual_seed(training.seed + ranks.rank)
        self._order = torch.Generator().manual_seed(training.seed)
        self._choice = torch.Generator().manual_seed(training.seed + 1)
        self._optimizer = torch.optim.SGD(
            supernet.shared.tensors.values(),
            training.lr,
            training.momentum,
            weight_decay=training.weight_decay,
            nesterov=training.momentum > 0,
        )
        total = training.epochs * self._steps
        self._schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self._optimizer, total)

    def run(self, begun: State | None, keep: Kept) -> None:
        """Train, from a state if there is one.

        Args:
            begun: what was kept after an epoch.
            keep: called after each epoch; of several processes, in the first alone.
        """
        first = 1 if begun is None else self._resume(begun) + 1
        for epoch in range(first, self._training.epochs + 1):
            self._epoch(epoch)
            self._check_finite(epoch)
            states = self._ranks.states_of_all(torch.get_rng_state())
            if self._ranks.rank == 0:
                self._supernet.accuracies.append({"epoch": epoch, **self._watched()})
                keep(self._state(epoch, states))

    def _epoch(self, epoch: int) -> None:
        number = len(self._images.train_labels)
        order = torch.randperm(number, generator=self._order)
        allowed = self._candidates.within(self._share_of_candidates(epoch))
        size = self._training.batch
        for chosen in order[: self._steps * size].split(size):
            self._step(chosen, allowed)

    def _check_finite(self, epoch: int) -> None:
        shared = self._supernet.shared.tensors.values()
        if not all(bool(torch.isfinite(each).all()) for each in shared):
            raise DseError(
                f"supernet.lr: {self._training.lr:g}: weights are no finite numbers any more after "
                f"epoch {epoch}; a smaller one may train"
            )

    def _share_of_candidates(self, epoch: int) -> float:
        """Return which share of the candidates is trained, the largest first."""
        span = self._training.shrink * self._training.epochs
        return 1.0 if epoch > span else epoch / (span + 1)

    def _step(self, chosen: Tensor, allowed: tuple[CostedPoint, ...]) -> None:
        self._optimizer.zero_grad()
        drawn = torch.randint(len(allowed), (self._training.random,), generator=self._choice)
        points = [allowed[-1], *(allowed[index] for index in drawn.tolist())]
        if len(allowed) == 1:
            points = []
        own = self._ranks.share(chosen)
        labels = self._images.train_labels[own].to(self._device)
        weight = len(own) / len(chosen) / (1 + len(points))
        scores = self._scores(self._candidates.largest, own)
        (weight * cross_entropy(scores, labels)).backward()
        taught = softmax(scores.detach(), dim=1)
        for point in points:
            scores = self._scores(point, own)
            if self._training.distil:
                loss = kl_div(log_softmax(scores, dim=1), taught, reduction="batchmean")
            else:
                loss = cross_entropy(scores, labels)
            (weight * loss).backward()
        self._ranks.add_gradients(self._supernet.shared.tensors.values())
        self._optimizer.step()
        self._schedule.step()

    def _scores(self, point: CostedPoint, chosen: Tensor) -> Tensor:
        network = self._supernet.network(point)
        network.module.train()
        given = one_input(point, "supernet")
        images = self._judged.images(given)
        scores: Tensor = given.classify(network, images.train[chosen].to(self._device))
        check_outputs(scores, images.classes)
        return scores

    def _watched(self) -> dict[str, float]:
        """Return the accuracies of the largest, the smallest and some at even ranks between."""
        points = self._candidates.points
        last = min(self._training.watched, len(points)) - 1
        ranks = sorted({round(i * (len(points) - 1) / max(last, 1)) for i in range(last + 1)})
        return {
            f"{points[rank].key}": self._judged.accuracy(
                self._supernet.network(points[rank]), one_input(points[rank], "supernet")
            )
            for rank in ranks
        }

    def _state(self, epoch: int, randoms: list[Tensor]) -> dict[str, Any]:
        shared = self._supernet.shared.tensors
        return {
            "identity": training_identity(self._supernet, self._candidates, self._training),
            "images": self._images.digest,
            "epoch": epoch,
            "tensors": {name: each.detach() for name, each in shared.items()},
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
            "order": self._order.get_state(),
            "choice": self._choice.get_state(),
            "randoms": randoms,
            "accuracies": list(self._supernet.accuracies),
        }

    def _resume(self, state: State) -> int:
        """Take up a state, and return its epoch; draws of processes that it has none of begin."""
        if state["images"] != self._images.digest:
            data = self._training.data
            raise DseError(f"supernet.data: {data}: these are other images than it was begun with")
        for name, tensor in state["tensors"].items():
            self._supernet.shared.tensors[name].data.copy_(tensor)
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])
        self._order.set_state(state["order"])
        self._choice.set_state(state["choice"])
        if self._ranks.rank < len(state["randoms"]):
            torch.set_rng_state(state["randoms"][self._ranks.rank])
        self._supernet.accuracies[:] = state["accuracies"]
        return int(state["epoch"])
