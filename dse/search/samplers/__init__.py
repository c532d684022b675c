"""Samplers of our own, for Optuna; they need nothing else of dse."""

from dse.search.samplers.candidate_sampler import Beyond, CandidateSampler, NoCandidateLeftError
from dse.search.samplers.candidate_table import CandidateTable
from dse.search.samplers.earlier import EarlierTask, earlier_hint
from dse.search.samplers.evolution import EvolutionSampler
from dse.search.samplers.observations import Observations
from dse.search.samplers.pool_books import CANDIDATE
from dse.search.samplers.pool_graph import PoolGraph
from dse.search.samplers.pool_rows import PoolRows
from dse.search.samplers.pool_sampler import PoolSampler

SAMPLERS = {f"{__name__}.{each.__name__}": each for each in (EvolutionSampler, PoolSampler)}
"""The samplers that any config may name, by their paths."""

__all__ = [
    "CANDIDATE",
    "SAMPLERS",
    "Beyond",
    "CandidateSampler",
    "CandidateTable",
    "EarlierTask",
    "EvolutionSampler",
    "NoCandidateLeftError",
    "Observations",
    "PoolGraph",
    "PoolRows",
    "PoolSampler",
    "earlier_hint",
]
