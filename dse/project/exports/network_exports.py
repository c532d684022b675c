"""Networks as files of `torch.export` and of ONNX, with their weights."""

from __future__ import annotations

import importlib.util
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from dse.errors import DseError
from dse.extras import require
from dse.files import written_whole
from dse.project.exports.network_examples import (
    NetworkExample,
    example_of,
    without_remarks,
)
from dse.space import Candidate

CHECKED_BATCHES = (1, 2, 5)
"""Sizes of the batches that an ONNX file is compared on."""
_REFUSALS = (RuntimeError, ValueError, TypeError, AssertionError, AttributeError)
"""What PyTorch refuses to export a network with."""


def write_torch(network: nn.Module, candidate: Candidate, path: Path) -> tuple[str, ...]:
    """Write a network for `torch.export.load`, which needs no code of it.

    It is exported as it is in evaluation mode. Its weights keep their gradients and names, but its
    batch norms keep their statistics, and its dropout stays off, whatever is called on it.

    Raises:
        DseError: where PyTorch cannot export it, or the path cannot be written.
    """
    example = example_of(candidate)
    try:
        program = torch.export.export(
            network, example.positional, example.named, dynamic_shapes=example.axes
        )
    except _REFUSALS as error:
        raise DseError(f"torch.export cannot export it: {_first_line(error)}") from error
    with written_whole(path) as part, part.open("wb") as file:
        torch.export.save(program, file)
    frozen = _frozen_in(network)
    if not frozen:
        return ("torch.export.load(…).module() can be trained: it has no batch norm or dropout",)
    return (
        f"torch.export.load(…).module() is for inference and for gradients: its {frozen};",
        "to train, load its state_dict() into `build()` of --to python",
    )


def _frozen_in(network: nn.Module) -> str:
    """Return what of a network an exported program cannot train, in words."""
    kinds = {type(each).__mro__ for each in network.modules()}
    names = {kind.__name__ for mro in kinds for kind in mro}
    frozen = ["batch norms keep their statistics"] if "_BatchNorm" in names else []
    active = [each for each in network.modules() if getattr(each, "p", 0) and _drops(each)]
    return " and its ".join([*frozen, *(["dropout stays off"] if active else [])])


def _drops(module: nn.Module) -> bool:
    return "Drop" in type(module).__name__ or "StochasticDepth" in type(module).__name__


def write_onnx(network: nn.Module, candidate: Candidate, path: Path) -> tuple[str, ...]:
    """Write a network as ONNX; its output is `output`, its input `input` where it has no name.

    Where onnxruntime is installed, the file is run on several sizes of the batch and compared.

    Raises:
        DseError: where the extra is missing, PyTorch cannot export the network, onnxruntime makes
            something else of it, or the path cannot be written.
    """
    for module in ("onnx", "onnxscript"):
        require(module, "onnx", "--to onnx")
    example = example_of(candidate)
    # With gradients, attention may take another kernel in one step of the exporter than in another.
    network.requires_grad_(False)
    with written_whole(path) as part:
        try:
            with warnings.catch_warnings(), without_remarks():
                warnings.simplefilter("ignore")
                torch.onnx.export(
                    network,
                    example.positional,
                    str(part),
                    kwargs=example.named,
                    dynamo=True,
                    input_names=list(example.named) or ["input"],
                    output_names=["output"],
                    dynamic_shapes=example.axes,
                    external_data=False,
                    verbose=False,
                )
        except _REFUSALS as error:
            raise DseError(f"torch.onnx cannot export it: {_first_line(error)}") from error
        return (_checked(network, candidate, part),)


def _checked(network: nn.Module, candidate: Candidate, path: Path) -> str:
    """Compare an ONNX file with the network that it was made of, and say so.

    Raises:
        DseError: where their outputs differ.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        return "not checked: pip install onnxruntime, and it is compared with PyTorch"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except RuntimeError as error:
        raise DseError(f"onnxruntime cannot load it: {_first_line(error)}") from error
    apart = 0.0
    for batch in CHECKED_BATCHES:
        example = example_of(candidate, batch)
        found = session.run(None, _fed(example))
        expected = example.outputs_of(network)
        apart = max(apart, difference(map(torch.from_numpy, found), expected, "onnxruntime"))
    listed = ", ".join(map(str, CHECKED_BATCHES[:-1]))
    return (
        f"checked with onnxruntime on batches of {listed} and {CHECKED_BATCHES[-1]}: "
        f"at most {apart:.1e} from PyTorch"
    )


def _fed(example: NetworkExample) -> dict[str, object]:
    if example.named:
        return {name: each.numpy() for name, each in example.named.items()}
    return {"input": example.positional[0].numpy()}


def difference(found: object, expected: list[Tensor], runtime: str) -> float:
    """Return the largest difference of outputs, relative to the largest one expected.

    Raises:
        DseError: where it is more than the rounding of another order of sums.
    """
    outputs = list(found)  # type: ignore[call-overload]
    if len(outputs) != len(expected):
        raise DseError(f"{runtime} gives {len(outputs)} outputs, PyTorch {len(expected)}")
    apart = 0.0
    for ours, theirs in zip(expected, outputs, strict=True):
        if ours.shape != theirs.shape:
            raise DseError(f"{runtime} gives {[*theirs.shape]}, PyTorch {[*ours.shape]}")
        if not ours.numel():
            continue
        scale = max(float(ours.abs().max()), _SMALLEST)
        off = float((theirs.to(ours.dtype) - ours).abs().max()) / scale
        # What is no number compares as no more than anything.
        if not off <= TOLERANCE:
            raise DseError(
                f"{runtime} disagrees with PyTorch: outputs differ by {off:.1e} of the largest"
            )
        apart = max(apart, off)
    return apart


TOLERANCE = 1e-3
"""Of outputs in float32, relative to the largest one."""
_SMALLEST = 1e-30


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
