"""A sampler that goes by its hints and notes them, and an objective that takes a while."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dse.search.samplers import CandidateSampler, Observations


class Noted(CandidateSampler):
    """Takes the free candidate of the greatest sum of hints, and notes all hints in a file."""

    def __init__(
        self,
        candidates: Sequence[Mapping[str, Any]],
        costs: np.ndarray | None = None,
        *,
        hints: np.ndarray | None = None,
        seed: int | None = None,
    ) -> None:
        self.hints = hints
        if hints is not None:
            rows = [[None if np.isnan(v) else v for v in row] for row in hints.tolist()]
            noted = {"process": os.getpid(), "candidates": list(candidates), "hints": rows}
            with open(os.environ["DSE_HINTS"], "a") as file:
                file.write(json.dumps(noted) + "\n")
        super().__init__(candidates, costs, seed=seed)

    def start(self, seed: int) -> None:
        pass

    def suggest(self, known: Observations) -> int | None:
        free = np.flatnonzero(~known.is_taken(len(self.candidates)))
        if not len(free):
            return None
        told = np.zeros(len(free)) if self.hints is None else np.nansum(self.hints[free], axis=1)
        return int(free[told.argmax()])


def wide(candidate) -> float:
    """Return a score at once."""
    return candidate.settings["width"] + 0.5 * candidate.settings["depth"]


def slow(candidate) -> float:
    """Return the same after a while."""
    time.sleep(0.3)
    return wide(candidate)


def steep(candidate, factor=1.0) -> float:
    """Return a score that has an option."""
    return factor * wide(candidate)
