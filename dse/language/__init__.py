"""The one language of conditions, bounds and formulas, with units and places in texts."""

from dse.language.arithmetic import FUNCTIONS, checked_number
from dse.language.conditions import Fault, parse_condition, parse_value, told
from dse.language.expressions import (
    LONGEST,
    Expression,
    Value,
    in_order,
    parse_expression,
    shortened,
)
from dse.language.generators import GENERATORS
from dse.language.place import Place, Source, Where
from dse.language.rounding import round_to
from dse.language.syntax import (
    Arithmetic,
    Comparison,
    Junction,
    Membership,
    Missing,
    Name,
    Node,
    Not,
    Number,
    Pattern,
    ReplicateCall,
    Sign,
    Text,
    Truth,
    walk,
)
from dse.language.units import (
    Kind,
    format_count,
    format_quantity,
    parse_fraction,
    parse_quantity,
    units_of,
)

__all__ = [
    "FUNCTIONS",
    "GENERATORS",
    "LONGEST",
    "Arithmetic",
    "Comparison",
    "Expression",
    "Fault",
    "Junction",
    "Kind",
    "Membership",
    "Missing",
    "Name",
    "Node",
    "Not",
    "Number",
    "Pattern",
    "Place",
    "ReplicateCall",
    "Sign",
    "Source",
    "Text",
    "Truth",
    "Value",
    "Where",
    "checked_number",
    "format_count",
    "format_quantity",
    "in_order",
    "parse_condition",
    "parse_expression",
    "parse_fraction",
    "parse_quantity",
    "parse_value",
    "round_to",
    "shortened",
    "told",
    "units_of",
    "walk",
]
