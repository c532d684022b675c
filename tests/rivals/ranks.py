"""Mean ranks of samplers over many cases, and how far apart they must be to tell anything."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import friedmanchisquare, rankdata, studentized_range

LEVEL = 0.05


@dataclass(frozen=True)
class Ranks:
    """Friedman's test on samplers over cases, and Nemenyi's after it."""

    mean: NDArray[np.float64]
    """Of each sampler; the best is 1."""
    p_value: float
    """Of Friedman's test: how likely such differences are between samplers that are alike."""
    difference: float
    """By Nemenyi: mean ranks that are less far apart do not tell two samplers apart."""


def friedman(regrets: NDArray[np.float64]) -> Ranks:
    """Return the ranks of regrets of shape (cases, samplers); equals share their ranks.

    For three samplers or more (10.5555/1248547.1248548).
    """
    cases, samplers = regrets.shape
    ranks = rankdata(regrets, axis=1)
    quantile = studentized_range.ppf(1 - LEVEL, samplers, np.inf) / np.sqrt(2)
    return Ranks(
        ranks.mean(axis=0),
        float(friedmanchisquare(*regrets.T).pvalue),
        float(quantile * np.sqrt(samplers * (samplers + 1) / (6 * cases))),
    )
