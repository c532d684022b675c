"""BoTorch's noisy expected improvement, over every free candidate of a pool."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from dse.search.samplers import Observations
from tests.rivals.drawn_first import DrawnFirstSampler
from tests.rivals.encodings import Indices, scaled, varied

CHUNK = 1000
"""Candidates whose improvement is worked out at a time."""

DRAWS = 128
"""Of the posterior, for an expectation."""


class BotorchSampler(DrawnFirstSampler):
    """qLogNoisyExpectedImprovement (arXiv:2310.20708) of a Gaussian process on the settings.

    The process is the one that BoTorch proposes for mixed settings, `MixedSingleTaskGP`, with axes
    in no order as categories and the others scaled to the unit cube; its defaults throughout. No
    proposal is left to an optimiser: the improvement of each free candidate is worked out.
    """

    def start(self, seed: int) -> None:
        super().start(seed)
        kept = varied(self.choices)
        self._columns = torch.from_numpy(scaled(self.choices, self.ordered)[:, kept])
        self._categories = [at for at, axis in enumerate(kept) if not self.ordered[axis]]

    def chosen(self, known: Observations, free: Indices, rng: np.random.Generator) -> int:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**31)))
            return int(free[self._improvement(known, free).argmax()])

    def _improvement(self, known: Observations, free: np.ndarray[Any, Any]) -> torch.Tensor:
        from botorch.acquisition.logei import qLogNoisyExpectedImprovement
        from botorch.sampling import SobolQMCNormalSampler

        observed = self._columns[known.points]
        acquisition = qLogNoisyExpectedImprovement(
            self._fitted(observed, torch.from_numpy(known.values[:, :1].copy())),
            X_baseline=observed,
            X_pending=self._columns[known.pending] if len(known.pending) else None,
            sampler=SobolQMCNormalSampler(torch.Size([DRAWS]), seed=self._seed),
        )
        with torch.no_grad():
            parts = [acquisition(part.unsqueeze(1)) for part in self._columns[free].split(CHUNK)]
        return torch.cat(parts)

    def _fitted(self, observed: torch.Tensor, values: torch.Tensor) -> Any:
        from botorch.exceptions.errors import ModelFittingError
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import MixedSingleTaskGP, SingleTaskGP
        from gpytorch.mlls import ExactMarginalLogLikelihood

        if self._categories:
            model = MixedSingleTaskGP(observed, values, cat_dims=self._categories)
        else:
            model = SingleTaskGP(observed, values)
        try:
            fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        except ModelFittingError:
            # Every restart failed, as it may on equal values: the prior's lengths stay.
            model.eval()
        return model
