"""ONNX files, read as their graph: shapes by ONNX's own inference, products by PyTorch's operators.

An operator that multiplies and accumulates runs as PyTorch's; any other makes tensors of the shapes
that ONNX infers, under a name of its own, of which the free ones are known.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dse.counting.exported_files.file_model import FileInput, FileModel
from dse.counting.exported_files.onnx_operators import PRODUCTS, VIEWS, made_as
from dse.counting.exported_files.onnx_shapes import DTYPES, OnnxShapes
from dse.counting.modules import Call, FileGraph, GraphNode
from dse.errors import DseError
from dse.extras import require

_STATISTICS = (3, 4)
"""Inputs of a batch norm that are no parameters: running mean and variance."""
_LAYERS = (
    *("Conv", "ConvTranspose", "Gemm", "MatMul", "PRelu"),
    *("BatchNormalization", "GroupNormalization", "InstanceNormalization", "LayerNormalization"),
)
"""Operators whose further inputs are weights, however few elements they have."""
_DOMAINS = ("", "ai.onnx")


def read_onnx(path: Path) -> FileModel:
    """Return the network of a file.

    Raises:
        DseError: where the extra is missing, or for what is not followed: control flow, strings.
        Exception: whatever a damaged file leads to.
    """
    onnx = require("onnx", "onnx", "an .onnx file")
    inliner = require("onnx.inliner", "onnx", "an .onnx file")
    # Weights in further files are not read: their names may lead anywhere.
    model = onnx.load(str(path), load_external_data=False)
    if not model.graph.node:
        raise DseError("it has no graph")
    model = inliner.inline_local_functions(model)
    graph = model.graph
    weights = _weights(onnx, graph)
    inputs = [each for each in graph.input if each.name not in weights]
    shapes = OnnxShapes(model, [each.name for each in inputs])
    nodes = [
        _node(onnx, node, f"{node.op_type}_{position}", shapes)
        for position, node in enumerate(graph.node)
        if node.op_type != "Constant"
    ]
    made = OnnxGraph(nodes, weights, [each.name for each in inputs],
                     [each.name for each in graph.output], shapes)  # fmt: skip
    return FileModel(made, tuple(map(_input, inputs)))


class OnnxGraph(FileGraph):
    """The network of an ONNX file."""

    def __init__(
        self,
        nodes: Sequence[GraphNode],
        weights: Mapping[str, tuple[str, Tensor]],
        inputs: Sequence[str],
        outputs: Sequence[str],
        shapes: OnnxShapes,
    ) -> None:
        super().__init__(nodes, weights, inputs, outputs)
        self._shapes = shapes

    def prepare(self, given: Sequence[Tensor]) -> None:
        """Infer the shapes of all values, before it runs."""
        self._shapes.infer([tuple(each.shape) for each in given])


def _weights(onnx: Any, graph: Any) -> dict[str, tuple[str, Tensor]]:
    """Return the constants of a graph; those of floats are its parameters."""
    statistics, quantised, of_layers = set(), set(), set()
    for node in graph.node:
        if node.op_type in _LAYERS:
            of_layers |= {*node.input[1:]}
        if node.op_type == "BatchNormalization":
            statistics |= {node.input[each] for each in _STATISTICS}
        if node.op_type == "DequantizeLinear":
            quantised.add(node.input[0])
    found = {each.name: (each.data_type, list(each.dims)) for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                value = onnx.helper.get_attribute_value(attribute)
                tensor = value if attribute.name == "value" else None
                kind = 1 if attribute.name.startswith("value_float") else 7
                sizes = [len(value)] if isinstance(value, list) else []
                found[node.output[0]] = (
                    (kind, sizes) if tensor is None else (tensor.data_type, list(tensor.dims))
                )
    weights: dict[str, tuple[str, Tensor]] = {}
    for position, (name, (kind, sizes)) in enumerate(found.items()):
        tensor = torch.empty(sizes, dtype=DTYPES[kind], device="meta")
        is_weight = tensor.is_floating_point() or name in quantised
        # A single number is a factor of a formula, unless a layer has it.
        is_number = tensor.numel() == 1 and name not in of_layers
        if is_weight and name not in statistics and not is_number:
            tensor = nn.Parameter(tensor, requires_grad=False)
        weights[name] = _own_name(name, position), tensor
    return weights


def _own_name(name: str, position: int) -> str:
    """Return the name of a constant as that of a weight, which is empty nowhere."""
    parts = [part for part in name.replace("/", ".").split(".") if part]
    return ".".join(parts) or f"constant_{position}"


def _input(value: Any) -> FileInput:
    kind = value.type.tensor_type
    axes = [axis.dim_value if axis.HasField("dim_value") else None for axis in kind.shape.dim]
    has_batch = bool(axes) and axes[0] is None
    shape = axes[has_batch:]
    dtype = DTYPES[kind.elem_type]
    named = {} if dtype is torch.float32 else {"dtype": str(dtype).removeprefix("torch.")}
    return {"name": value.name, "shape": shape, **named, "batch": has_batch}


def _node(onnx: Any, node: Any, name: str, shapes: OnnxShapes) -> GraphNode:
    kind = node.op_type
    attributes = {
        each.name: onnx.helper.get_attribute_value(each)
        for each in node.attribute
        if each.type not in (5, 10)
    }
    if len(attributes) < len(node.attribute) and kind in ("If", "Loop", "Scan"):
        raise DseError(f"it has control flow ({kind})")
    inputs, outputs = list(node.input), [each for each in node.output if each]
    is_known = node.domain in _DOMAINS

    def run(values: Mapping[str, Any]) -> Sequence[Any]:
        given = [values[each] if each else None for each in inputs]
        makes = [shapes.of(each, kind) for each in outputs]
        if is_known and kind in PRODUCTS:
            return (PRODUCTS[kind](given, attributes, makes[0][0]),)
        if is_known and kind in VIEWS:
            return (VIEWS[kind](given, attributes, makes[0][0]),)
        return made_as(kind if is_known else f"{node.domain}_{kind}", given, makes)

    takes = tuple(dict.fromkeys(each for each in inputs if each))
    return GraphNode(run, takes, tuple(outputs), _calls(node, name))


_WITH_WEIGHTS = ("Conv", "ConvTranspose", "Gemm")


def _calls(node: Any, name: str) -> tuple[Call, ...]:
    """Return the modules that a node was exported from; else the node is one of its own."""
    notes = {each.key: each.value for each in node.metadata_props}
    try:
        names = ast.literal_eval(notes.get("pkg.torch.onnx.name_scopes", "[]"))
        kinds = ast.literal_eval(notes.get("pkg.torch.onnx.class_hierarchy", "[]"))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        names, kinds = [], []
    # The first is the network, the last the operator.
    found = [(str(n), str(n), str(k)) for n, k in zip(names, kinds, strict=False)][1:-1]
    owner = node.input[1].removesuffix(".weight") if node.op_type in _WITH_WEIGHTS else ""
    if found and owner and f"{owner}.weight" in node.input and "BatchNorm" in found[-1][2]:
        # A norm that was folded into the layer in front of it left its name there.
        found[-1] = owner, owner, f"onnx.{node.op_type}"
    if found:
        return tuple(each for each in found if each[0])
    own = _own_name(node.name, 0) if node.name else name
    return ((own, own, f"onnx.{node.op_type}"),)
