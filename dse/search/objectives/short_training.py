"""Accuracy after a short training."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from dse.checked_numbers import check_number
from dse.errors import DseError
from dse.search.objectives.checkpoint import drop_checkpoint, load_checkpoint, save_checkpoint
from dse.search.objectives.images import Images, check_images, load_images
from dse.search.objectives.single_input import OneInput, one_input
from dse.search.objectives.training_numbers import check_numbers
from dse.search.outcomes import Pruned, Report
from dse.space import CostedPoint


def train(
    candidate: CostedPoint,
    module: nn.Module,
    device: str,
    seed: int,
    report: Report,
    checkpoint: str | None = None,
    data: str | Path = "digits",
    epochs: int = 5,
    batch: int = 64,
    lr: float = 0.05,
    momentum: float = 0.9,
    weight_decay: float = 1e-4,
    limit: int | None = None,
) -> float:
    """Train a network and return its accuracy on images that it was not trained on, in percent.

    Stochastic gradient descent with Nesterov momentum, cross-entropy, and a rate that falls to 0
    along a cosine. The accuracy of each epoch is reported, so that a pruner may end a poor
    candidate early.

    Args:
        candidate: whose input shape the images are resized to.
        module: is trained in place.
        device: where.
        seed: of the order of the images.
        report: takes the epoch and its accuracy; returns whether to give up.
        checkpoint: a file for the state after each epoch; where it is there, the training goes on
            from it.
        data: `digits`, the 1,797 images of scikit-learn (extra `train`), or a folder of images with
            a directory for each class, or `train` and `val` directories of those.
        epochs: passes over the images.
        batch: images a step.
        lr: the learning rate at first.
        momentum: of the gradients.
        weight_decay: of all parameters.
        limit: images to train on at most; None for all.

    Raises:
        DseError: for fewer outputs than classes, or images that cannot be read.
        Pruned: when told to give up.
    """
    if epochs < 1 or batch < 2:
        raise DseError(f"train: epochs={epochs} and batch={batch} are too few")
    given = one_input(candidate, "train")
    images = load_images(str(data), given.shape, limit)
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.SGD(
        module.parameters(), lr, momentum, weight_decay=weight_decay, nesterov=momentum > 0
    )
    steps = max(1, len(images.train_labels) // batch)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * steps)
    accuracy, first = 0.0, 1
    parts: dict[str, Any] = {"module": module, "optimizer": optimizer, "schedule": schedule}
    before = load_checkpoint(checkpoint)
    if before is not None:
        for name, part in parts.items():
            part.load_state_dict(before[name])
        generator.set_state(before["order"])
        accuracy, first = before["accuracy"], before["epoch"] + 1
    for epoch in range(first, epochs + 1):
        module.train()
        order = torch.randperm(len(images.train_labels), generator=generator)
        # The last, smaller batch is left out: batch normalisation fails on a single image.
        for chosen in order[: steps * batch].split(batch):
            outputs = given.classify(module, images.train[chosen].to(device))
            if outputs.shape[1] < images.classes:
                short = f"{outputs.shape[1]} outputs for {images.classes} classes"
                raise DseError(f"train: the network has {short}")
            loss = cross_entropy(outputs, images.train_labels[chosen].to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        accuracy = accuracy_of(given, module.eval(), images, device, batch)
        states = {name: part.state_dict() for name, part in parts.items()}
        order_state = {"order": generator.get_state(), "epoch": epoch, "accuracy": accuracy}
        save_checkpoint(checkpoint, states | order_state)
        if report(epoch, accuracy) and epoch < epochs:
            raise Pruned(f"after epoch {epoch} of {epochs} at {accuracy:.2f} %")
    drop_checkpoint(checkpoint)
    return accuracy


def check_training(data: str = "digits", batch: int = 64, **options: Any) -> None:
    """Refuse a training whose images are not there, or numbers that it cannot go by.

    Raises:
        DseError: naming the option.
    """
    check_numbers({name: v for name, v in options.items() if v is not None}, "objective")
    check_number("objective.batch", batch, int, 2, sys.maxsize)
    check_images(data, "objective.data")


def accuracy_of(
    given: OneInput, network: Callable[..., Any], images: Images, device: str, batch: int
) -> float:
    """Return how many of the images that were not trained on a network tells rightly, in percent.

    Args:
        given: its input.
        network: in evaluation mode.
        images: at the shape of its input.
        device: where it is.
        batch: images that are run at a time, by fours.
    """
    labels = images.validation_labels
    right = 0
    with torch.inference_mode():
        for some, wanted in zip(
            images.validation.split(4 * batch), labels.split(4 * batch), strict=True
        ):
            scores = given.classify(network, some.to(device))
            right += int((scores.argmax(dim=1).cpu() == wanted).sum())
    return 100 * right / len(labels)
