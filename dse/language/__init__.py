"""The one language of conditions, bounds and formulas, with units and places in texts."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.language.arithmetic import FUNCTIONS as FUNCTIONS
    from dse.language.arithmetic import checked_number as checked_number
    from dse.language.axis_conditions import parse_exclusion as parse_exclusion
    from dse.language.conditions import parse_condition as parse_condition
    from dse.language.conditions import parse_value as parse_value
    from dse.language.expressions import LONGEST as LONGEST
    from dse.language.expressions import Expression as Expression
    from dse.language.expressions import Value as Value
    from dse.language.expressions import in_order as in_order
    from dse.language.expressions import parse_expression as parse_expression
    from dse.language.expressions import shortened as shortened
    from dse.language.faults import Fault as Fault
    from dse.language.faults import told as told
    from dse.language.formulas import Condition as Condition
    from dse.language.formulas import Formula as Formula
    from dse.language.formulas import check_test as check_test
    from dse.language.formulas import parse_formula as parse_formula
    from dse.language.formulas import parse_test as parse_test
    from dse.language.generators import GENERATORS as GENERATORS
    from dse.language.linear_forms import Linear as Linear
    from dse.language.linear_forms import linear as linear
    from dse.language.place import Place as Place
    from dse.language.place import Source as Source
    from dse.language.place import Where as Where
    from dse.language.place import placed as placed
    from dse.language.rewriting import written as written
    from dse.language.rounding import round_to as round_to
    from dse.language.syntax import COMPARISONS as COMPARISONS
    from dse.language.syntax import Arithmetic as Arithmetic
    from dse.language.syntax import Comparison as Comparison
    from dse.language.syntax import Junction as Junction
    from dse.language.syntax import Membership as Membership
    from dse.language.syntax import Missing as Missing
    from dse.language.syntax import Name as Name
    from dse.language.syntax import Node as Node
    from dse.language.syntax import Not as Not
    from dse.language.syntax import Number as Number
    from dse.language.syntax import Pattern as Pattern
    from dse.language.syntax import ReplicateCall as ReplicateCall
    from dse.language.syntax import Sign as Sign
    from dse.language.syntax import Text as Text
    from dse.language.syntax import Truth as Truth
    from dse.language.syntax import conjuncts as conjuncts
    from dse.language.syntax import names_in as names_in
    from dse.language.syntax import walk as walk
    from dse.language.truth_values import KnownNumbers as KnownNumbers
    from dse.language.typed_numbers import AskedUnit as AskedUnit
    from dse.language.typed_numbers import number_of as number_of
    from dse.language.typed_numbers import unit_in as unit_in
    from dse.language.units import BYTE_MULTIPLES as BYTE_MULTIPLES
    from dse.language.units import TIME_MULTIPLES as TIME_MULTIPLES
    from dse.language.units import Kind as Kind
    from dse.language.units import format_beside as format_beside
    from dse.language.units import format_count as format_count
    from dse.language.units import format_quantity as format_quantity
    from dse.language.units import numbered as numbered
    from dse.language.units import parse_fraction as parse_fraction
    from dse.language.units import parse_quantity as parse_quantity
    from dse.language.units import units_of as units_of

_HOMES = {
    "dse.language.arithmetic": ("FUNCTIONS", "checked_number"),
    "dse.language.axis_conditions": ("parse_exclusion",),
    "dse.language.conditions": ("parse_condition", "parse_value"),
    "dse.language.expressions": (
        *("Expression", "LONGEST", "Value", "in_order", "parse_expression", "shortened"),
    ),
    "dse.language.faults": ("Fault", "told"),
    "dse.language.formulas": ("Condition", "Formula", "check_test", "parse_formula", "parse_test"),
    "dse.language.generators": ("GENERATORS",),
    "dse.language.linear_forms": ("Linear", "linear"),
    "dse.language.place": ("Place", "Source", "Where", "placed"),
    "dse.language.rewriting": ("written",),
    "dse.language.rounding": ("round_to",),
    "dse.language.syntax": (
        *("Arithmetic", "COMPARISONS", "Comparison", "Junction", "Membership", "Missing", "Name"),
        *("Node", "Not", "Number", "Pattern", "ReplicateCall", "Sign", "Text", "Truth"),
        *("conjuncts", "names_in", "walk"),
    ),
    "dse.language.truth_values": ("KnownNumbers",),
    "dse.language.typed_numbers": ("AskedUnit", "number_of", "unit_in"),
    "dse.language.units": (
        *("BYTE_MULTIPLES", "Kind", "TIME_MULTIPLES", "format_beside", "format_count"),
        *("format_quantity", "numbered", "parse_fraction", "parse_quantity", "units_of"),
    ),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
