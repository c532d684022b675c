"""One call for each thing a person does: what `dse.open` and `dse.design_space` return.

The command line and a notebook make the same requests and go the same way.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily

if TYPE_CHECKING:
    from dse.project.cost_group import CostConfig as CostConfig
    from dse.project.cost_group import read_conditions as read_conditions
    from dse.project.cost_group import read_cost_group as read_cost_group
    from dse.project.descriptions import Described as Described
    from dse.project.descriptions import described as described
    from dse.project.exploration import count_of as count_of
    from dse.project.exploration import describe_grid as describe_grid
    from dse.project.exploration import record_refused as record_refused
    from dse.project.frames import columns_of as columns_of
    from dse.project.frames import encodable as encodable
    from dse.project.frames import frame_of as frame_of
    from dse.project.frames import plain_value as plain_value
    from dse.project.opened import Project as Project
    from dse.project.opened import open as open
    from dse.project.search_config import read_sampler as read_sampler
    from dse.project.searches import SearchRequest as SearchRequest
    from dse.project.searches import run_search as run_search
    from dse.project.spaces import Space as Space
    from dse.project.spaces import design_space as design_space
    from dse.project.study import Study as Study
    from dse.project.sweep_requests import SweepRequest as SweepRequest
    from dse.project.sweep_requests import Swept as Swept
    from dse.project.sweep_requests import run_sweep as run_sweep

_HOMES = {
    "dse.project.cost_group": ("CostConfig", "read_conditions", "read_cost_group"),
    "dse.project.descriptions": ("Described", "described"),
    "dse.project.exploration": ("count_of", "describe_grid", "record_refused"),
    "dse.project.frames": ("columns_of", "encodable", "frame_of", "plain_value"),
    "dse.project.opened": ("Project", "open"),
    "dse.project.search_config": ("read_sampler",),
    "dse.project.searches": ("SearchRequest", "run_search"),
    "dse.project.spaces": ("Space", "design_space"),
    "dse.project.study": ("Study",),
    "dse.project.sweep_requests": ("SweepRequest", "Swept", "run_sweep"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = [
    "CostConfig",
    "Described",
    "Project",
    "SearchRequest",
    "Space",
    "Study",
    "SweepRequest",
    "Swept",
    "columns_of",
    "count_of",
    "describe_grid",
    "described",
    "design_space",
    "encodable",
    "frame_of",
    "open",
    "plain_value",
    "read_conditions",
    "read_cost_group",
    "read_sampler",
    "record_refused",
    "run_search",
    "run_sweep",
]
