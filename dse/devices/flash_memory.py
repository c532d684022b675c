"""What a deployed graph takes of flash: weights, what goes with them, and the graph itself."""

from __future__ import annotations

from dse.devices.deployed_graph import DeployedGraph, DeployedWeight

BYTES_AN_ELEMENT = {"float32": 4, "float64": 8, "bfloat16": 2, "float16": 2, "int8": 1}
"""By dtype of `dse.cost_conditions.DTYPES`."""

_BIAS = 4
"""Bytes of a bias of int8 convolutions: int32."""
_SCALE = 4 + 8
"""Bytes of a scale (float32) and a zero point (int64) of a `.tflite` (schema.fbs,
`QuantizationParameters`)."""
_OPERATOR = 100
_TENSOR = 200
"""Bytes of the graph itself an operator and a tensor, names included: what files of litert-torch
have on average."""


def flash_bytes(graph: DeployedGraph, dtype: str) -> int:
    """Return the bytes that a graph takes of flash at a dtype."""
    weights = [each for operator in graph.operators for each in operator.weights]
    stored = sum(_weight_bytes(weight, dtype) for weight in weights)
    scales = _SCALE * len(graph.shapes) if dtype == "int8" else 0
    described = _OPERATOR * len(graph.operators) + _TENSOR * (len(graph.shapes) + len(weights))
    return stored + scales + described


def _weight_bytes(weight: DeployedWeight, dtype: str) -> int:
    if dtype != "int8":
        return weight.elements * BYTES_AN_ELEMENT[dtype]
    return weight.elements * (_BIAS if weight.is_bias else 1) + weight.channels * _SCALE
