"""What the keys of config groups make: conditions of costs, executors, samplers, objectives."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.config_groups.cost_group import CostConfig as CostConfig
    from dse.project.config_groups.cost_group import cost_page as cost_page
    from dse.project.config_groups.cost_group import cost_words as cost_words
    from dse.project.config_groups.cost_group import read_conditions as read_conditions
    from dse.project.config_groups.cost_group import read_cost_group as read_cost_group
    from dse.project.config_groups.executors import read_executor as read_executor
    from dse.project.config_groups.given_functions import check_importable as check_importable
    from dse.project.config_groups.given_functions import name_of as name_of
    from dse.project.config_groups.given_functions import recorded_content as recorded_content
    from dse.project.config_groups.given_functions import recorded_functions as recorded_functions
    from dse.project.config_groups.sampler_config import find_sampler as find_sampler
    from dse.project.config_groups.sampler_config import read_sampler as read_sampler
    from dse.project.config_groups.sampler_config import refuse_hints_for as refuse_hints_for
    from dse.project.config_groups.sampler_config import sampler_maker as sampler_maker
    from dse.project.config_groups.sampler_config import takes_pool as takes_pool
    from dse.project.config_groups.search_config import GIVEN as GIVEN
    from dse.project.config_groups.search_config import OBJECTIVES as OBJECTIVES
    from dse.project.config_groups.search_config import check_objective_on as check_objective_on
    from dse.project.config_groups.search_config import read_objective as read_objective
    from dse.project.config_groups.search_config import read_pruner as read_pruner
    from dse.project.config_groups.search_config import split_budget as split_budget

_HOMES = {
    "dse.project.config_groups.cost_group": (
        *("CostConfig", "cost_page", "cost_words", "read_conditions", "read_cost_group"),
    ),
    "dse.project.config_groups.executors": ("read_executor",),
    "dse.project.config_groups.given_functions": (
        *("check_importable", "name_of", "recorded_content", "recorded_functions"),
    ),
    "dse.project.config_groups.sampler_config": (
        *("find_sampler", "read_sampler", "refuse_hints_for", "sampler_maker", "takes_pool"),
    ),
    "dse.project.config_groups.search_config": (
        *("GIVEN", "OBJECTIVES", "check_objective_on", "read_objective", "read_pruner"),
        *("split_budget",),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
