"""Zen-score: how strongly a network answers to small changes of its input."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dse.errors import DseError
from dse.search.objectives.gradients import LAYERS
from dse.search.objectives.single_input import one_input
from dse.space import CostedPoint

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
POOLS = (nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d)


def zen(
    candidate: CostedPoint,
    module: nn.Module,
    device: str,
    seed: int,
    batch: int = 16,
    perturbation: float = 0.01,
    repeats: int = 4,
) -> float:
    """Return the Zen-score, averaged over some random weights.

    "Zen-NAS", arXiv:2102.01063, algorithm 1: weights, inputs x and directions ε are standard
    normal; the score is log E‖f(x) − f(x + α ε)‖_F + Σ log σ̄, where f ends before the global
    pooling (the last one, or else the last linear layer) and σ̄² is the mean over the channels of
    the batch's variance before each batch normalisation, which takes back the scale that this
    removed. Shortcuts stay in place, which the paper leaves out.

    Raises:
        DseError: for a network without global pooling and without linear layers.
    """
    given = one_input(candidate, "zen")
    shape = (batch, *given.shape)
    generator = torch.Generator().manual_seed(seed)
    ends: list[nn.Module] = [layer for layer in module.modules() if isinstance(layer, POOLS)]
    if not ends:
        ends = [layer for layer in module.modules() if isinstance(layer, nn.Linear)]
    if not ends:
        raise DseError("zen needs a network with global pooling or a linear layer")
    seen: list[Tensor] = []
    spreads: list[Tensor] = []

    def observe_norm(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        across = [axis for axis in range(inputs[0].dim()) if axis != 1]
        spreads.append(inputs[0].var(dim=across, correction=0).mean().sqrt())

    def observe_end(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen.append(inputs[0])

    hooks = [ends[-1].register_forward_pre_hook(observe_end)]
    module.train()
    scores = []
    try:
        with torch.no_grad():
            for _ in range(repeats):
                for layer in module.modules():
                    if isinstance(layer, LAYERS):
                        layer.weight.copy_(torch.randn(layer.weight.shape, generator=generator))
                images = torch.randn(shape, generator=generator)
                directions = torch.randn(shape, generator=generator)
                norms = [layer for layer in module.modules() if isinstance(layer, NORMS)]
                watching = [layer.register_forward_pre_hook(observe_norm) for layer in norms]
                given.run(module, images.to(device))
                for hook in watching:
                    hook.remove()
                given.run(module, (images + perturbation * directions).to(device))
                moved = (seen[-2] - seen[-1]).flatten(1).norm(dim=1).mean()
                scores.append(moved.log() + sum(spread.log() for spread in spreads))
                spreads.clear()
    finally:
        for hook in hooks:
            hook.remove()
    return float(torch.stack([torch.as_tensor(score) for score in scores]).mean())
