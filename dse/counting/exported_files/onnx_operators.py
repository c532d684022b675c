"""Operators of ONNX on tensors without data: products as PyTorch's, all else by its shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from dse.counting.operators import OF_ONNX
from dse.errors import DseError

NAMESPACE = OF_ONNX.removesuffix(".")
"""Of operators that make tensors of inferred shapes."""

Run = Callable[[Sequence[Any], Mapping[str, Any], list[int]], Tensor]
"""(inputs, attributes, shape of the output) -> the output."""


def _convolution(inputs: Sequence[Any], attributes: Mapping[str, Any], shape: list[int]) -> Tensor:
    tensor, weight, bias = (*inputs, None)[:3]
    axes = weight.dim() - 2
    strides = list(attributes.get("strides", [1] * axes))
    dilations = list(attributes.get("dilations", [1] * axes))
    before, behind = _padding(tensor, weight, attributes, shape, strides, dilations)
    if before != behind:
        pairs = zip(reversed(before), reversed(behind), strict=True)
        tensor = functional.pad(tensor, [each for pair in pairs for each in pair])
        before = [0] * axes
    run = (functional.conv1d, functional.conv2d, functional.conv3d)[axes - 1]
    made: Tensor = run(tensor, weight, bias, strides, before, dilations, attributes.get("group", 1))
    return made


def _padding(
    tensor: Tensor,
    weight: Tensor,
    attributes: Mapping[str, Any],
    shape: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
) -> tuple[list[int], list[int]]:
    axes = weight.dim() - 2
    kind = attributes.get("auto_pad", b"NOTSET")
    if kind in (b"NOTSET", b"VALID"):
        pads = list(attributes.get("pads", [0] * 2 * axes)) if kind == b"NOTSET" else [0] * 2 * axes
        return pads[:axes], pads[axes:]
    sizes = zip(shape[2:], tensor.shape[2:], weight.shape[2:], strides, dilations, strict=True)
    whole = [max((out - 1) * s + (k - 1) * d + 1 - size, 0) for out, size, k, s, d in sizes]
    smaller, larger = [each // 2 for each in whole], [each - each // 2 for each in whole]
    return (smaller, larger) if kind == b"SAME_UPPER" else (larger, smaller)


def _transposed(inputs: Sequence[Any], attributes: Mapping[str, Any], shape: list[int]) -> Tensor:
    tensor, weight, bias = (*inputs, None)[:3]
    axes = weight.dim() - 2
    pads = list(attributes.get("pads", [0] * 2 * axes))
    is_given = attributes.get("auto_pad", b"NOTSET") == b"NOTSET"
    if pads[:axes] != pads[axes:] or "output_shape" in attributes or not is_given:
        raise DseError("a ConvTranspose is padded otherwise on each side")
    run = (
        functional.conv_transpose1d,
        functional.conv_transpose2d,
        functional.conv_transpose3d,
    )[axes - 1]
    made: Tensor = run(
        tensor,
        weight,
        bias,
        list(attributes.get("strides", [1] * axes)),
        pads[:axes],
        list(attributes.get("output_padding", [0] * axes)),
        attributes.get("group", 1),
        list(attributes.get("dilations", [1] * axes)),
    )
    return made


def _gemm(inputs: Sequence[Any], attributes: Mapping[str, Any], shape: list[int]) -> Tensor:
    left, right, added = (*inputs, None)[:3]
    left = left.t() if attributes.get("transA", 0) else left
    right = right.t() if attributes.get("transB", 0) else right
    return left @ right if added is None else torch.addmm(added, left, right)


def _product(inputs: Sequence[Any], attributes: Mapping[str, Any], shape: list[int]) -> Tensor:
    return torch.matmul(*inputs)


def _sum(inputs: Sequence[Any], attributes: Mapping[str, Any], shape: list[int]) -> Tensor:
    return torch.einsum(attributes["equation"].decode(), *inputs)


PRODUCTS: dict[str, Run] = {
    "Conv": _convolution,
    "ConvTranspose": _transposed,
    "Gemm": _gemm,
    "MatMul": _product,
    "Einsum": _sum,
}
"""Operators that multiply and accumulate."""


def _reshaped(inputs: Sequence[Any], attributes: Mapping[str, Any], shape: list[int]) -> Tensor:
    return torch.reshape(inputs[0], shape)


def _permuted(inputs: Sequence[Any], attributes: Mapping[str, Any], shape: list[int]) -> Tensor:
    axes = attributes.get("perm", list(reversed(range(inputs[0].dim()))))
    return torch.permute(inputs[0], list(axes))


VIEWS: dict[str, Run] = {
    **dict.fromkeys(("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"), _reshaped),
    "Transpose": _permuted,
}
"""Operators that move nothing in PyTorch."""


def made_as(
    kind: str, inputs: Sequence[Any], makes: Sequence[tuple[list[int], torch.dtype]]
) -> Sequence[Tensor]:
    """Return tensors of given shapes and dtypes, as made by an operator of the given kind."""
    given = [each for each in inputs if isinstance(each, Tensor)]
    floats = [each.dtype for each in given if each.is_floating_point()]
    described = [
        # Where the network runs in another dtype, so do its values.
        f"{'x'.join(map(str, sizes))}:{(floats or [dtype])[0] if dtype is torch.float32 else dtype}"
        for sizes, dtype in makes
    ]
    if not given:
        return _made(given, ";".join(described))
    made: Sequence[Tensor] = _operator(kind)(given, ";".join(described))
    return made


_LIBRARY = torch.library.Library(NAMESPACE, "FRAGMENT")


@cache
def _operator(kind: str) -> Any:
    name = "".join(each if each.isalnum() and each.isascii() else "_" for each in kind)[:80]
    _LIBRARY.define(f"{name}(Tensor[] inputs, str makes) -> Tensor[]")
    _LIBRARY.impl(name, _made, "Meta")
    return getattr(getattr(torch.ops, NAMESPACE), name)


def _made(inputs: Sequence[Tensor], makes: str) -> list[Tensor]:
    made = []
    for each in makes.split(";"):
        sizes, _, dtype = each.partition(":")
        kind = getattr(torch, dtype.removeprefix("torch."))
        shape = [int(size) for size in sizes.split("x") if size]
        made.append(torch.empty(shape, dtype=kind, device="meta"))
    return made
