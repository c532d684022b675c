"""Objectives that judge candidates with the weights of a supernet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from torch import nn

from dse.search import check_images, one_input, train
from dse.space import CostedPoint
from dse.supernet.judged_candidates import JudgedCandidates
from dse.supernet.supernet_file import Supernet, load_supernet
from dse.supernet.supernet_settings import SupernetTraining

Report = Callable[[int, float], bool]


def inherited(
    candidate: CostedPoint,
    device: str,
    supernet: str | Path,
    data: str | Path | None = None,
    batches: int | None = None,
) -> float:
    """Return the accuracy of a candidate with weights of a supernet, in percent.

    Its norms are estimated anew, by images that the supernet was trained on.

    Args:
        candidate: of the supernet's family and grid.
        device: where it runs.
        supernet: a file that `dse supernet` wrote.
        data: what it is judged on; None for the data of the supernet.
        batches: by which norms are estimated; None for as many as the supernet's training said.

    Raises:
        DseError: for a file that is none, or a candidate that the supernet holds no weights of.
    """
    found = load_supernet(supernet)
    found.shared.to(device)
    network = found.network(candidate)
    judged = JudgedCandidates(_training(found, data, batches), device)
    return judged.accuracy(network, one_input(candidate, "inherited"))


def finetuned(
    candidate: CostedPoint,
    device: str,
    seed: int,
    report: Report,
    supernet: str | Path,
    checkpoint: str | None = None,
    data: str | Path | None = None,
    epochs: int = 2,
    batch: int = 64,
    lr: float = 0.01,
    momentum: float = 0.9,
    weight_decay: float = 1e-4,
    limit: int | None = None,
) -> float:
    """Train a candidate on from the weights of a supernet, and return its accuracy in percent.

    The weights are copied: the supernet stays as it is. All else is as in `train`.

    Raises:
        DseError: as `inherited` and `train`.
        Pruned: when told to give up.
    """
    found = load_supernet(supernet)
    found.shared.to(device)
    settings = _training(found, data, None)
    network = found.network(candidate)
    JudgedCandidates(settings, device).settle(network, one_input(candidate, "finetuned"))
    return train(
        candidate,
        network.standing_alone(),
        device,
        seed,
        report,
        checkpoint,
        data=settings.data,
        epochs=epochs,
        batch=batch,
        lr=lr,
        momentum=momentum,
        weight_decay=weight_decay,
        limit=limit,
    )


def settled_network(supernet: Supernet, point: CostedPoint) -> nn.Module:
    """Return a candidate's module with weights of its own, from a supernet, norms estimated."""
    network = supernet.network(point)
    judged = JudgedCandidates(_training(supernet, None, None), "cpu")
    judged.settle(network, one_input(point, "export"))
    return network.standing_alone()


def check_inheriting(supernet: str, data: str | None = None, **options: Any) -> None:
    """Refuse a supernet or images that are not there, before anything is evaluated.

    Raises:
        DseError: naming what is missing.
    """
    found = load_supernet(supernet)
    check_images(_training(found, data, None).data)


def _training(supernet: Supernet, data: str | Path | None, batches: int | None) -> SupernetTraining:
    known = {each.name for each in fields(SupernetTraining)}
    settings = {name: value for name, value in supernet.training.items() if name in known}
    if data is not None:
        settings["data"] = str(data)
    if batches is not None:
        settings["batches"] = batches
    return SupernetTraining(**settings)
