"""What a deployed graph takes of flash: weights, what goes with them, and the graph itself."""

from __future__ import annotations

from collections.abc import Mapping

from dse.costs import INTEGER_DTYPES
from dse.devices.deployed_graph import DeployedGraph, DeployedWeight
from dse.devices.runtimes import DeploymentRuntime

BITS_AN_ELEMENT: Mapping[str, int] = {
    "float32": 32,
    "float64": 64,
    "bfloat16": 16,
    "float16": 16,
    "int8": 8,
    "int4": 4,
}
"""By dtype of `dse.costs.DTYPES`."""

_BIAS = 4
"""Bytes of a bias of convolutions of integers: int32."""
_QUANTISED = 4 + 8
"""Bytes of a scale (float32) and a zero point (int64) in a `.tflite` (schema.fbs,
`QuantizationParameters`): of each channel of weights and biases, and of each other tensor."""
_SCALE = 4
"""Bytes that TinyEngine has for the scale of a channel (`get_scale_size` of its operators)."""
_OPERATOR, _TENSOR, _NAME = 35, 94, 300
"""Bytes of a `.tflite` besides: of each operator, of each tensor, and of the name that litert-torch
0.10 gives that, which has from 200 to 430 on average. The 700 of any file are left out."""


def flash_bytes(graph: DeployedGraph, dtype: str, runtime: DeploymentRuntime) -> int:
    """Return the bytes that a graph takes of flash at a dtype; the runtime's own code apart.

    In int8 a weight takes a byte an element and a bias four, with scales by channel; in int4 half a
    byte, as LiteRT packs them. Where the runtime reads the graph from flash, as a `.tflite`, that
    is there too: operators, and the tensors that they make, so that the flash of a network is the
    sum of its parts'.
    """
    weights = [each for operator in graph.operators for each in operator.weights]
    stored = sum(_stored(weight, dtype) for weight in weights)
    is_quantised = dtype in INTEGER_DTYPES
    if not runtime.stores_graph:
        scales = sum(weight.channels for weight in weights if not weight.is_bias)
        return stored + _SCALE * scales * is_quantised
    made = sum(len(operator.makes) for operator in graph.operators)
    scales = sum(weight.channels for weight in weights) + made
    tensors = len(weights) + made
    described = _OPERATOR * len(graph.operators) + (_TENSOR + _NAME) * tensors
    return stored + _QUANTISED * scales * is_quantised + described


def _stored(weight: DeployedWeight, dtype: str) -> int:
    if dtype in INTEGER_DTYPES and weight.is_bias:
        return weight.elements * _BIAS
    return -(-weight.elements * BITS_AN_ELEMENT[dtype] // 8)
