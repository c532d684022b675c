"""The convention of walking `model.parameters()`: a shape and a count for each, then the sum."""

from __future__ import annotations

from dse.counting.conventions.convention import Column, Convention, Reading, Row, Rule
from dse.counting.conventions.showing import bracketed
from dse.counting.trace_records import Trace, Weight


def _elements(weight: Weight) -> int:
    return weight.spec.elements


_COUNT: Rule[Weight] = Rule("count", ("any parameter",), "elements of the parameter", _elements)

COLUMNS = (Column("name", show=str), Column("shape", show=bracketed), Column("count", "elements"))


def read(trace: Trace) -> Reading:
    """Return the shape and count of each parameter; a shared one is listed once."""
    weights = [weight for weight in trace.weights if weight.is_parameter]
    rows = tuple(
        Row(
            {
                "name": f"{weight.module}.{weight.name}".lstrip("."),
                "shape": weight.spec.shape,
                "count": _COUNT.amount(weight),
            }
        )
        for weight in weights
    )
    total = sum(map(_COUNT.amount, weights))
    return Reading("parameters", COLUMNS, rows, {"params": total}, (f"Total: {total:,}",), {})


PARAMETERS = Convention(
    name="parameters",
    tool="torch, model.parameters()",
    counts="elements of each parameter, a shared one once",
    rules=(_COUNT,),
    read=read,
)
