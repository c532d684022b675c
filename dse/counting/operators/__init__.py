"""What one call of an operator costs: a rule each, to which users can add, and bytes moved."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.counting.operators.free_operators import OF_ONNX as OF_ONNX
    from dse.counting.operators.operator_calls import OperatorCall as OperatorCall
    from dse.counting.operators.operator_calls import costs_of_call as costs_of_call
    from dse.counting.operators.operator_calls import operator_call as operator_call
    from dse.counting.operators.operator_costs import RULES as RULES
    from dse.counting.operators.operator_costs import operator_name as operator_name
    from dse.counting.operators.operator_costs import rule_of as rule_of
    from dse.counting.operators.own_rules import has_own_rules as has_own_rules
    from dse.counting.operators.own_rules import registered_rules as registered_rules
    from dse.counting.operators.registration import ModuleRule as ModuleRule
    from dse.counting.operators.registration import module_rule as module_rule
    from dse.counting.operators.registration import register_module as register_module
    from dse.counting.operators.registration import register_operator as register_operator
    from dse.counting.operators.registration import unregister as unregister
    from dse.counting.operators.traffic import LOOKED_UP as LOOKED_UP
    from dse.counting.operators.unknown_operators import reason_unknown as reason_unknown

_HOMES = {
    "dse.counting.operators.free_operators": ("OF_ONNX",),
    "dse.counting.operators.operator_calls": ("OperatorCall", "costs_of_call", "operator_call"),
    "dse.counting.operators.operator_costs": ("RULES", "operator_name", "rule_of"),
    "dse.counting.operators.own_rules": ("has_own_rules", "registered_rules"),
    "dse.counting.operators.registration": (
        *("ModuleRule", "module_rule", "register_module", "register_operator", "unregister"),
    ),
    "dse.counting.operators.traffic": ("LOOKED_UP",),
    "dse.counting.operators.unknown_operators": ("reason_unknown",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
