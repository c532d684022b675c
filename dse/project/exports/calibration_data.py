"""What the ranges of an int8 network are measured on: samples that the user names."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from torch import Tensor

from dse.code import foreign_code
from dse.errors import DseError

MOST_SAMPLES = 512
"""Beyond which ranges hardly change."""
_IMAGES = (".png", ".jpg", ".jpeg")
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet, as torchvision's weights take images."""


@dataclass(frozen=True)
class CalibrationData:
    """Samples of one input."""

    samples: Tensor
    """(N, …), float32."""
    source: str

    def __str__(self) -> str:
        """Return them as they are told of."""
        return f"{len(self.samples)} sample{'s' * (len(self.samples) > 1)} of {self.source}"


def read_calibration(path: Path, shape: tuple[int, ...]) -> CalibrationData:
    """Read samples of a network's input, the first `MOST_SAMPLES` of them.

    Args:
        path: a `.npy`, or a `.npz` or `.pt` of one array, of samples as the network takes them; or
            a folder of images, which are scaled and cropped to the input, and normalised as
            torchvision's weights take them.
        shape: of a sample, such as (3, 224, 224).

    Raises:
        DseError: for anything else, and samples of another shape or that are no numbers.
    """
    if path.is_dir():
        return CalibrationData(_images(path, shape), str(path))
    if not path.is_file():
        raise DseError(f"{path}: no such file")
    with foreign_code(lambda reason: f"{path}: cannot be read: {reason}"):
        content = _content(path)
    samples = torch.as_tensor(content) if isinstance(content, numpy.ndarray) else content
    if not isinstance(samples, Tensor) or not samples.is_floating_point():
        what = samples.dtype if isinstance(samples, Tensor) else type(samples).__name__
        raise DseError(
            f"{path}: holds {str(what).removeprefix('torch.')}, where the network takes floats"
        )
    if tuple(samples.shape) == shape:
        samples = samples[None]
    if tuple(samples.shape[1:]) != shape or not len(samples):
        raise DseError(
            f"{path}: is of {_sizes(samples.shape)}; the network takes N×{_sizes(shape)}"
        )
    samples = samples[:MOST_SAMPLES].detach().to(torch.float32).contiguous()
    if not bool(torch.isfinite(samples).all()):
        raise DseError(f"{path}: holds values that are no finite numbers")
    return CalibrationData(samples, str(path))


def _sizes(shape: Iterable[int]) -> str:
    return "×".join(map(str, shape))


def _content(path: Path) -> Any:
    """Return what stands in a file, which is never unpickled."""
    if path.suffix == ".pt":
        return _only(path, torch.load(path, map_location="cpu", weights_only=True))
    if path.suffix == ".npz":
        if not zipfile.is_zipfile(path):
            raise DseError(f"{path}: is no archive of arrays")
        with numpy.load(path, allow_pickle=False) as arrays:
            return _only(path, dict(arrays))
    if path.suffix == ".npy":
        return numpy.load(path, allow_pickle=False)
    raise DseError(f"{path}: calibration data is a .npy, .npz, .pt or a folder of images")


def _only(path: Path, content: Any) -> Any:
    if isinstance(content, dict):
        if len(content) != 1:
            raise DseError(f"{path}: has {len(content)} arrays; the network takes one input")
        (content,) = content.values()
    return content


def _images(folder: Path, shape: tuple[int, ...]) -> Tensor:
    """Return the images of a folder, and of those within it, as samples."""
    from torchvision.io import ImageReadMode, decode_image
    from torchvision.transforms.v2 import functional

    if len(shape) != 3 or shape[0] not in (1, 3):
        raise DseError(f"{folder}: images are 1×H×W or 3×H×W; the network takes {_sizes(shape)}")
    files = sorted(each for each in folder.rglob("*") if each.suffix.lower() in _IMAGES)
    if not files:
        raise DseError(f"{folder}: has no {', '.join(_IMAGES)}")
    mode = ImageReadMode.RGB if shape[0] == 3 else ImageReadMode.GRAY
    found = []
    for file in files[:MOST_SAMPLES]:
        with foreign_code(lambda reason, file=file: f"{file}: {reason}"):  # type: ignore[misc]
            image = decode_image(str(file), mode)
        height, width = image.shape[1:]
        scale = max(shape[1] / height, shape[2] / width)
        sizes = [max(shape[1], round(height * scale)), max(shape[2], round(width * scale))]
        image = functional.resize(image, sizes, antialias=True)
        image = functional.center_crop(image, [*shape[1:]]).to(torch.float32) / 255
        if shape[0] == 3:
            image = functional.normalize(image, list(_MEAN), list(_DEVIATION))
        found.append(image)
    return torch.stack(found)
