"""Which candidates are there, and what does each cost?"""

from dse.space.block_costs import Invalid
from dse.space.budget import Budget, read_budget
from dse.space.candidate import Candidate, ResolvedBlock
from dse.space.catalogue import load_family
from dse.space.costing import BlockTable
from dse.space.family import Family
from dse.space.feasibility import require_feasible
from dse.space.grid import Grid, read_grid
from dse.space.network import build_network
from dse.space.page import read_family
from dse.space.space import CostedPoint, DesignSpace

__all__ = [
    "BlockTable",
    "Budget",
    "Candidate",
    "CostedPoint",
    "DesignSpace",
    "Family",
    "Grid",
    "Invalid",
    "ResolvedBlock",
    "build_network",
    "load_family",
    "read_budget",
    "read_family",
    "read_grid",
    "require_feasible",
]
