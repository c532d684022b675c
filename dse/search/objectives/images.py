"""Images to train on, resized to a network's input."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from dse.errors import DseError, closest
from dse.extras import install

_NO_DIGITS = f"data=digits needs scikit-learn, which is not installed: {install('train')}"

LEAST = 2
"""Images to train on, of which a norm has a variance."""

SHARE = 0.75
"""Of the images that are trained on, where they do not come in two parts."""


@dataclass(frozen=True)
class Images:
    """Images (N, C, H, W) with their labels, of mean 0 and variance 1 over those trained on."""

    train: Tensor
    train_labels: Tensor
    validation: Tensor
    validation_labels: Tensor
    classes: int

    @cached_property
    def digest(self) -> str:
        """What stands for all of them."""
        found = hashlib.blake2b(digest_size=16)
        for each in (self.train, self.train_labels, self.validation, self.validation_labels):
            found.update(each.contiguous().numpy().tobytes())
        return found.hexdigest()


@lru_cache(maxsize=2)
def load_images(data: str, shape: tuple[int, ...], limit: int | None = None) -> Images:
    """Return images at a shape (C, H, W).

    Args:
        data: `digits`, or a folder.
        shape: of each image.
        limit: images to train on at most.

    Raises:
        DseError: where scikit-learn is not installed, for a folder that holds no images, or a shape
            that is none of images.
    """
    if len(shape) != 3:
        raise DseError(f"train: the network takes {shape}, and no images (C, H, W)")
    if data == "digits":
        images, labels = _digits()
        parts = _split(_resized(images, shape), labels)
    else:
        parts = _folder(Path(data), shape)
    train, train_labels, validation, validation_labels = parts
    train, train_labels = train[:limit], train_labels[:limit]
    if len(train_labels) < LEAST or not len(validation_labels):
        held = f"{len(train_labels)} to train on and {len(validation_labels)} to judge by"
        raise DseError(f"{data}: too few images: {held}, and {LEAST} and 1 are needed")
    mean, spread = train.mean(), train.std().clamp_min(1e-6)
    classes = int(torch.cat([train_labels, validation_labels]).max()) + 1
    return Images(
        (train - mean) / spread,
        train_labels,
        (validation - mean) / spread,
        validation_labels,
        classes,
    )


def check_images(data: str, key: str) -> None:
    """Refuse images that cannot be there to train on, without reading them.

    Args:
        data: `digits`, or a folder.
        key: that says so, for messages.

    Raises:
        DseError: where scikit-learn is not installed, or for what is no folder of classes.
    """
    if data == "digits":
        if find_spec("sklearn") is None:
            raise DseError(_NO_DIGITS)
        return
    path = Path(data)
    if not path.is_dir():
        hint = "; did you mean 'digits'?" if closest(data, ["digits"]) else ""
        raise DseError(f"{key}: {data!r} is neither 'digits' nor a folder{hint}")
    has_parts = (path / "train").is_dir() and (path / "val").is_dir()
    for part in (path / "train", path / "val") if has_parts else (path,):
        if not any(child.is_dir() for child in part.iterdir()):
            raise DseError(f"{part}: holds no directory of images for each class")


def _digits() -> tuple[Tensor, Tensor]:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise DseError(_NO_DIGITS) from error
    found = load_digits()
    images = torch.tensor(found.images, dtype=torch.float32)[:, None] / 16
    return images, torch.tensor(found.target, dtype=torch.int64)


def _resized(images: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return images (N, C, H, W) at another size, grey ones repeated in every channel."""
    channels, height, width = shape
    if images.shape[2:] != (height, width):
        size = (height, width)
        images = interpolate(images, size=size, mode="bilinear", antialias=True)
    if images.shape[1] == channels:
        return images
    return images.mean(dim=1, keepdim=True).repeat(1, channels, 1, 1)


def _split(images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return a shuffled split, the same one at all times."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    number = int(SHARE * len(labels))
    first, second = order[:number], order[number:]
    return images[first], labels[first], images[second], labels[second]


def _folder(path: Path, shape: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    if not path.is_dir():
        raise DseError(f"data: {str(path)!r} is neither 'digits' nor a folder")
    if (path / "train").is_dir() and (path / "val").is_dir():
        names, images, labels = _read(path / "train", shape)
        other, validation, validation_labels = _read(path / "val", shape)
        if names != other:
            raise DseError(f"{path}: train and val hold different classes")
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
        return images[order], labels[order], validation, validation_labels
    _, images, labels = _read(path, shape)
    return _split(images, labels)


def _read(path: Path, shape: tuple[int, ...]) -> tuple[list[str], Tensor, Tensor]:
    from torchvision.datasets import ImageFolder
    from torchvision.transforms.functional import pil_to_tensor

    try:
        folder = ImageFolder(str(path))
    except FileNotFoundError as error:
        raise DseError(f"{path}: {error}") from error
    images = []
    for place, (file, _) in enumerate(folder.samples):
        try:
            image, _ = folder[place]
        except OSError as error:
            raise DseError(f"{file}: it is no image, or a damaged one") from error
        images.append(_resized(pil_to_tensor(image)[None] / 255, shape))
    return folder.classes, torch.cat(images), torch.tensor(folder.targets, dtype=torch.int64)
