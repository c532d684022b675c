"""Scores of untrained networks from the gradients of one batch.

The batch is standard normal noise with random labels, drawn from the seed, as the scores are meant
to compare architectures and not data. The weights are those of convolutions and linear layers, as
in "Zero-Cost Proxies for Lightweight NAS", arXiv:2101.08134.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dse.errors import DseError
from dse.search.objectives.single_input import one_input
from dse.space import CostedPoint

LAYERS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear)
"""The layers whose weights are scored."""


def grad_norm(
    candidate: CostedPoint, module: nn.Module, device: str, seed: int, batch: int = 16
) -> float:
    """Return the sum of the Euclidean norms of the gradients of all weights.

    arXiv:2101.08134, section 3.1: Σ ‖∂L/∂θ‖₂ over the layers.
    """
    loss, weights = _loss(candidate, module, device, seed, batch)
    return _total([g.norm() for g in torch.autograd.grad(loss, weights)])


def snip(
    candidate: CostedPoint, module: nn.Module, device: str, seed: int, batch: int = 16
) -> float:
    """Return the summed connection sensitivity.

    "SNIP", arXiv:1810.02340, equation 5 without the normalisation: Σ |∂L/∂θ ⊙ θ|.
    """
    loss, weights = _loss(candidate, module, device, seed, batch)
    gradients = torch.autograd.grad(loss, weights)
    return _total([(g * w).abs().sum() for g, w in zip(gradients, weights, strict=True)])


def grasp(
    candidate: CostedPoint, module: nn.Module, device: str, seed: int, batch: int = 16
) -> float:
    """Return how far the gradient flow would fall without each weight, summed.

    "Picking Winning Tickets Before Training by Preserving Gradient Flow", arXiv:2002.07376,
    equation 8: Σ −θ ⊙ H g, with H the Hessian of the loss and g its gradient.
    """
    loss, weights = _loss(candidate, module, device, seed, batch)
    gradients = torch.autograd.grad(loss, weights, create_graph=True)
    product = sum((g * g.detach()).sum() for g in gradients)
    assert isinstance(product, Tensor)
    curved = torch.autograd.grad(product, weights, allow_unused=True, materialize_grads=True)
    return _total([(-w * h).sum() for w, h in zip(weights, curved, strict=True)])


def synflow(candidate: CostedPoint, module: nn.Module, device: str) -> float:
    """Return the logarithm of the summed synaptic flow, which needs no data.

    "Pruning neural networks without any data by iteratively conserving synaptic flow",
    arXiv:2006.05467, equation 3: Σ ∂R/∂θ ⊙ θ for R the sum of the outputs at an input of ones, with
    every parameter by its magnitude. Normalisation layers stand at their initial statistics, and
    ReLU6 has no upper bound: at such weights every unit would be beyond it and let nothing through.
    The sum runs over so many orders of magnitude that only its logarithm is of use.
    """
    given = one_input(candidate, "synflow")
    module = module.double().eval()
    for layer in module.modules():
        if isinstance(layer, nn.ReLU6):
            layer.max_val = math.inf
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.abs_()
    ones = torch.ones(1, *given.shape, dtype=torch.float64, device=device)
    weights = scored_weights(module)
    gradients = torch.autograd.grad(given.run(module, ones).sum(), weights)
    flow = _total([(g * w).sum() for g, w in zip(gradients, weights, strict=True)])
    return math.log(flow) if flow > 0 else -math.inf


def scored_weights(module: nn.Module) -> list[Tensor]:
    """Return the weights of the convolutions and linear layers.

    Raises:
        DseError: for a network without any.
    """
    weights = [layer.weight for layer in module.modules() if isinstance(layer, LAYERS)]
    if not weights:
        raise DseError("the score needs a network with convolutions or linear layers")
    return weights


def _total(parts: list[Tensor]) -> float:
    return float(torch.stack([part.detach() for part in parts]).sum())


def _loss(
    candidate: CostedPoint, module: nn.Module, device: str, seed: int, batch: int
) -> tuple[Tensor, list[Tensor]]:
    given = one_input(candidate, "a score of gradients")
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(batch, *given.shape, generator=generator)
    outputs = given.classify(module.train(), images.to(device))
    labels = torch.randint(outputs.shape[1], (batch,), generator=generator)
    return cross_entropy(outputs, labels.to(device)), scored_weights(module)
