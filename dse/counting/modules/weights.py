"""The parameters and buffers of a model, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import torch
from torch import Tensor, nn

from dse.counting.modules.module_walks import modules_within
from dse.counting.modules.shared_weights import borrowed_weights
from dse.counting.modules.token_costs import active_elements, kept_names
from dse.counting.tensors import bits_of, bytes_of, dense_parts, spec_of
from dse.counting.torch_internals import held_buffers, held_parameters
from dse.counting.trace_records import Weight, counted_in

_UNPACK = "_weight_bias"
"""The method of quantised layers that returns their packed weights."""


def list_weights(
    model: nn.Module, counted_as: Mapping[str, torch.dtype] | None = None
) -> tuple[Weight, ...]:
    """List each parameter and buffer of a model once, by the first module that holds it.

    What it borrows of a network around it is listed there; the keys and values that generation
    keeps are none.

    Args:
        model: any module.
        counted_as: as `Trace.counted_as`.
    """
    # The tensors are held, as an id is only unique among living objects.
    seen: dict[int, Tensor] = borrowed_weights(model)
    weights = []
    for module_name, module in modules_within(model):
        counted = counted_in(module_name, counted_as) if counted_as else None
        kept = kept_names(module)
        for name, tensor, is_parameter in held_weights(module):
            if id(tensor) not in seen and name not in kept:
                seen[id(tensor)] = tensor
                trainable = is_parameter and tensor.requires_grad
                spec = spec_of(tensor)
                nbytes = sum(
                    bytes_of(
                        part.numel(),
                        bits_of(counted if counted and part.is_floating_point() else part.dtype),
                    )
                    for part in dense_parts(tensor)
                )
                active = active_elements(module, tensor)
                weights.append(
                    Weight(module_name, name, spec, trainable, is_parameter, nbytes, active)
                )
    return tuple(weights)


def held_weights(module: nn.Module) -> Iterator[tuple[str, Tensor, bool]]:
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
