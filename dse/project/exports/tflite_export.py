"""Networks for LiteRT and TFLite-Micro: phones and microcontrollers."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy
import torch
from torch import Tensor, nn

from dse.code import foreign_code
from dse.extras import require
from dse.project.exports.calibration_data import CalibrationData
from dse.project.exports.network_examples import output_into
from dse.project.exports.network_exports import difference


def tflite_of(network: nn.Module, sample: Tensor, calibration: Tensor | None) -> bytes:
    """Return a network of one tensor as a `.tflite`; images have their channels last in it.

    Args:
        network: in evaluation mode.
        sample: of its input, with a batch of one.
        calibration: (N, …) samples to measure the ranges of int8 on; None to leave it in float32.

    Raises:
        DseError: where the extra is missing, or it cannot be converted.
    """
    is_image = sample.dim() == 4
    with tempfile.TemporaryDirectory() as name, foreign_code(_refusal):
        path = Path(name) / "network.tflite"
        with output_into(Path(name) / "printed.txt"):
            converter = require("litert_torch", "tflite", "--to tflite")
            last = converter.to_channel_last_io(network, args=[0]) if is_image else network
            converter.convert(last.eval(), (as_taken(sample),)).export(str(path))
            if calibration is not None:
                path = _quantised(path, calibration)
        return _inlined(path.read_bytes())


def _refusal(reason: str) -> str:
    return f"litert-torch cannot convert it: {reason}"


def as_taken(samples: Tensor) -> Tensor:
    """Return samples as a `.tflite` takes them: images with their channels last."""
    return samples.permute(0, 2, 3, 1).contiguous() if samples.dim() == 4 else samples


def _quantised(path: Path, calibration: Tensor) -> Path:
    """Make a file of int8 weights, by channel, and activations, input and output included."""
    quantizer = require("ai_edge_quantizer.quantizer", "tflite", "--dtype int8")
    recipe = require("ai_edge_quantizer.recipe", "tflite", "--dtype int8")
    made = quantizer.Quantizer(str(path))
    made.load_quantization_recipe(recipe.static_wi8_ai8())
    samples = [{"args_0": as_taken(each[None]).numpy()} for each in calibration]
    result = made.quantize(made.calibrate({"serving_default": samples}))
    quantised = path.with_name("int8.tflite")
    result.export_model(str(quantised), overwrite=True)
    return quantised


def _inlined(content: bytes) -> bytes:
    """Return a `.tflite` with its weights in its tables, where TFLite-Micro looks for them."""
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    for buffer in model.buffers:
        if buffer.offset:
            buffer.data = numpy.frombuffer(content, numpy.uint8, buffer.size, buffer.offset)
            buffer.offset = buffer.size = 0
    builder = flatbuffers.Builder(len(content))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def float_operators(content: bytes) -> list[str]:
    """Return the kinds of operators of a `.tflite` that make tensors of floats."""
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(content, 0)
    (graph,) = model.subgraphs
    names = {code: name for name, code in vars(schema.BuiltinOperator).items()}
    found = set()
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex].builtinCode
        if {graph.tensors[each].type for each in operator.outputs} & {schema.TensorType.FLOAT32}:
            found.add(names[code])
    return sorted(found)


def run_tflite(content: bytes, samples: Tensor) -> Tensor:
    """Return what a `.tflite` makes of samples, one after the other, as floats."""
    from ai_edge_litert.interpreter import Interpreter

    with tempfile.TemporaryDirectory() as name, output_into(Path(name) / "printed.txt"):
        interpreter = Interpreter(model_content=content)
        interpreter.allocate_tensors()
        (taken,), (made, *_) = interpreter.get_input_details(), interpreter.get_output_details()
        outputs = []
        for sample in samples:
            given = as_taken(sample[None]).numpy()
            interpreter.set_tensor(taken["index"], _to_integers(given, taken))
            interpreter.invoke()
            outputs.append(_to_floats(interpreter.get_tensor(made["index"]), made))
    return torch.from_numpy(numpy.concatenate(outputs))


def _to_integers(values: Any, tensor: Any) -> Any:
    if tensor["dtype"] is not numpy.int8:
        return values
    scale, zero = tensor["quantization"]
    return numpy.clip(numpy.round(values / scale + zero), -128, 127).astype(numpy.int8)


def _to_floats(values: Any, tensor: Any) -> Any:
    if tensor["dtype"] is not numpy.int8:
        return values
    scale, zero = tensor["quantization"]
    return (values.astype(numpy.float32) - zero) * numpy.float32(scale)


def write_tflite(
    network: nn.Module, sample: Tensor, calibration: CalibrationData | None, path: Path
) -> tuple[str, ...]:
    """Write a network as a `.tflite`, run it, and say what it is.

    Raises:
        DseError: where it cannot be converted, or disagrees with PyTorch.
    """
    content = tflite_of(network, sample, None if calibration is None else calibration.samples)
    path.write_bytes(content)
    return told_of(content, network, sample, calibration)


def told_of(
    content: bytes, network: nn.Module, sample: Tensor, calibration: CalibrationData | None
) -> tuple[str, ...]:
    """Return what is to be said of a `.tflite`: its input, and how far it is from PyTorch.

    Raises:
        DseError: where it disagrees with PyTorch in float32.
    """
    sizes = "×".join(map(str, as_taken(sample).shape))
    what = f"input {sizes}{', channels last' if sample.dim() == 4 else ''}"
    tried = sample if calibration is None else calibration.samples[:CHECKED_SAMPLES]
    with torch.no_grad():
        expected = network(tried)
    found = run_tflite(content, tried)
    if calibration is None:
        apart = difference([found], [expected], "LiteRT")
        return (f"{what}; checked with LiteRT: at most {apart:.1e} from PyTorch",)
    left = float_operators(content)
    return (
        f"{what}, int8 by {calibration}",
        f"checked with LiteRT on {len(tried)}: {rounding(found, expected)}",
        *([f"not in int8: {', '.join(left)}"] if left else []),
    )


CHECKED_SAMPLES = 16
"""Samples that an int8 network is compared on."""


def rounding(found: Tensor, expected: Tensor) -> str:
    """Return how far int8 outputs are from those in float32, in words."""
    noise, signal = (found - expected).norm(), expected.norm()
    return f"outputs are {float(noise / max(float(signal), 1e-30)):.1%} from float32"
