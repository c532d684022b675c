"""The shapes of all values of an ONNX graph, for inputs of given shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from dse.errors import DseError
from dse.extras import require

DTYPES = {
    1: torch.float32,
    2: torch.uint8,
    3: torch.int8,
    4: torch.uint16,
    5: torch.int16,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float16,
    11: torch.float64,
    12: torch.uint32,
    13: torch.uint64,
    14: torch.complex64,
    15: torch.complex128,
    16: torch.bfloat16,
}
"""By their numbers in a file."""
_LARGEST = 1 << 16
"""Elements of constants of whole numbers that shapes may follow from."""
_FACTORS = 64
"""Elements of other constants that shapes may follow from, as the factors of a resized image."""
_WHOLE = (6, 7, 9)
"""The numbers of the dtypes of whole numbers."""
_ELSEWHERE = 1
"""Where the numbers of a constant are that stand in another file, which is not read."""
_MOST_ROUNDS = 32
_OF_SIZES = """
Add And Cast Ceil Concat ConstantOfShape Div Equal Expand Floor Gather Greater Less Max Min Mod Mul
Neg Not Or Range ReduceMax ReduceMin ReduceProd ReduceSum Reshape Slice Split Squeeze Sub Tile
Transpose Unsqueeze Where
""".split()  # noqa: SIM905
"""Operators whose values are worked out where they follow from sizes."""


class OnnxShapes:
    """Shapes and dtypes by the names of values, found by ONNX's own inference."""

    def __init__(self, model: Any, inputs: Sequence[str]) -> None:
        self._inputs = inputs
        self._model = _without_weights(model)
        self._found: dict[str, tuple[list[int], torch.dtype]] = {}
        self._of: list[list[int]] = []

    def __deepcopy__(self, memo: object) -> OnnxShapes:
        """Return itself: it holds no tensors."""
        return self

    def infer(self, given: Sequence[Sequence[int]]) -> None:
        """Find the shapes of all values.

        Raises:
            DseError: for inputs of other shapes than the file has.
        """
        sizes = [list(each) for each in given]
        if sizes == self._of:
            return
        model = _copy(self._model)
        by_name = dict(zip(self._inputs, sizes, strict=True))
        for each in model.graph.input:
            if each.name in by_name:
                _set_sizes(each, by_name[each.name])
        self._found = {}
        values = _integers(model)
        for _ in range(_MOST_ROUNDS):
            self._infer_once(model)
            if not self._work_out(model, values):
                break
        self._of = sizes

    def of(self, name: str, operator: str) -> tuple[list[int], torch.dtype]:
        """Return the shape and dtype of a value that an operator makes.

        Raises:
            DseError: where it depends on data.
        """
        if name not in self._found:
            raise DseError(f"the shape that {operator} gives {name!r:.60} cannot be inferred")
        return self._found[name]

    def _infer_once(self, model: Any) -> None:
        onnx = require("onnx.shape_inference", "onnx")
        inferred = onnx.infer_shapes(model, data_prop=True)
        for value in (*inferred.graph.value_info, *inferred.graph.output, *inferred.graph.input):
            kind = value.type.tensor_type
            axes = [axis.dim_value if axis.HasField("dim_value") else -1 for axis in kind.shape.dim]
            if kind.HasField("shape") and min(axes, default=0) >= 0:
                self._found[value.name] = axes, DTYPES[kind.elem_type]

    def _work_out(self, model: Any, values: dict[str, Any]) -> bool:
        """Put numbers in place of operators on sizes; return whether that may tell of more."""
        if all(each in self._found for node in model.graph.node for each in node.output if each):
            return False
        numpy = require("numpy", "onnx")
        helper = require("onnx.numpy_helper", "onnx")
        kept, is_new = [], False
        for node in model.graph.node:
            made = None
            if node.op_type == "Shape" and node.input[0] in self._found:
                sizes = self._found[node.input[0]][0]
                ends = {each.name: each.i for each in node.attribute}
                made = [numpy.array(sizes[ends.get("start", 0) : ends.get("end")], "int64")]
            elif node.op_type in _OF_SIZES and all(each in values for each in node.input if each):
                made = _evaluated(model, node, values)
            if made is None:
                kept.append(_copy(node))
                continue
            is_new = True
            for name, value in zip(node.output, made, strict=True):
                array = numpy.asarray(value)
                values[name] = array
                held = helper.from_array(array, name)
                model.graph.initializer.append(held)
                self._found[name] = list(array.shape), DTYPES[held.data_type]
        del model.graph.node[:]
        model.graph.node.extend(kept)
        return is_new


def _copy(message: Any) -> Any:
    made = type(message)()
    made.CopyFrom(message)
    return made


def _set_sizes(value: Any, sizes: Sequence[int]) -> None:
    axes = value.type.tensor_type.shape.dim
    if len(axes) != len(sizes):
        raise DseError(f"its input {value.name!r:.60} has {len(axes)} axes, not {len(sizes)}")
    for position, (axis, size) in enumerate(zip(axes, sizes, strict=True)):
        if axis.HasField("dim_value") and axis.dim_value != size:
            raise DseError(
                f"axis {position} of its input {value.name!r:.60} is {axis.dim_value}, not {size}"
            )
        axis.dim_value = size


def _integers(model: Any) -> dict[str, Any]:
    """Return the constants of whole numbers by their names."""
    helper = require("onnx.numpy_helper", "onnx")
    found = {each.name: helper.to_array(each) for each in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type == "Constant":
            for each in node.attribute:
                if each.name == "value" and math.prod(each.t.dims) <= _LARGEST:
                    found[node.output[0]] = helper.to_array(each.t)
    return found


def _evaluated(model: Any, node: Any, values: dict[str, Any]) -> list[Any] | None:
    """Return what an operator makes of sizes; None for what is too large to be one."""
    if sum(values[each].size for each in node.input if each) > _LARGEST:
        return None
    reference = require("onnx.reference", "onnx")
    helper = require("onnx.helper", "onnx")
    infos = [helper.make_tensor_value_info(each, 0, None) for each in node.output]
    given = [each for each in dict.fromkeys(node.input) if each]
    known = [helper.make_tensor_value_info(each, 0, None) for each in given]
    alone = helper.make_model(
        helper.make_graph([node], "sizes", known, infos), opset_imports=model.opset_import
    )
    run = reference.ReferenceEvaluator(alone)
    made: list[Any] = run.run(None, {each: values[each] for each in given})
    return made if sum(each.size for each in made) <= _LARGEST else None


def _without_weights(model: Any) -> Any:
    """Return a model whose inference needs no data but the numbers that shapes follow from.

    Shapes that its exporter wrote for batches of any size are left out.
    """
    helper = require("onnx.helper", "onnx")
    bare = _copy(model)
    del bare.graph.value_info[:]
    kept, declared = [], {each.name for each in bare.graph.input}
    for each in model.graph.initializer:
        if _may_be_asked_for(each):
            kept.append(_copy(each))
        elif each.name not in declared:
            info = helper.make_tensor_value_info(each.name, each.data_type, list(each.dims))
            bare.graph.input.append(info)
    del bare.graph.initializer[:]
    bare.graph.initializer.extend(kept)
    return bare


def _may_be_asked_for(constant: Any) -> bool:
    """Return whether shapes may follow from the numbers of a constant, which are in the file."""
    most = _LARGEST if constant.data_type in _WHOLE else _FACTORS
    is_here: bool = constant.data_location != _ELSEWHERE
    return is_here and math.prod(constant.dims) <= most
