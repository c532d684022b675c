"""Which options the scores of untrained networks, and latency, may have."""

from __future__ import annotations

import math
import sys
from typing import Any

from dse.checked_numbers import check_number
from dse.errors import DseError


def check_score(**options: Any) -> None:
    """Refuse a score of a batch that is none.

    Raises:
        DseError: naming the option.
    """
    _check_whole(options, batch=1)


def check_zen(perturbation: float = 0.01, **options: Any) -> None:
    """Refuse what a Zen-score cannot go by: no batch, no random weights, or no change of images.

    Raises:
        DseError: naming the option.
    """
    _check_whole(options, batch=1, repeats=1)
    check_number("objective.perturbation", perturbation, float, 0.0, math.inf)
    if perturbation == 0:
        raise DseError("objective.perturbation: 0 is not positive")


def check_latency(**options: Any) -> None:
    """Refuse passes that cannot be timed: without inputs, or too few to tell how they spread.

    Raises:
        DseError: naming the option.
    """
    _check_whole(options, batch=1, warmup=0, repeats=2)


def _check_whole(options: dict[str, Any], **least: int) -> None:
    for name, bound in least.items():
        if name in options:
            check_number(f"objective.{name}", options[name], int, bound, sys.maxsize)
