"""What one of several devices holds of a block, by the published ways to divide a network.

A block is divided by itself, as FSDP does with each of its units, and a share of it is rounded up
to whole bytes: what one device holds of a network is the fold of what it holds of the blocks.

| condition | divides | by | source |
|---|---|---|---|
| `zero_stage` 1 | the optimizer's state, and what its step takes | `data_parallel` | ZeRO, \
arXiv:1910.02054, section 5.1 |
| `zero_stage` 2 | gradients too | the same | section 5.2 |
| `zero_stage` 3 | weights too | the same | section 5.3 |
| `tensor_parallel` | weights, gradients and state | itself | Megatron-LM, arXiv:1909.08053, \
section 3 |
| `tensor_parallel` | all that is made, with the sequence | itself | arXiv:2205.05198, equation 4 |

A block that runs has its weights gathered, and its gradients whole until they are reduced; buffers
of collectives are not counted. The network's own input is whole on every device.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from torch import nn

from dse.costs import Conditions
from dse.counting import HandedOn
from dse.errors import DseError
from dse.space.candidate import ResolvedBlock
from dse.space.costing.block_costs import BlockCosts, StepInput, shapes_within
from dse.space.costing.block_step import BlockStep
from dse.space.costing.tracing.block_tracing import trace_block, trace_step
from dse.space.costing.tracing.built_blocks import built_without_weights
from dse.space.costing.tracing.chains import ChainPart

_APART = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.RNNBase)
"""Layers whose parts need what other parts hold."""
_HEADS = ("heads", "kv_heads", "num_heads")
"""What attention of blocks, and of PyTorch, calls the number of its heads."""


def share(nbytes: int, devices: int) -> int:
    """Return the bytes of one device, rounded up."""
    return -(-nbytes // devices)


def trace_divided_block(
    block: ResolvedBlock, spec: HandedOn, conditions: Conditions, part: ChainPart | None = None
) -> BlockCosts:
    """Return what one device holds of a block in inference, by a trace of the block alone.

    Args:
        block: what it is.
        spec: of its input.
        conditions: which of inference, and how networks are divided.
        part: as for `trace_block`.

    Raises:
        DseError: where it cannot be built, run or divided, or has operators of unknown cost.
    """
    costs = trace_block(block, spec, conditions, part)
    if conditions.tensor_parallel == 1:
        return costs
    model = built_without_weights(block, shapes_within(spec))
    check_divisible(model.modules(), conditions)
    return divided_costs(costs, conditions)


def trace_divided_step(
    key: StepInput, conditions: Conditions, part: ChainPart | None = None
) -> BlockStep:
    """Return what one device holds of a block in a training step, by a trace of the block alone.

    Raises:
        DseError: where it cannot be built or trained.
    """
    return divided_step(trace_step(key, conditions, part), conditions)


def _is_of_patches(module: nn.Module) -> bool:
    """Return whether a convolution is a linear layer of patches side by side."""
    return getattr(module, "kernel_size", 0) == getattr(module, "stride", 1)


def check_divisible(modules: Iterable[nn.Module], conditions: Conditions) -> None:
    """Refuse layers that tensor parallelism is not published for, and heads that it cannot share.

    Raises:
        DseError: naming the first of them.
    """
    devices = conditions.tensor_parallel
    if devices == 1:
        return
    for module in modules:
        kind = type(module).__name__
        if isinstance(module, _APART) and not _is_of_patches(module):
            raise DseError(
                f"shards.tensor: {devices} devices share layers of transformers, and {kind} is "
                "none; shards.data and shards.zero divide any network"
            )
        for name in _HEADS:
            heads = getattr(module, name, None)
            if type(heads) is int and heads % devices:
                raise DseError(f"shards.tensor: {devices} devices cannot share {heads} {name}")


def divided_costs(costs: BlockCosts, conditions: Conditions) -> BlockCosts:
    """Return what one device holds of a block in inference."""
    devices = conditions.tensor_parallel
    if devices == 1:
        return costs
    additive, storages = costs.additive, costs.output_storages
    return replace(
        costs,
        additive=replace(
            additive,
            weight_memory=share(additive.weight_memory, devices),
            kv_cache=share(additive.kv_cache, devices),
        ),
        peak_bytes=share(costs.peak_bytes, devices),
        output_storages=tuple(replace(s, nbytes=share(s.nbytes, devices)) for s in storages),
    )


def divided_step(step: BlockStep, conditions: Conditions) -> BlockStep:
    """Return what one device holds of a block in a training step."""
    if not conditions.is_divided:
        return step
    tensor, stage = conditions.tensor_parallel, conditions.zero_stage
    of_state, of_gradients, of_weights = (
        tensor * (conditions.data_parallel if stage >= first else 1) for first in (1, 2, 3)
    )
    gathered = share(step.weight_bytes, tensor) if of_weights > tensor else 0
    return replace(
        step,
        weight_bytes=share(step.weight_bytes, of_weights),
        state_bytes=share(step.state_bytes, of_state),
        gradient_bytes=share(step.gradient_bytes, of_gradients),
        optimizer_peak=share(step.optimizer_peak, of_state),
        optimizer_first=share(step.optimizer_first, of_state),
        optimizer_left=share(step.optimizer_left, of_state),
        forward_peak=gathered + share(step.forward_peak, tensor),
        backward_peaks=tuple(gathered + share(peak, tensor) for peak in step.backward_peaks),
        kept_bytes=share(step.kept_bytes, tensor),
        cached_bytes=share(step.cached_bytes, tensor),
        saved_bytes=share(step.saved_bytes, tensor),
        output_bytes=tuple(share(nbytes, tensor) for nbytes in step.output_bytes),
    )
