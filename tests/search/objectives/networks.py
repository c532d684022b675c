"""Small candidates and networks to score."""

from torch import nn

from dse.space import BlockTable, Candidate, CostedPoint
from tests.space.shipped import family


def point(candidate: Candidate) -> CostedPoint:
    return CostedPoint({}, candidate.key, candidate, BlockTable().cost(candidate))


def small_mlp() -> Candidate:
    page = family("mlp")
    return page.resolve(page.settings_of({"resolution": 6, "width": 8}))


def convolutional() -> nn.Module:
    """A network for the input of `small_mlp`, 1×6×6."""
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 5, 3, stride=2, bias=False),
        nn.BatchNorm2d(5),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(5, 3, bias=False),
    )
