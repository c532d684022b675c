"""The parameters and buffers of a model, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import Tensor, nn

from dse.counting.live_storages import dense_parts
from dse.counting.torch_internals import held_buffers, held_parameters
from dse.counting.trace import TensorSpec, Weight

_UNPACK = "_weight_bias"
"""The method of quantised layers that returns their packed weights."""


def list_weights(model: nn.Module, float_bytes: int | None = None) -> tuple[Weight, ...]:
    """List each parameter and buffer of a model once, by the first module that holds it.

    Args:
        model: any module.
        float_bytes: size of a floating-point element, where it is not that of its dtype.
    """
    # The tensors are held, as an id is only unique among living objects.
    seen: dict[int, Tensor] = {}
    weights = []
    for module_name, module in model.named_modules():
        for name, tensor, is_parameter in _held(module):
            if id(tensor) not in seen:
                seen[id(tensor)] = tensor
                trainable = is_parameter and tensor.requires_grad
                spec = TensorSpec.of(tensor)
                size = float_bytes if float_bytes and tensor.is_floating_point() else None
                nbytes = sum(
                    part.numel() * (size if size and part.is_floating_point() else part.itemsize)
                    for part in dense_parts(tensor)
                )
                weights.append(Weight(module_name, name, spec, trainable, is_parameter, nbytes))
    return tuple(weights)


def _held(module: nn.Module) -> Iterator[tuple[str, Tensor, bool]]:
    """Yield name, tensor and whether it is a parameter of what a module itself holds."""
    for held, is_parameter in (
        (held_parameters(module), True),
        (held_buffers(module), False),
    ):
        yield from ((name, t, is_parameter) for name, t in held.items() if t is not None)
    # The packed weights of a quantised layer are no parameters to PyTorch, but they are to people.
    if any(kind.__name__ == "WeightedQuantizedModule" for kind in type(module).__mro__):
        unpack: Callable[[], tuple[Tensor, Tensor | None]] = getattr(module, _UNPACK)
        packed = zip(("weight", "bias"), unpack(), strict=True)
        yield from ((name, tensor, True) for name, tensor in packed if tensor is not None)
