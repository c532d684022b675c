"""What a network of an encoder and a decoder is made of, as in T5 (arXiv:1910.10683).

Its input is one row of ids: `sequence` tokens of the source, and behind them those of the target.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from dse.errors import DseError
from dse.space.blocks.block_registry import register
from dse.space.blocks.language.feed_forward import FeedForward, GatedFeedForward
from dse.space.blocks.language.grouped_attention import GroupedAttention
from dse.space.blocks.language.token_norms import token_norm
from dse.space.blocks.named_layers import activation_module


class PairedEmbedding(nn.Module):
    """Ids (N, source + target) -> features of the target's tokens, and of the source's.

    Args:
        vocabulary: of both.
        features: of a token.
        sequence: tokens of the source, which stand in front.
        tied: whether a head borrows the weight.
    """

    def __init__(
        self,
        vocabulary: int,
        features: int,
        sequence: int,
        tied: bool,
    ) -> None:
        super().__init__()
        self.sequence = sequence
        self.words = nn.Embedding(vocabulary, features)
        # A tied head makes scores of it.
        nn.init.normal_(self.words.weight, std=0.02)
        self.lent_weights = ("words.weight",) if tied else ()

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Return the features of the target and of the source."""
        source, target = tokens[:, : self.sequence], tokens[:, self.sequence :]
        return self.words(target), self.words(source)


class RelativePositions(nn.Module):
    """What is added to the products of queries and keys, by how far they are apart.

    A learned number a head for each of some distances, the far ones in groups that
    grow with the logarithm (arXiv:1910.10683, section 2.1): (1, heads, tokens, tokens).

    Args:
        tokens: that attend to each other.
        heads: of attention.
        buckets: of distances.
        distance: from which on all are in one.
        causal: whether a token attends to those before it alone.
    """

    def __init__(
        self,
        tokens: int,
        heads: int,
        buckets: int,
        distance: int,
        causal: bool,
    ) -> None:
        super().__init__()
        self.tokens, self.buckets, self.distance = tokens, buckets, distance
        self.causal = causal
        self.scores = nn.Embedding(buckets, heads)

    def extra_repr(self) -> str:
        """Return the settings as the representation of a network shows them."""
        return f"tokens={self.tokens}, distance={self.distance}, causal={self.causal}"

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the scores of pairs of positions; of the ids it takes the device."""
        places = torch.arange(self.tokens, device=tokens.device)
        apart = places[None] - places[:, None]
        scores: Tensor = self.scores(self._bucket(apart)).permute(2, 0, 1)[None]
        if self.causal:
            scores = scores.masked_fill(apart > 0, -math.inf)
        return scores

    def _bucket(self, apart: Tensor) -> Tensor:
        """Return the bucket of each distance, of a key minus a query."""
        number, offset = self.buckets, torch.zeros_like(apart)
        if self.causal:
            apart = -apart.clamp(max=0)
        else:
            number //= 2
            offset = (apart > 0).to(torch.long) * number
            apart = apart.abs()
        exact = number // 2
        growth = (number - exact) / math.log(self.distance / exact)
        far = exact + ((apart.float() / exact).log() * growth).to(torch.long)
        far = far.clamp(max=number - 1)
        return offset + torch.where(apart < exact, apart, far)


class CrossAttention(GroupedAttention):
    """Attention of tokens to a source, of which generation keeps keys and values."""

    cached_input = 1

    def cached_elements(self, batch: int, tokens: int) -> int:
        """Return the elements of keys and values of so many tokens of the source."""
        return 2 * batch * tokens * self.kv_heads * self.head_dim


class EncoderDecoderLayer(nn.Module):
    """Attention by scores of positions, attention to a source, and a feed-forward.

    Each is added to what enters it, and a norm is before it.

    Args:
        attention: of the tokens to each other.
        cross: of the tokens to a source; None in an encoder.
        feed_forward: of each token.
        norms: of the parts, in this order.
    """

    def __init__(
        self,
        attention: nn.Module,
        cross: nn.Module | None,
        feed_forward: nn.Module,
        norms: tuple[nn.Module, ...],
    ) -> None:
        super().__init__()
        self.attention_norm, self.feed_forward_norm = norms[0], norms[-1]
        self.attention, self.feed_forward = attention, feed_forward
        self.cross_norm = None if cross is None else norms[1]
        self.cross = cross

    def forward(
        self,
        tokens: Tensor,
        scores: Tensor,
        source: Tensor | None = None,
    ) -> Tensor:
        """Return each token with what the parts add to it."""
        tokens = tokens + self.attention(self.attention_norm(tokens), None, scores)
        if self.cross is not None and self.cross_norm is not None:
            tokens = tokens + self.cross(self.cross_norm(tokens), source)
        output: Tensor = tokens + self.feed_forward(self.feed_forward_norm(tokens))
        return output


@register
def paired_embedding(
    input_shape: tuple[int, ...],
    vocabulary: int,
    features: int,
    sequence: int,
    *,
    tied: bool = False,
) -> nn.Module:
    """Features of ids of a source of `sequence` tokens and of a target behind it.

    It hands on two tensors, the target's before the source's. `tied` lends the weight to a
    `token_head`.
    """
    _target_tokens(input_shape, sequence)
    return PairedEmbedding(vocabulary, features, sequence, tied)


@register
def relative_positions(
    input_shape: tuple[int, ...],
    heads: int,
    sequence: int,
    *,
    buckets: int = 32,
    distance: int = 128,
    of_target: bool = False,
) -> nn.Module:
    """Scores of pairs of positions of a source of `sequence` tokens, or of the target behind it.

    What a target's token attends to is before it.
    """
    target = _target_tokens(input_shape, sequence)
    if buckets < 4 or distance <= buckets:
        raise DseError(f"{buckets} buckets up to a distance of {distance} are none")
    return RelativePositions(target if of_target else sequence, heads, buckets, distance, of_target)


@register
def encoder_decoder_layer(
    input_shapes: tuple[tuple[int, ...], ...],
    heads: int,
    head_dim: int,
    ffn: int,
    *,
    gated: bool = False,
    activation: str = "relu",
    eps: float = 1e-6,
) -> nn.Module:
    """A layer on tokens and scores of their positions, and in a decoder on a source.

    Linear layers have no bias, queries are not scaled (arXiv:1910.10683).
    """
    if len(input_shapes) not in (2, 3):
        raise DseError("it takes tokens, scores of their positions and, in a decoder, a source")
    features = input_shapes[0][-1]

    def attention(kind: type[GroupedAttention], causal: bool) -> GroupedAttention:
        return kind(
            features,
            heads,
            heads,
            head_dim,
            query_bias=False,
            key_bias=False,
            output_bias=False,
            rotary=None,
            query_norm=None,
            key_norm=None,
            norm_of_heads=False,
            scale=1.0,
            causal=causal,
            window=0,
        )

    is_decoder = len(input_shapes) == 3
    kind = GatedFeedForward if gated else FeedForward
    return EncoderDecoderLayer(
        attention(GroupedAttention, causal=is_decoder),
        attention(CrossAttention, causal=False) if is_decoder else None,
        kind(features, ffn, activation_module(activation), bias=False),
        tuple(token_norm("rms_norm", features, eps) for _ in range(len(input_shapes))),
    )


def _target_tokens(shape: tuple[int, ...], sequence: int) -> int:
    """Return the tokens of the target, behind those of the source."""
    if len(shape) != 1 or shape[0] <= sequence:
        raise DseError(
            f"it takes ids of {sequence} tokens of a source, and of a target behind them"
        )
    return shape[0] - sequence
