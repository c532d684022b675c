"""How torchsummary prints (1.5.1, `torchsummary.summary`): outputs and parameters of modules.

Every call of a module is a line when it ends, containers such as a residual block included, but
`Sequential`, `ModuleList` and the model itself. Sizes are in MB of 2²⁰ bytes, 4 bytes an element.
"""

from __future__ import annotations

from math import prod

from torch import Tensor, nn

from dse.counting.conventions.convention import Column, Convention, Reading, Row, Rule
from dse.counting.conventions.layer_calls import LayerCall, applied, layer_calls
from dse.counting.conventions.showing import bracketed, in_megabytes
from dse.counting.trace_records import Trace

_BYTES = 4
COLUMNS = (
    Column("Layer (type)", show=str),
    Column("Output Shape", show=bracketed),
    Column("Param #", "elements"),
)


def _weight_and_bias(call: LayerCall) -> int:
    held = (getattr(call.module, name, None) for name in ("weight", "bias"))
    return sum(tensor.numel() for tensor in held if isinstance(tensor, Tensor))


def _is_trainable(module: nn.Module) -> bool:
    weight = getattr(module, "weight", None)
    return isinstance(weight, Tensor) and weight.requires_grad


_PARAMS: Rule[LayerCall] = Rule(
    "Param #",
    ("any module",),
    "elements of its `weight` and its `bias`, each time it is called",
    _weight_and_bias,
)


def in_order_of_end(trace: Trace) -> list[LayerCall]:
    """Return the calls of a trace in the order in which they return."""
    ordered: list[LayerCall] = []
    running: list[LayerCall] = []
    for call in layer_calls(trace):
        parent = trace.calls[call.index].parent
        while running and running[-1].index != parent:
            ordered.append(running.pop())
        running.append(call)
    return ordered + running[::-1]


def read(trace: Trace) -> Reading:
    """Return torchsummary's lines; of several outputs, the first one's shape stands in the line.

    Parameters that a module holds under other names (recurrent and attention layers) are not
    counted, and such layers are marked.
    """
    batch = trace.inputs[0].shape[0] if trace.inputs and trace.inputs[0].shape else 1
    rows: list[Row] = []
    params = trainable = outputs = 0
    unsupported: dict[str, int] = {}
    hooks = applied(trace.model)
    for call in (c for c in in_order_of_end(trace) for _ in range(hooks[id(c.module)])):
        if isinstance(call.module, (nn.Sequential, nn.ModuleList)) or call.module is trace.model:
            continue
        own = _PARAMS.amount(call)
        shapes = [(batch, *output.shape[1:]) for output in call.outputs]
        params += own
        trainable += own if _is_trainable(call.module) else 0
        outputs += sum(map(prod, shapes))
        mark = frozenset[str]()
        if own < call.parameters:
            mark = frozenset({"Param #"})
            unsupported[call.type] = unsupported.get(call.type, 0) + 1
        shown = shapes[0] if shapes else ()
        name = f"{call.type}-{len(rows) + 1}"
        rows.append(Row({"Layer (type)": name, "Output Shape": shown, "Param #": own}, mark))
    totals = {
        "params": params,
        "trainable_params": trainable,
        "input_bytes": _BYTES * sum(batch * prod(spec.shape[1:]) for spec in trace.inputs),
        "forward_backward_bytes": 2 * _BYTES * outputs,
        "params_bytes": _BYTES * params,
    }
    sizes = ("input_bytes", "forward_backward_bytes", "params_bytes")
    totals["total_bytes"] = sum(totals[name] for name in sizes)
    closing = (
        f"Total params: {params:,}",
        f"Trainable params: {trainable:,}",
        f"Non-trainable params: {params - trainable:,}",
        f"Input size (MB): {in_megabytes(totals['input_bytes'])}",
        f"Forward/backward pass size (MB): {in_megabytes(totals['forward_backward_bytes'])}",
        f"Params size (MB): {in_megabytes(totals['params_bytes'])}",
        f"Estimated Total Size (MB): {in_megabytes(totals['total_bytes'])}",
    )
    return Reading("torchsummary", COLUMNS, tuple(rows), totals, closing, unsupported)


TORCHSUMMARY = Convention(
    name="torchsummary",
    tool="torchsummary 1.5.1",
    counts="parameters and bytes of every module's output, twice for the backward pass",
    rules=(_PARAMS,),
    read=read,
)
