"""How well candidates of a supernet do on images that they were not trained on."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from dse.errors import DseError
from dse.search import Images, OneInput, accuracy_of, load_images
from dse.supernet.norm_statistics import estimate_norms
from dse.supernet.shared_tensors import SharedNetwork
from dse.supernet.supernet_settings import SupernetTraining


def check_outputs(scores: Tensor, classes: int) -> None:
    """Refuse networks that do not tell so many classes apart.

    Args:
        scores: what one returns, which has to be of shape (N, outputs).
        classes: of the images.

    Raises:
        DseError: naming both numbers.
    """
    if scores.dim() != 2:
        raise DseError(
            f"supernet: a network returns {tuple(scores.shape)}, and no scores of classes"
        )
    if scores.shape[1] < classes:
        raise DseError(
            f"supernet: the networks have {scores.shape[1]} outputs, and the images {classes} "
            "classes; a page has them in its axis `classes` or `num_classes`"
        )


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
        return self.judged(network, given)

    def judged(self, network: SharedNetwork, given: OneInput) -> float:
        """Return likewise the accuracy of a candidate whose norms were estimated.

        Raises:
            DseError: for images of more classes than the candidate tells apart.
        """
        images = self.images(given)
        with torch.no_grad():
            scores = given.classify(network, images.validation[:1].to(self._device))
        check_outputs(scores, images.classes)
        return accuracy_of(given, network, images, self._device, self._training.batch)

    def _batches(self, images: Images) -> Iterator[Tensor]:
        # A draw of its own: judging a candidate must not change what is trained on next.
        generator = torch.Generator().manual_seed(0)
        order = torch.randperm(len(images.train_labels), generator=generator)
        size = min(self._training.batch, len(order))
        for chosen in order[: size * self._training.batches].split(size):
            if len(chosen) > 1:
                yield images.train[chosen].to(self._device)
