"""The settings of a supernet's training."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

from dse.checked_numbers import check_number
from dse.search import check_numbers


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
        settings = asdict(self)
        if self.limit is None:
            del settings["limit"]
        check_numbers(settings, "supernet")
        # One image of a batch has no variance, which norms go by.
        check_number("supernet.batch", self.batch, int, 2, math.inf)
        check_number("supernet.shrink", self.shrink, float, 0.0, 1.0)
