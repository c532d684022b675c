"""Our sampler without each of its parts, to see what the part gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import numpy as np

from dse.search.samplers import Observations, PoolSampler, forest_model, suggestion, surrogate
from dse.search.samplers.gaussian_kernels import Kernel, MaternPart, PairsPart
from dse.search.samplers.suggestion import Suggester

LOOKED_AT = 8000


@dataclass(frozen=True)
class Ablation:
    """A part that is left out."""

    name: str
    title: str
    patched: Sequence[tuple[object, str, Any]] = ()
    """What of the sampler's modules has another value."""
    keeps: Callable[[Kernel], bool] = lambda kernel: True
    """Which readings are kept."""
    knows_like_axes: bool = True
    knows_costs: bool = True


def hopeless(model: object, values: np.ndarray) -> np.ndarray:
    """Return densities of which no weight is left."""
    return np.full(len(values), -100.0)


def some(suggester: Suggester, known: Observations) -> np.ndarray:
    """Return candidates drawn anew for each suggestion."""
    number = len(suggester.choices)
    rng = np.random.default_rng((suggester.seed, len(known.points)))
    return np.sort(rng.choice(number, min(LOOKED_AT, number), replace=False))


def has_pairs(kernel: Kernel) -> bool:
    return any(isinstance(part, PairsPart) for part in kernel.parts)


def is_plain(kernel: Kernel) -> bool:
    """Return whether a kernel reads settings or costs by one length scale each, and no more."""
    return any(isinstance(part, MaternPart) for part in kernel.parts) and len(kernel.parts) == 2


ABLATIONS = (
    Ablation("without_like_axes", "no sharing among like axes", knows_like_axes=False),
    Ablation("without_pairs", "no pairs of axes", keeps=lambda kernel: not has_pairs(kernel)),
    Ablation(
        "without_trees",
        "no trees",
        [(forest_model.ForestModel, "log_densities", hopeless)],
    ),
    Ablation("without_costs", "no costs", knows_costs=False),
    Ablation(
        "without_draws",
        "one draw of the hyperparameters",
        [(surrogate, "DRAWS", 1)],
    ),
    Ablation("without_widening", "variances as they are", [(suggestion, "WIDEST", 1.0)]),
    Ablation(
        "without_the_whole_pool",
        f"{LOOKED_AT:,} candidates looked at",
        [(Suggester, "_look", some)],
    ),
    Ablation("plain_readings", "settings, costs, and trees alone", keeps=is_plain),
)


class AblatedSampler(PoolSampler):
    """The sampler without one part, by its name."""

    def __init__(self, candidates: Any, costs: Any = None, *, without: str, seed: int) -> None:
        self._ablation = next(each for each in ABLATIONS if each.name == without)
        known = costs if self._ablation.knows_costs else None
        super().__init__(candidates, known, seed=seed)

    def start(self, seed: int) -> None:
        """Set up the process without the part."""
        super().start(seed)
        if not self._ablation.knows_like_axes:
            self._suggester = replace(self._suggester, alike=(), _surrogates={})
        kernels = self._suggester._kernels
        self._suggester._kernels = [each for each in kernels if self._ablation.keeps(each)]

    def suggest(self, known: Observations) -> int | None:
        """Return what the sampler suggests without the part."""
        with ExitStack() as stack:
            for target, name, value in self._ablation.patched:
                stack.enter_context(patch.object(target, name, value))
            return super().suggest(known)
