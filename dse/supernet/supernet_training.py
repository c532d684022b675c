"""Trains a supernet: the largest candidate, the smallest and some between them, step by step."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div, log_softmax, softmax

from dse.errors import DseError
from dse.search import (
    Images,
    OneInput,
    accuracy_of,
    load_images,
    one_input,
    save_checkpoint,
)
from dse.space import CostedPoint
from dse.supernet.candidate_draws import DrawnCandidates
from dse.supernet.norm_statistics import estimate_norms
from dse.supernet.shared_tensors import SharedNetwork
from dse.supernet.supernet_file import Supernet, read_content

Told = Callable[[int, int, dict[str, float]], None]
"""Takes the epochs that are done, of how many, and the accuracies of fixed candidates."""


@dataclass(frozen=True)
class SupernetTraining:
    """How a supernet is trained."""

    data: str = "digits"
    """Of scikit-learn, or a folder of images with a directory for each class."""
    epochs: int = 30
    batch: int = 64
    lr: float = 0.1
    momentum: float = 0.9
    weight_decay: float = 1e-4
    limit: int | None = None
    """Images to train on at most."""
    random: int = 2
    """Candidates a step that are drawn, beside the largest and the smallest."""
    distil: bool = True
    """Whether others learn what the largest says, in place of the labels."""
    shrink: float = 0.0
    """Share of the epochs in which smaller and smaller candidates come in; 0 has all at once."""
    watched: int = 4
    """Candidates whose accuracy is told after each epoch."""
    batches: int = 8
    """By which the norms of a candidate are estimated before it is judged."""
    seed: int = 0

    def check(self) -> None:
        """Refuse what cannot be trained.

        Raises:
            DseError: naming the key.
        """
        least = {"epochs": 1, "batch": 2, "random": 0, "watched": 1, "batches": 1, "limit": 2}
        for name, bound in least.items():
            value = getattr(self, name)
            if value is not None and value < bound:
                raise DseError(f"supernet.{name}: {value} is below {bound}")
        if not 0 <= self.shrink <= 1:
            raise DseError(f"supernet.shrink: {self.shrink:g} is no share of the epochs")
        if self.lr <= 0:
            raise DseError(f"supernet.lr: {self.lr:g} is not positive")


def train_supernet(
    supernet: Supernet,
    candidates: DrawnCandidates,
    training: SupernetTraining,
    checkpoint: Path | None = None,
    device: str = "cpu",
    tell: Told = lambda done, total, accuracies: None,
) -> None:
    """Train the weights of a supernet in place; from a checkpoint it goes on as if undisturbed.

    Each step trains the largest candidate on the labels, and the smallest and some drawn ones on
    what the largest says of the same images: the sandwich rule and in-place distillation of
    "Universally Slimmable Networks", arXiv:1903.05134, and BigNAS, arXiv:2003.11142. The gradients
    are averaged over the candidates of a step.

    Args:
        supernet: whose tensors change.
        candidates: to be trained on.
        training: how.
        checkpoint: a file for the state after each epoch.
        device: where.
        tell: takes how far it is after each epoch.

    Raises:
        DseError: for a checkpoint of another training, or networks that tell no classes apart.
    """
    training.check()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(training.seed)
        _SupernetTrainer(supernet, candidates, training, checkpoint, device, tell).run()


class JudgedCandidates:
    """Tells how well candidates do on the images of a training.

    Args:
        training: which images, and how norms are estimated.
        device: where networks run.
    """

    def __init__(self, training: SupernetTraining, device: str) -> None:
        self._training, self._device = training, device
        self._images: dict[tuple[int, ...], Images] = {}

    def images(self, given: OneInput) -> Images:
        """Return the images at the shape that a candidate takes."""
        if given.shape not in self._images:
            data, limit = self._training.data, self._training.limit
            self._images[given.shape] = load_images(data, given.shape, limit)
        return self._images[given.shape]

    def settle(self, network: SharedNetwork, given: OneInput) -> None:
        """Estimate the norms of a candidate by images that it was trained on."""
        estimate_norms(network, given, self._batches(self.images(given)))

    def accuracy(self, network: SharedNetwork, given: OneInput) -> float:
        """Return the accuracy of a candidate on images that it was not trained on, in percent."""
        self.settle(network, given)
        images = self.images(given)
        return accuracy_of(given, network, images, self._device, self._training.batch)

    def _batches(self, images: Images) -> Iterator[Tensor]:
        # A draw of its own: judging a candidate must not change what is trained on next.
        generator = torch.Generator().manual_seed(0)
        order = torch.randperm(len(images.train_labels), generator=generator)
        size = min(self._training.batch, len(order))
        for chosen in order[: size * self._training.batches].split(size):
            if len(chosen) > 1:
                yield images.train[chosen].to(self._device)


class _SupernetTrainer:
    def __init__(
        self,
        supernet: Supernet,
        candidates: DrawnCandidates,
        training: SupernetTraining,
        checkpoint: Path | None,
        device: str,
        tell: Told,
    ) -> None:
        self.supernet, self.candidates, self.training = supernet, candidates, training
        self.checkpoint, self.device, self.tell = checkpoint, device, tell
        supernet.shared.to(device)
        self.judged = JudgedCandidates(training, device)
        self.given = one_input(candidates.largest, "supernet")
        self.images = self.judged.images(self.given)
        self.steps = max(1, len(self.images.train_labels) // training.batch)
        self.order = torch.Generator().manual_seed(training.seed)
        self.choice = torch.Generator().manual_seed(training.seed + 1)
        self.optimizer = torch.optim.SGD(
            supernet.shared.tensors.values(),
            training.lr,
            training.momentum,
            weight_decay=training.weight_decay,
            nesterov=training.momentum > 0,
        )
        total = training.epochs * self.steps
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, total)

    def run(self) -> None:
        first = self._resume() + 1
        for epoch in range(first, self.training.epochs + 1):
            self._epoch(epoch)
            told = self._watched()
            self.supernet.accuracies.append({"epoch": epoch, **told})
            self._save(epoch)
            self.tell(epoch, self.training.epochs, told)

    def _epoch(self, epoch: int) -> None:
        number = len(self.images.train_labels)
        order = torch.randperm(number, generator=self.order)
        allowed = self.candidates.within(self._share(epoch))
        size = self.training.batch
        for chosen in order[: self.steps * size].split(size):
            self._step(chosen, allowed)

    def _share(self, epoch: int) -> float:
        """Return which share of the candidates is trained, the largest first."""
        span = self.training.shrink * self.training.epochs
        return 1.0 if epoch > span else epoch / (span + 1)

    def _step(self, chosen: Tensor, allowed: tuple[CostedPoint, ...]) -> None:
        self.optimizer.zero_grad()
        drawn = torch.randint(len(allowed), (self.training.random,), generator=self.choice)
        points = [allowed[-1], *(allowed[index] for index in drawn.tolist())]
        if len(allowed) == 1:
            points = []
        labels = self.images.train_labels[chosen].to(self.device)
        weight = 1 / (1 + len(points))
        scores = self._scores(self.candidates.largest, chosen)
        (weight * cross_entropy(scores, labels)).backward()
        taught = softmax(scores.detach(), dim=1)
        for point in points:
            scores = self._scores(point, chosen)
            if self.training.distil:
                loss = kl_div(log_softmax(scores, dim=1), taught, reduction="batchmean")
            else:
                loss = cross_entropy(scores, labels)
            (weight * loss).backward()
        self.optimizer.step()
        self.schedule.step()

    def _scores(self, point: CostedPoint, chosen: Tensor) -> Tensor:
        network = self.supernet.network(point)
        network.module.train()
        given = one_input(point, "supernet")
        images = self.judged.images(given)
        scores: Tensor = given.classify(network, images.train[chosen].to(self.device))
        if scores.dim() != 2 or scores.shape[1] < images.classes:
            raise DseError(
                f"supernet: a network has {scores.shape[1]} outputs for {images.classes} classes"
            )
        return scores

    def _watched(self) -> dict[str, float]:
        """Return the accuracies of the largest, the smallest and some at even ranks between."""
        points = self.candidates.points
        last = min(self.training.watched, len(points)) - 1
        ranks = sorted({round(i * (len(points) - 1) / max(last, 1)) for i in range(last + 1)})
        return {
            f"{points[rank].key}": self.judged.accuracy(
                self.supernet.network(points[rank]), one_input(points[rank], "supernet")
            )
            for rank in ranks
        }

    @property
    def _identity(self) -> str:
        """What stands for all that the weights depend on."""
        keys = [point.key for point in self.candidates.points]
        names = {n: tuple(t.shape) for n, t in self.supernet.shared.tensors.items()}
        content = repr((asdict(self.training), keys, sorted(names.items())))
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()

    def _save(self, epoch: int) -> None:
        save_checkpoint(
            self.checkpoint,
            {
                "identity": self._identity,
                "epoch": epoch,
                "tensors": {n: t.detach() for n, t in self.supernet.shared.tensors.items()},
                "optimizer": self.optimizer.state_dict(),
                "schedule": self.schedule.state_dict(),
                "order": self.order.get_state(),
                "choice": self.choice.get_state(),
                "accuracies": self.supernet.accuracies,
            },
        )

    def _resume(self) -> int:
        """Take up the state of a checkpoint, if there is one; return its epoch, or 0."""
        if self.checkpoint is None or not self.checkpoint.exists():
            return 0
        state = read_content(self.checkpoint)
        if state.get("identity") != self._identity:
            raise DseError(
                f"{self.checkpoint}: it is of a training with other settings; remove it to begin "
                "anew, or give the settings that it was begun with"
            )
        for name, tensor in state["tensors"].items():
            self.supernet.shared.tensors[name].data.copy_(tensor)
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        self.order.set_state(state["order"])
        self.choice.set_state(state["choice"])
        self.supernet.accuracies[:] = state["accuracies"]
        return int(state["epoch"])
