"""Samplers of our own, for Optuna; they need nothing else of dse."""

from dse.search.samplers.evolution import EvolutionSampler
from dse.search.samplers.pool import PoolSampler

__all__ = ["EvolutionSampler", "PoolSampler"]
