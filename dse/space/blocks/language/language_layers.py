"""Layers of language models: attention and feed-forward, each with a residual and norms."""

from __future__ import annotations

from torch import Tensor, nn

from dse.errors import DseError, nearest
from dse.space.blocks.block_registry import register
from dse.space.blocks.language.feed_forward import (
    Experts,
    FeedForward,
    GatedFeedForward,
    MixtureOfExperts,
)
from dse.space.blocks.language.grouped_attention import GroupedAttention
from dse.space.blocks.language.rotary import Rotary
from dse.space.blocks.language.token_norms import token_norm
from dse.space.blocks.named_layers import find_activation

_BIASES = ("none", "qkv", "all", "all_but_key")
_PLACES = ("before", "after", "around")
_HEAD_NORMS = ("none", "head", "all")


class NormBefore(nn.Module):
    """x + f(norm(x)) for attention and feed-forward; or x + norm(f(norm(x)))."""

    def __init__(
        self,
        attention: nn.Module,
        feed_forward: nn.Module,
        norms: tuple[nn.Module, nn.Module],
        outer_norms: tuple[nn.Module, nn.Module] | None,
    ) -> None:
        super().__init__()
        self.attention_norm, self.feed_forward_norm = norms
        self.attention, self.feed_forward = attention, feed_forward
        self.attention_outer_norm = outer_norms[0] if outer_norms else None
        self.feed_forward_outer_norm = outer_norms[1] if outer_norms else None

    def forward(self, tokens: Tensor) -> Tensor:
        """Return each token with what the two parts add to it."""
        added = self.attention(self.attention_norm(tokens))
        if self.attention_outer_norm is not None:
            added = self.attention_outer_norm(added)
        tokens = tokens + added
        added = self.feed_forward(self.feed_forward_norm(tokens))
        if self.feed_forward_outer_norm is not None:
            added = self.feed_forward_outer_norm(added)
        output: Tensor = tokens + added
        return output


class NormAfter(nn.Module):
    """norm(x + f(x)) for attention and feed-forward, as in BERT (arXiv:1810.04805)."""

    def __init__(
        self,
        attention: nn.Module,
        feed_forward: nn.Module,
        norms: tuple[nn.Module, nn.Module],
    ) -> None:
        super().__init__()
        self.attention, self.feed_forward = attention, feed_forward
        self.attention_norm, self.feed_forward_norm = norms

    def forward(self, tokens: Tensor) -> Tensor:
        """Return each token with what the two parts add to it."""
        tokens = self.attention_norm(tokens + self.attention(tokens))
        output: Tensor = self.feed_forward_norm(tokens + self.feed_forward(tokens))
        return output


@register
def language_layer(
    in_features: int,
    heads: int,
    ffn: int,
    *,
    kv_heads: int = 0,
    head_dim: int = 0,
    gated: bool = True,
    activation: str = "silu",
    bias: str = "none",
    norm: str = "rms_norm",
    norm_at: str = "before",
    eps: float = 1e-5,
    query_key_norm: str = "none",
    query_scale: float = 0.0,
    causal: bool = True,
    window: int = 0,
    rope: float = 0.0,
    rope_factor: float = 1.0,
    rope_context: int = 0,
    experts: int = 0,
    experts_per_token: int = 2,
    normalised: bool = True,
    shared_ffn: int = 0,
    shared_gate: bool = False,
) -> nn.Module:
    """Attention and a feed-forward of `ffn` features, or a mixture of experts of so many each.

    At 0, `kv_heads` is `heads` and `head_dim` the features over the heads; `rope` is the base of
    rotary positions, `rope_context` the context of pre-training that Llama 3.1 stretches; queries
    are scaled by the root of `query_scale`, or of `head_dim`. `bias` is of none, qkv, all or
    all_but_key linear layers, `norm` rms_norm or layer_norm, before, after or around the parts,
    `query_key_norm` of none, each head or all.
    """
    _check(bias, _BIASES, "bias")
    _check(norm_at, _PLACES, "norm_at")
    width = head_dim or _divided(in_features, heads, "features")
    groups = kv_heads or heads
    _divided(heads, groups, "heads")
    if rope and width % 2:
        raise DseError(f"rotary positions turn pairs of features; a head of {width} has an odd one")
    has_all = bias in ("all", "all_but_key")
    query_norm, key_norm = _head_norms(query_key_norm, heads, groups, width, eps)
    attention = GroupedAttention(
        in_features,
        heads,
        groups,
        width,
        query_bias=bias != "none",
        key_bias=bias in ("qkv", "all"),
        output_bias=has_all,
        rotary=Rotary(rope, rope_factor, rope_context) if rope else None,
        query_norm=query_norm,
        key_norm=key_norm,
        norm_of_heads=query_key_norm == "head",
        scale=(query_scale or width) ** -0.5,
        causal=causal,
        window=window,
    )
    kind = GatedFeedForward if gated else FeedForward
    feed_forward: nn.Module
    if experts:
        if experts_per_token > experts:
            raise DseError(f"a token cannot visit {experts_per_token} of {experts} experts")
        act = _activation(activation)
        shared = None
        if shared_ffn:
            shared = kind(in_features, shared_ffn, _activation(activation), has_all)
        feed_forward = MixtureOfExperts(
            in_features,
            Experts(in_features, ffn, experts, experts_per_token, act),
            normalised,
            shared,
            shared_gate=shared_gate and shared is not None,
        )
    else:
        feed_forward = kind(in_features, ffn, _activation(activation), has_all)

    def norms() -> tuple[nn.Module, nn.Module]:
        return token_norm(norm, in_features, eps), token_norm(norm, in_features, eps)

    if norm_at == "after":
        return NormAfter(attention, feed_forward, norms())
    return NormBefore(attention, feed_forward, norms(), norms() if norm_at == "around" else None)


def _check(word: str, known: tuple[str, ...], setting: str) -> None:
    if word not in known:
        raise DseError(f"unknown {setting} {word!r}; {nearest(word, known)}")


def _divided(whole: int, parts: int, what: str) -> int:
    if whole % parts:
        raise DseError(f"{whole} {what} do not divide among {parts} heads")
    return whole // parts


def _activation(name: str) -> nn.Module:
    layer = find_activation(name)
    return nn.Identity() if layer is None else layer()


def _head_norms(
    kind: str, heads: int, kv_heads: int, width: int, eps: float
) -> tuple[nn.Module | None, nn.Module | None]:
    _check(kind, _HEAD_NORMS, "query_key_norm")
    if kind == "none":
        return None, None
    sizes = (width, width) if kind == "head" else (heads * width, kv_heads * width)
    query, key = (nn.RMSNorm(size, eps=eps) for size in sizes)
    return query, key
