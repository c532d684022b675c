"""The distinct networks of a space as a layered graph: counted, drawn and optimised along paths."""

from dse.space.graph.amounts import checked_afterwards
from dse.space.graph.apart import best_apart
from dse.space.graph.best_peaks import best_by_level, has_best_by_level
from dse.space.graph.certain_count import certain_count
from dse.space.graph.cost_histogram import Bar, histogram
from dse.space.graph.exact_optimum import Optimum, best_networks, is_exact_for
from dse.space.graph.extremes import extreme
from dse.space.graph.front_networks import CostGoal, exact_front, has_exact_front
from dse.space.graph.networks import NetworkGraph, bearing, network_graph
from dse.space.graph.used_blocks import BlockUse, block_uses, networks_with, networks_without
from dse.space.graph.ways import NetworkCount, Ways
from dse.space.graph.within import ways_within

__all__ = [
    "Bar",
    "BlockUse",
    "CostGoal",
    "NetworkCount",
    "NetworkGraph",
    "Optimum",
    "Ways",
    "bearing",
    "best_apart",
    "best_by_level",
    "best_networks",
    "block_uses",
    "certain_count",
    "checked_afterwards",
    "exact_front",
    "extreme",
    "has_best_by_level",
    "has_exact_front",
    "histogram",
    "is_exact_for",
    "network_graph",
    "networks_with",
    "networks_without",
    "ways_within",
]
