"""Which kernel attention runs as, by the rules by which PyTorch chooses.

What autograd keeps differs a lot: plain operators (`math`) keep the map of probabilities, and a
mask of it for dropout; fused kernels keep query, key, value, output and the logarithms of the sums.
The rules of `cuda` are those of `sdp_utils.cpp` for devices of compute capability 8.0 and later;
cuDNN's kernel is left out, and that some of them do not train the widest heads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from dse.counting.meta_device.dtype_rules import HALVES
from dse.counting.meta_device.flash_kernels import as_the_kernel_reads, as_the_kernel_writes
from dse.counting.torch_internals import CPU_ATTENTION, EFFICIENT_ATTENTION, FLASH_ATTENTION

_ALIGNED_BYTES = 16
"""At a multiple of which the efficient kernel reads."""


@dataclass(frozen=True)
class AttentionCall:
    """One call of `scaled_dot_product_attention`; tensors are (N, heads, length, head size)."""

    query: Tensor
    key: Tensor
    value: Tensor
    mask: Tensor | None = None
    dropout: float = 0.0
    is_causal: bool = False
    scale: float | None = None
    shares_heads: bool = False
    """Whether several heads of the query use one of key and value (`enable_gqa`)."""

    @property
    def head_size(self) -> int:
        """Of the query."""
        return int(self.query.shape[-1])

    @property
    def lengths(self) -> tuple[int, int]:
        """Of the query, and of key and value."""
        return int(self.query.shape[-2]), int(self.key.shape[-2])


Rule = Callable[[AttentionCall], bool]

_SHAPES: dict[str, Rule] = {
    "four axes": lambda call: call.query.dim() == call.key.dim() == call.value.dim() == 4,
    "floating-point numbers": lambda call: call.query.is_floating_point(),
    "nothing empty": lambda call: call.query.dim() == 4 and min(call.lengths) > 0,
    "elements of a head side by side": lambda call: (
        call.query.stride(-1) == call.key.stride(-1) == call.value.stride(-1) == 1
    ),
}


def _has_one_head_size(call: AttentionCall) -> bool:
    return bool(call.head_size == call.key.shape[-1] == call.value.shape[-1])


def _has_same_or_shared_heads(call: AttentionCall) -> bool:
    (batch, heads), (rows, shared) = call.query.shape[:2], call.key.shape[:2]
    if batch != rows or call.value.shape[:2] != call.key.shape[:2]:
        return False
    return bool(shared in (heads, 1) or (call.shares_heads and shared and heads % shared == 0))


def _is_aligned(tensor: Tensor) -> bool:
    return int(tensor.storage_offset()) * tensor.element_size() % _ALIGNED_BYTES == 0


RULES: Mapping[str, Mapping[str, Rule]] = {
    "cpu": {
        **_SHAPES,
        "as many heads, or shared ones": _has_same_or_shared_heads,
        "heads of one size": _has_one_head_size,
        "no dropout": lambda call: not call.dropout,
        "a mask of two or four axes, without gradient, and not causal besides": lambda call: (
            call.mask is None
            or (not call.is_causal and not call.mask.requires_grad and call.mask.dim() in (2, 4))
        ),
    },
    "flash": {
        **_SHAPES,
        "as many heads, or shared ones": _has_same_or_shared_heads,
        "heads of one size, at most 256": lambda call: (
            _has_one_head_size(call) and call.head_size <= 256
        ),
        "no mask": lambda call: call.mask is None,
        "causal only over as many keys as queries": lambda call: (
            not call.is_causal or call.lengths[0] == call.lengths[1]
        ),
    },
    "efficient": {
        **_SHAPES,
        "as many heads, or shared ones": _has_same_or_shared_heads,
        "query and key of one head size": lambda call: call.head_size == call.key.shape[-1],
        "head sizes in steps of 8, or of 4 in single precision": lambda call: all(
            size % (8 if call.query.dtype in HALVES else 4) == 0
            for size in (call.head_size, call.value.shape[-1])
        ),
        "query, key and value that begin at a multiple of 16 bytes": lambda call: all(
            map(_is_aligned, (call.query, call.key, call.value))
        ),
        "elements of a row of a mask side by side": lambda call: (
            call.mask is None or call.mask.stride(-1) == 1
        ),
        "not causal beside a mask": lambda call: call.mask is None or not call.is_causal,
    },
}
"""By kernel: what has to hold of a call, in words."""

DTYPES: Mapping[str, tuple[torch.dtype, ...]] = {
    "flash": HALVES,
    "efficient": (*HALVES, torch.float32),
}
"""The dtypes that a device has a kernel for; one that is asked for by name is taken for any."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "cpu": ("cpu",),
    "math": (),
    "flash": ("flash",),
    "efficient": ("efficient",),
    "cuda": ("flash", "efficient"),
}
"""By the condition `kernels`: what is tried, one after the other; `math` takes what none does."""


