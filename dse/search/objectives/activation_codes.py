"""NASWOT: how well an untrained network tells images apart, by its activation codes."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dse.errors import DseError
from dse.search.objectives.single_input import one_input
from dse.space import CostedPoint

RECTIFIERS = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.SiLU, nn.GELU, nn.Hardswish, nn.Mish)
"""Activations with units that are on or off."""


def naswot(
    candidate: CostedPoint, module: nn.Module, device: str, seed: int, batch: int = 16
) -> float:
    """Return the NASWOT score of an untrained network: log |det K|.

    K[i, j] is the number of ReLU units that are on for both or off for both of images i and j, so
    the score is high where the network tells images apart before any training. "Neural
    Architecture Search without Training", arXiv:2006.04647, equation 2; the images are standard
    normal noise, drawn from `seed`. The units of the smoother `RECTIFIERS`, which the paper does
    not treat, are on where their input is positive.

    Raises:
        DseError: for a network without any of these activations.
    """
    given = one_input(candidate, "naswot")
    kernel = torch.zeros(batch, batch, dtype=torch.float64)

    def observe(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        nonlocal kernel
        codes = (inputs[0].detach().reshape(batch, -1) > 0).to(torch.float32)
        kernel += (codes @ codes.T + (1 - codes) @ (1 - codes).T).double().cpu()

    hooks = [
        layer.register_forward_pre_hook(observe)
        for layer in module.modules()
        if isinstance(layer, RECTIFIERS)
    ]
    if not hooks:
        raise DseError("naswot needs a network with rectifying activations, such as nn.ReLU")
    generator = torch.Generator().manual_seed(seed)
    images = torch.randn(batch, *given.shape, generator=generator)
    try:
        with torch.no_grad():
            given.run(module.train(), images.to(device))
    finally:
        for hook in hooks:
            hook.remove()
    return float(torch.linalg.slogdet(kernel).logabsdet)
