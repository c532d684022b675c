"""Configuration-driven design-space exploration for neural network architectures."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, listing

if TYPE_CHECKING:
    from dse import plots as plots
    from dse.catalogue import listed_blocks as listed_blocks
    from dse.costs import Cost as Cost
    from dse.costs import give_cost as give_cost
    from dse.costs import register_cost as register_cost
    from dse.costs import unregister_cost as unregister_cost
    from dse.counting import Convention as Convention
    from dse.counting import Input as Input
    from dse.counting import count as count
    from dse.counting import register_module as register_module
    from dse.counting import register_operator as register_operator
    from dse.counting import unregister as unregister
    from dse.errors import DseError as DseError
    from dse.errors import UnknownCostWarning as UnknownCostWarning
    from dse.own_version import __version__ as __version__
    from dse.project import Project as Project
    from dse.project import Space as Space
    from dse.project import Study as Study
    from dse.project import checked_bounds as checked_bounds
    from dse.project import design_space as design_space
    from dse.project import listed_families as listed_families
    from dse.project import open as open
    from dse.project import roofline as roofline
    from dse.search import CandidateSampler as CandidateSampler
    from dse.search import Objective as Objective
    from dse.search import Pruned as Pruned
    from dse.space import build as build

_HOMES = {
    "dse.catalogue": ("listed_blocks",),
    "dse.costs": ("Cost", "give_cost", "register_cost", "unregister_cost"),
    "dse.counting": (
        *("Convention", "Input", "count", "register_module", "register_operator", "unregister"),
    ),
    "dse.errors": ("DseError", "UnknownCostWarning"),
    "dse.own_version": ("__version__",),
    "dse.project": (
        *("Project", "Space", "Study", "checked_bounds", "design_space", "listed_families", "open"),
        *("roofline",),
    ),
    "dse.search": ("CandidateSampler", "Objective", "Pruned"),
    "dse.space": ("build",),
}

__getattr__ = lazily(__name__, _HOMES, modules=("plots",))

__all__ = [
    "CandidateSampler",
    "Convention",
    "Cost",
    "DseError",
    "Input",
    "Objective",
    "Project",
    "Pruned",
    "Space",
    "Study",
    "UnknownCostWarning",
    "__version__",
    "build",
    "checked_bounds",
    "count",
    "design_space",
    "give_cost",
    "listed_blocks",
    "listed_families",
    "open",
    "plots",
    "register_cost",
    "register_module",
    "register_operator",
    "roofline",
    "unregister",
    "unregister_cost",
]

__dir__ = listing(__all__)
