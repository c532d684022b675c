"""Both ends of a language model: from ids of tokens to features, and from features to scores.

A tied head has no weight of its own but that of the embedding: see
`dse.counting.modules.shared_weights`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from dse.errors import DseError
from dse.space.blocks.block_registry import register
from dse.space.blocks.language.token_norms import token_norm
from dse.space.blocks.named_layers import activation_module


class TokenEmbedding(nn.Module):
    """Ids (N, tokens) -> (N, tokens, features)."""

    def __init__(
        self,
        vocabulary: int,
        features: int,
        positions: int,
        types: int,
        scale: float,
        norm: nn.Module | None,
        tied: bool,
    ) -> None:
        super().__init__()
        self.scale = scale
        self.words = _embedding(vocabulary, features)
        self.positions = _embedding(positions, features) if positions else None
        self.types = _embedding(types, features) if types else None
        self.norm = norm
        self.lent_weights = ("words.weight",) if tied else ()
        self.before = 0

    def extra_repr(self) -> str:
        """Return the settings as the representation of a network shows them."""
        lent = ", ".join(self.lent_weights) or "nothing"
        return f"scale={self.scale:.4g}, lends={lent}"

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the features of each token at its place."""
        features: Tensor = self.words(tokens)
        if self.scale != 1:
            features = features * self.scale
        if self.types is not None:
            features = features + self.types(torch.zeros_like(tokens))
        if self.positions is not None:
            behind = self.before + tokens.shape[1]
            places = torch.arange(self.before, behind, device=tokens.device)
            features = features + self.positions(places)
        return features if self.norm is None else self.norm(features)

    def hold_cache(self, batch: int, tokens: int, context: int) -> None:
        """Run on the last tokens of a context from now on.

        Raises:
            ValueError: where it is longer than the learned positions.
        """
        if self.positions is not None and context > self.positions.num_embeddings:
            learned = self.positions.num_embeddings
            more = f"{context} tokens are more than"
            raise ValueError(f"{more} the {learned} learned positions")
        self.before = context - tokens


class TiedHead(nn.Module):
    """(N, tokens, features) -> scores (N, tokens, vocabulary), by an embedding."""

    borrowed_weights = ("scores.weight",)

    def __init__(
        self,
        features: int,
        vocabulary: int,
        bias: bool,
        scale: float,
    ) -> None:
        super().__init__()
        self.scale = scale
        self.scores = nn.Linear(features, vocabulary, bias=bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return a score for each word of the vocabulary."""
        scores: Tensor = self.scores(tokens if self.scale == 1 else tokens * self.scale)
        return scores


def _embedding(entries: int, features: int) -> nn.Embedding:
    embedding = nn.Embedding(entries, features)
    # As in GPT-2: a tied head makes scores of it.
    nn.init.normal_(embedding.weight, std=0.02)
    return embedding


@register
def token_embedding(
    input_shape: tuple[int, ...],
    vocabulary: int,
    features: int,
    *,
    positions: int = 0,
    types: int = 0,
    scale: float = 1.0,
    norm: str = "none",
    eps: float = 1e-5,
    tied: bool = False,
) -> nn.Module:
    """Features of each token's id, times `scale`; plus learned positions and types; a norm.

    `positions` is the longest sequence, 0 where the layers tell positions; `types` the number of
    kinds of tokens, of which all are the first. `tied` lends the weight to a `token_head`.
    """
    if len(input_shape) != 1:
        raise DseError("token_embedding takes ids of tokens, such as input: {tokens: …}")
    (tokens,) = input_shape
    if positions and tokens > positions:
        raise DseError(f"{tokens} tokens are more than the {positions} learned positions")
    layer = None if norm == "none" else token_norm(norm, features, eps)
    return TokenEmbedding(vocabulary, features, positions, types, scale, layer, tied)


@register
def features_norm(in_features: int, *, norm: str = "rms_norm", eps: float = 1e-5) -> nn.Module:
    """Norm of the features of each token: rms_norm or layer_norm."""
    return token_norm(norm, in_features, eps)


@register
def features_transform(
    in_features: int, *, activation: str = "gelu", norm: str = "layer_norm", eps: float = 1e-5
) -> nn.Module:
    """Linear layer, activation and norm of each token: what BERT predicts masked words from."""
    linear = nn.Linear(in_features, in_features)
    return nn.Sequential(linear, activation_module(activation), token_norm(norm, in_features, eps))


@register
def token_head(
    in_features: int,
    vocabulary: int,
    *,
    tied: bool = False,
    bias: bool = False,
    scale: float = 1.0,
) -> nn.Module:
    """A score for each word of the vocabulary.

    `tied` takes the weight of the embedding, on features times `scale`.
    """
    if tied:
        return TiedHead(in_features, vocabulary, bias, scale)
    if scale != 1:
        raise DseError("only a tied head scales what enters it")
    return nn.Linear(in_features, vocabulary, bias=bias)
