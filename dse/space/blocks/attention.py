"""Vision Transformer: tokens, encoder blocks and head (arXiv:2010.11929)."""

from __future__ import annotations

import math
from collections import OrderedDict

import torch
from torch import Tensor, nn
from torchvision.models.vision_transformer import EncoderBlock

from dse.errors import DseError
from dse.space.blocks.block_registry import register


class _Position(nn.Module):
    """Adds a learned embedding to each token."""

    def __init__(self, tokens: int, features: int) -> None:
        super().__init__()
        embedding = torch.empty(1, tokens, features).normal_(std=0.02)
        self.pos_embedding = nn.Parameter(embedding)

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens + self.pos_embedding


class _PatchTokens(nn.Module):
    """(N, C, H, W) -> (N, 1 + patches, features), the class token first."""

    def __init__(self, channels: int, features: int, patch: int, patches: int) -> None:
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, features))
        self.conv_proj = nn.Conv2d(channels, features, patch, stride=patch)
        inputs = channels * patch**2
        nn.init.trunc_normal_(self.conv_proj.weight, std=math.sqrt(1 / inputs))
        nn.init.zeros_(self.conv_proj.bias)  # type: ignore[arg-type]
        self.position = _Position(1 + patches, features)

    def forward(self, images: Tensor) -> Tensor:
        patches = self.conv_proj(images).flatten(2).permute(0, 2, 1)
        class_token = self.class_token.expand(patches.shape[0], -1, -1)
        tokens: Tensor = self.position(torch.cat([class_token, patches], dim=1))
        return tokens


class _FirstToken(nn.Module):
    """(N, tokens, features) -> (N, features), of the class token."""

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens[:, 0]


@register
def patch_tokens(
    in_channels: int, input_shape: tuple[int, ...], features: int, *, patch: int = 16
) -> nn.Module:
    """A token for each patch of the image, and one for the class, with learned positions."""
    height, width = input_shape[1:]
    if height % patch or width % patch:
        raise DseError(f"an image of {height}×{width} does not divide into patches of {patch}")
    return _PatchTokens(in_channels, features, patch, (height // patch) * (width // patch))


@register
def encoder_block(in_features: int, *, heads: int = 12, mlp_ratio: float = 4.0) -> nn.Module:
    """Multi-head self-attention and a two-layer perceptron, both with residual and layer norm."""
    if in_features % heads:
        raise DseError(f"{in_features} features do not divide among {heads} heads")
    module: nn.Module = EncoderBlock(heads, in_features, int(in_features * mlp_ratio), 0.0, 0.0)
    return module


@register
def token_classifier(in_features: int, classes: int = 1000) -> nn.Module:
    """Layer norm of all tokens, and a linear layer on the class token."""
    linear = nn.Linear(in_features, classes)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    layers = {"ln": nn.LayerNorm(in_features, eps=1e-6), "token": _FirstToken(), "head": linear}
    return nn.Sequential(OrderedDict(layers))
