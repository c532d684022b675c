"""Networks for ExecuTorch: PyTorch on phones, by XNNPACK's kernels."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from dse.code import foreign_code
from dse.errors import DseError
from dse.extras import require
from dse.project.exports.calibration_data import CalibrationData
from dse.project.exports.network_examples import output_into
from dse.project.exports.network_exports import difference
from dse.project.exports.tflite_export import CHECKED_SAMPLES, rounding


def write_executorch(
    network: nn.Module, sample: Tensor, calibration: CalibrationData | None, path: Path
) -> tuple[str, ...]:
    """Write a network of one tensor as a `.pte`, run it, and say what it is.

    Args:
        network: in evaluation mode.
        sample: of its input, with a batch of one.
        calibration: to measure the ranges of int8 on; None to leave it in float32.
        path: of the file.

    Raises:
        DseError: where the extra is missing, it cannot be converted, or disagrees with PyTorch.
    """
    with tempfile.TemporaryDirectory() as name, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with foreign_code(_refusal), output_into(Path(name) / "printed.txt"):
            require("executorch.exir", "executorch", "--to executorch")
            path.write_bytes(_lowered(network, sample, calibration))
            tried = sample if calibration is None else calibration.samples[:CHECKED_SAMPLES]
            found = _run(path, tried)
    with torch.no_grad():
        expected = network(tried)
    what = f"input {'×'.join(map(str, sample.shape))}"
    if calibration is None:
        apart = difference([found], [expected], "ExecuTorch")
        return (f"{what}; checked with ExecuTorch: at most {apart:.1e} from PyTorch",)
    return (
        f"{what} in float32, inside int8 by {calibration}",
        f"checked with ExecuTorch on {len(tried)}: {rounding(found, expected)}",
    )


def _refusal(reason: str) -> str:
    return f"executorch cannot convert it: {reason}"


def _lowered(network: nn.Module, sample: Tensor, calibration: CalibrationData | None) -> bytes:
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import to_edge_transform_and_lower

    if calibration is not None:
        network = _quantised(network, sample, calibration.samples)
    program = torch.export.export(network, (sample,))
    lowered = to_edge_transform_and_lower(program, partitioner=[XnnpackPartitioner()])
    return bytes(lowered.to_executorch().buffer)


def _quantised(network: nn.Module, sample: Tensor, samples: Tensor) -> nn.Module:
    """Return a network with int8 weights, by channel, and int8 activations."""
    from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
        XNNPACKQuantizer,
        get_symmetric_quantization_config,
    )
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

    quantizer = XNNPACKQuantizer()
    quantizer.set_global(get_symmetric_quantization_config(is_per_channel=True))
    observed = prepare_pt2e(torch.export.export(network, (sample,)).module(), quantizer)
    for each in samples:
        observed(each[None])
    made: nn.Module = convert_pt2e(observed)
    return made


def _run(path: Path, samples: Tensor) -> Tensor:
    """Return what a `.pte` makes of samples, one after the other."""
    from executorch.runtime import Runtime

    # A method does not keep the program that it is of.
    program = Runtime.get().load_program(path)
    method = program.load_method("forward")
    if method is None:
        raise DseError("it has no forward")
    # What a method returns is its own memory, which its next call writes over.
    return torch.cat([method.execute([each[None]])[0].clone() for each in samples])
