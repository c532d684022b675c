"""Configuration-driven design-space exploration for neural network architectures."""

from importlib.metadata import version
from typing import TYPE_CHECKING

from dse.lazy_exports import lazily

if TYPE_CHECKING:
    from dse.costs import register_cost as register_cost
    from dse.costs import unregister_cost as unregister_cost
    from dse.counting import count as count
    from dse.counting import register_module as register_module
    from dse.counting import register_operator as register_operator
    from dse.errors import UnknownCostWarning as UnknownCostWarning
    from dse.space import build as build

_HOMES = {
    "dse.costs": ("register_cost", "unregister_cost"),
    "dse.counting": ("count", "register_module", "register_operator"),
    "dse.errors": ("UnknownCostWarning",),
    "dse.space": ("build",),
}

__getattr__ = lazily(__name__, _HOMES)
__version__ = version("dse")

__all__ = [
    "UnknownCostWarning",
    "__version__",
    "build",
    "count",
    "register_cost",
    "register_module",
    "register_operator",
    "unregister_cost",
]
