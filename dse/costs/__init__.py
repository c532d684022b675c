"""What a cost is: the one list of declarations, what costs depend on, and numbers of blocks."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.costs.cost_conditions import CONDITION_CHOICES as CONDITION_CHOICES
    from dse.costs.cost_conditions import CONDITION_NAMES as CONDITION_NAMES
    from dse.costs.cost_conditions import COST_CHOICES as COST_CHOICES
    from dse.costs.cost_conditions import COST_KEYS as COST_KEYS
    from dse.costs.cost_conditions import DTYPES as DTYPES
    from dse.costs.cost_conditions import FORMER_VALUES as FORMER_VALUES
    from dse.costs.cost_conditions import INTEGER_DTYPES as INTEGER_DTYPES
    from dse.costs.cost_conditions import LARGEST_BATCH as LARGEST_BATCH
    from dse.costs.cost_conditions import LARGEST_CONTEXT as LARGEST_CONTEXT
    from dse.costs.cost_conditions import NUMBER_CONDITIONS as NUMBER_CONDITIONS
    from dse.costs.cost_conditions import OF_NUMBERS as OF_NUMBERS
    from dse.costs.cost_conditions import OPTIMIZERS as OPTIMIZERS
    from dse.costs.cost_conditions import Conditions as Conditions
    from dse.costs.cost_declarations import give_cost as give_cost
    from dse.costs.cost_declarations import is_of_every_candidate as is_of_every_candidate
    from dse.costs.cost_declarations import names_of_every_candidate as names_of_every_candidate
    from dse.costs.cost_declarations import register_cost as register_cost
    from dse.costs.cost_declarations import unregister_cost as unregister_cost
    from dse.costs.cost_list import COST_NAMES as COST_NAMES
    from dse.costs.cost_list import COSTS as COSTS
    from dse.costs.cost_list import LARGEST_NUMBER as LARGEST_NUMBER
    from dse.costs.cost_list import RATIOS as RATIOS
    from dse.costs.cost_list import TRAINING_COSTS as TRAINING_COSTS
    from dse.costs.cost_list import UNITS as UNITS
    from dse.costs.cost_list import Cost as Cost
    from dse.costs.cost_list import Costs as Costs
    from dse.costs.cost_list import Unit as Unit
    from dse.costs.cost_list import base_costs as base_costs
    from dse.costs.cost_list import base_terms as base_terms
    from dse.costs.cost_list import declared_costs as declared_costs
    from dse.costs.cost_list import declared_values as declared_values
    from dse.costs.cost_list import given_costs as given_costs
    from dse.costs.cost_list import is_telling as is_telling
    from dse.costs.cost_list import lack_of as lack_of
    from dse.costs.cost_list import summed_costs as summed_costs
    from dse.costs.cost_list import telling as telling
    from dse.costs.cost_list import terms_shown as terms_shown
    from dse.costs.cost_list import unit_of as unit_of
    from dse.costs.given_numbers import BlockNumbers as BlockNumbers

_HOMES = {
    "dse.costs.cost_conditions": (
        *("CONDITION_CHOICES", "CONDITION_NAMES", "COST_CHOICES", "COST_KEYS", "Conditions"),
        *("DTYPES", "FORMER_VALUES", "INTEGER_DTYPES", "LARGEST_BATCH", "LARGEST_CONTEXT"),
        *("NUMBER_CONDITIONS", "OF_NUMBERS", "OPTIMIZERS"),
    ),
    "dse.costs.cost_declarations": (
        *("give_cost", "is_of_every_candidate", "names_of_every_candidate", "register_cost"),
        *("unregister_cost",),
    ),
    "dse.costs.cost_list": (
        *("COSTS", "COST_NAMES", "Cost", "Costs", "LARGEST_NUMBER", "RATIOS", "TRAINING_COSTS"),
        *("UNITS", "Unit", "base_costs", "base_terms", "declared_costs", "declared_values"),
        *("given_costs", "is_telling", "lack_of", "summed_costs", "telling", "terms_shown"),
        *("unit_of",),
    ),
    "dse.costs.given_numbers": ("BlockNumbers",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
