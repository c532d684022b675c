"""Objectives that judge candidates with the weights of a supernet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

from torch import nn

from dse.errors import DseError
from dse.search import check_images, check_numbers, one_input, train
from dse.space import CostedPoint, DesignSpace
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
    allow: tuple[str, ...] = (),
) -> float:
    """Return the accuracy of a candidate with weights of a supernet, in percent.

    Its norms are estimated anew, by images that the supernet was trained on.

    Args:
        candidate: of the supernet's family and grid.
        device: where it runs.
        supernet: a file that `dse supernet` wrote.
        data: what it is judged on; None for the data of the supernet.
        batches: by which norms are estimated; None for as many as the supernet's training said.
        allow: modules of the user's own that its page may name.

    Raises:
        DseError: for a file that is none, or a candidate that the supernet holds no weights of.
    """
    found = load_supernet(supernet, allow)
    found.shared.to(device)
    network, given = found.network(candidate), one_input(candidate, "inherited")
    JudgedCandidates(_training(found, None, batches), device).settle(network, given)
    return JudgedCandidates(_training(found, data, batches), device).judged(network, given)


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
    allow: tuple[str, ...] = (),
) -> float:
    """Train a candidate on from the weights of a supernet, and return its accuracy in percent.

    The weights are copied: the supernet stays as it is. All else is as in `train`.

    Raises:
        DseError: as `inherited` and `train`.
        Pruned: when told to give up.
    """
    found = load_supernet(supernet, allow)
    found.shared.to(device)
    network = found.network(candidate)
    settled = JudgedCandidates(_training(found, None, None), device)
    settled.settle(network, one_input(candidate, "finetuned"))
    return train(
        candidate,
        network.standing_alone(),
        device,
        seed,
        report,
        checkpoint,
        data=_training(found, data, None).data,
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


def check_inheriting(
    space: DesignSpace, supernet: str, data: str | None = None, **options: Any
) -> None:
    """Refuse what no candidate of a space could be judged by, before anything is evaluated.

    Args:
        space: of the candidates.
        supernet: a file.
        data: what they are judged on; None for the data of the supernet.
        options: of either objective.

    Raises:
        DseError: for a supernet or images that are not there, a supernet of another family or of
            other values of an axis, or an option that is no number that it can be.
    """
    family = space.grid.family
    check_numbers({name: v for name, v in options.items() if v is not None}, "objective")
    found = load_supernet(supernet, family.allow)
    images = _training(found, data, None).data
    check_images(images, "supernet.data" if data is None else "objective.data")
    try:
        found.check_family(family.name)
        for settings in (each for one in space.grid.dimensions for each in one.choices):
            for axis, value in settings.items():
                found.check_value(axis, value)
    except DseError as error:
        raise DseError(f"{supernet}: {error}") from error


def _training(supernet: Supernet, data: str | Path | None, batches: int | None) -> SupernetTraining:
    known = {each.name for each in fields(SupernetTraining)}
    settings = {name: value for name, value in supernet.training.items() if name in known}
    if data is not None:
        settings["data"] = str(data)
    if batches is not None:
        settings["batches"] = batches
    return SupernetTraining(**settings)
