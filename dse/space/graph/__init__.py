"""The distinct networks of a space as a layered graph: counted, drawn and optimised along paths."""

from dse.space.graph.amounts import checked_afterwards
from dse.space.graph.block_uses import BlockUse, block_uses, networks_with, networks_without
from dse.space.graph.cost_histogram import Bar, histogram
from dse.space.graph.exact_optimum import is_exact_for, optimum
from dse.space.graph.extremes import extreme
from dse.space.graph.networks import NetworkGraph, bearing, network_graph
from dse.space.graph.ways import NetworkCount, Ways
from dse.space.graph.within import ways_within

__all__ = [
    "Bar",
    "BlockUse",
    "NetworkCount",
    "NetworkGraph",
    "Ways",
    "bearing",
    "block_uses",
    "checked_afterwards",
    "extreme",
    "histogram",
    "is_exact_for",
    "network_graph",
    "networks_with",
    "networks_without",
    "optimum",
    "ways_within",
]
