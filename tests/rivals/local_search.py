"""An ensemble of predictors with Thompson sampling and local search, after BANANAS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from dse.search.samplers import Observations
from tests.rivals.drawn_first import DrawnFirstSampler
from tests.rivals.encodings import Indices, one_hot

NETWORKS = 5
WIDTH = 32
STEPS = 150
PARENTS = 10
MUTANTS = 100


class LocalSearchSampler(DrawnFirstSampler):
    """BANANAS (arXiv:1910.11858) on a pool, one candidate at a time.

    Small networks that start from different weights learn the values. The mutants of the best
    candidates so far, as near to them as the pool has any left, are each given a draw from what the
    networks predict for it (independent Thompson sampling), and the best draw comes next.
    """

    def start(self, seed: int) -> None:
        super().start(seed)
        self._columns = torch.from_numpy(one_hot(self.choices, self.ordered)).float()

    def chosen(self, known: Observations, free: Indices, rng: np.random.Generator) -> int:
        mutants = self._mutants(known, free, rng)
        predicted = predictions(
            self._columns[known.points],
            torch.from_numpy(known.values[:, 0].copy()).float(),
            self._columns[mutants],
            int(rng.integers(2**31)),
        )
        draws = rng.normal(predicted.mean(axis=0), predicted.std(axis=0))
        return int(mutants[draws.argmax()])

    def _mutants(self, known: Observations, free: Indices, rng: np.random.Generator) -> Indices:
        """Return the free candidates that differ least from any of the best so far."""
        best = known.points[np.argsort(-known.values[:, 0], kind="stable")[:PARENTS]]
        differing = np.full(len(free), self.choices.shape[1])
        for parent in best:
            changed = (self.choices[free] != self.choices[parent]).sum(axis=1)
            differing = np.minimum(differing, changed)
        return free[np.argsort(differing + rng.random(len(free)))[:MUTANTS]]


def predictions(
    observed: torch.Tensor, values: torch.Tensor, asked: torch.Tensor, seed: int
) -> np.ndarray[Any, Any]:
    """Return what each network of an ensemble predicts, of shape (networks, candidates).

    The networks have two hidden layers and learn side by side, by Adam on all observations.
    """
    centre, spread = values.mean(), values.std().clamp(min=1e-12)
    target = ((values - centre) / spread)[None, :, None]
    draws = torch.Generator().manual_seed(seed)
    shapes = ((observed.shape[1], WIDTH), (WIDTH, WIDTH), (WIDTH, 1))
    weights = [torch.randn(NETWORKS, a, b, generator=draws) * (2 / a) ** 0.5 for a, b in shapes]
    biases = [torch.zeros(NETWORKS, 1, b) for _, b in shapes]
    parameters = [each.requires_grad_() for each in (*weights, *biases)]
    optimiser = torch.optim.Adam(parameters, lr=0.01, weight_decay=1e-4)
    for _ in range(STEPS):
        optimiser.zero_grad()
        # Each network has a loss of its own: their sum keeps the gradients apart.
        ((_outputs(observed, weights, biases) - target) ** 2).mean(dim=(1, 2)).sum().backward()
        optimiser.step()
    with torch.no_grad():
        found = _outputs(asked, weights, biases)[:, :, 0] * spread + centre
    return found.double().numpy()


def _outputs(
    rows: torch.Tensor, weights: Sequence[torch.Tensor], biases: Sequence[torch.Tensor]
) -> torch.Tensor:
    hidden = rows.expand(NETWORKS, *rows.shape)
    for place, (weight, bias) in enumerate(zip(weights, biases, strict=True)):
        hidden = torch.baddbmm(bias, hidden if place == 0 else hidden.relu(), weight)
    return hidden
