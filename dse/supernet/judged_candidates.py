"""How well candidates of a supernet do on images that they were not trained on."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from dse.search import Images, OneInput, accuracy_of, load_images
from dse.supernet.norm_statistics import estimate_norms
from dse.supernet.shared_tensors import SharedNetwork
from dse.supernet.supernet_settings import SupernetTraining


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