def chosen_kernel(kernels: str, call: AttentionCall) -> str:
    """Return the kernel that a call runs as: `cpu`, `flash`, `efficient` or `math`.

    Args:
        kernels: one of `dse.costs.cost_conditions.KERNELS`.
        call: of attention.
    """
    for kernel in CHOICES[kernels]:
        has_dtype = kernels != "cuda" or call.query.dtype in DTYPES[kernel]
        if has_dtype and all(holds(call) for holds in RULES[kernel].values()):
            return kernel
    return "math"


def run_kernel(kernel: str, call: AttentionCall) -> Tensor:
    """Run a call of attention as a kernel; the output is (N, heads, queries, head size)."""
    return _KERNELS[kernel](call)


def as_called(call: AttentionCall) -> Tensor:
    """Run a call of attention as PyTorch does where its tensors are."""
    output: Tensor = F.scaled_dot_product_attention(
        call.query,
        call.key,
        call.value,
        call.mask,
        call.dropout,
        call.is_causal,
        scale=call.scale,
        enable_gqa=call.shares_heads,
    )
    return output


def _math(call: AttentionCall) -> Tensor:
    # Tensors that pass for a CPU's would be fused as there.
    with sdpa_kernel(SDPBackend.MATH):
        return as_called(call)


def _cpu(call: AttentionCall) -> Tensor:
    output: Tensor = CPU_ATTENTION(
        *(call.query, call.key, call.value, call.dropout, call.is_causal),
        attn_mask=_added(call),
        scale=call.scale,
    )[0]
    return output


def _flash(call: AttentionCall) -> Tensor:
    size = call.head_size
    operands = map(as_the_kernel_reads, (call.query, call.key, call.value))
    scale = size**-0.5 if call.scale is None else call.scale
    output = FLASH_ATTENTION(*operands, call.dropout, call.is_causal, False, scale=scale)[0]
    return as_the_kernel_writes(output)


def _efficient(call: AttentionCall) -> Tensor:
    mask = _added(call)
    if mask is not None:
        row = mask.shape[-1]
        left = -row % 16
        if left:
            # The kernel reads rows of a mask in steps of 16.
            mask = F.pad(mask, (0, left))[..., :row]
        mask = mask.expand(*call.query.shape[:2], *call.lengths)
    operands = (call.query, call.key, call.value)
    is_trained = torch.is_grad_enabled() and any(each.requires_grad for each in operands)
    output: Tensor = EFFICIENT_ATTENTION(
        *operands, mask, is_trained, call.dropout, call.is_causal, scale=call.scale
    )[0]
    return output


def _added(call: AttentionCall) -> Tensor | None:
    """Return a mask as numbers that are added to the scores."""
    mask = call.mask
    if mask is None or mask.dtype is not torch.bool:
        return mask
    kept, masked = (
        torch.scalar_tensor(number, dtype=call.query.dtype, device=mask.device)
        for number in (0.0, float("-inf"))
    )
    return torch.where(mask, kept, masked)


_KERNELS: dict[str, Callable[[AttentionCall], Tensor]] = {
    "math": _math,
    "cpu": _cpu,
    "flash": _flash,
    "efficient": _efficient,
}
