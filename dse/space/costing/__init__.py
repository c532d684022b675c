"""What blocks and networks cost: the algebra of parts, the memo of blocks, and callables."""

from dse.space.costing.block_costs import Invalid
from dse.space.costing.memo import BlockTable
from dse.space.costing.network import build_network
from dse.space.costing.processes import can_use_processes, cost_in_processes
from dse.space.costing.remembered import context_of, remember, traced
from dse.space.costing.step_algebra import NEVER, BlockStep, optimizer_of, optimizer_peak_of

__all__ = [
    "NEVER",
    "BlockStep",
    "BlockTable",
    "Invalid",
    "build_network",
    "can_use_processes",
    "context_of",
    "cost_in_processes",
    "optimizer_of",
    "optimizer_peak_of",
    "remember",
    "traced",
]
