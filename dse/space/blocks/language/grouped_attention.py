"""Attention of queries in groups that share keys and values (arXiv:2305.13245)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from dse.space.blocks.language.rotary import Rotary


class GroupedAttention(nn.Module):
    """Attention by PyTorch's own operator: (N, tokens, features) -> the same.

    Args:
        features: of a token.
        heads: of the queries.
        kv_heads: of keys and values, which divide the heads.
        head_dim: features of a head.
        query_bias: whether the projections of queries and values have one.
        key_bias: whether that of keys has one.
        output_bias: whether the projection of the output has one.
        rotary: turns queries and keys by their positions; None for other positions.
        query_norm: of queries; None for none. `key_norm` likewise.
        key_norm: of keys.
        norm_of_heads: whether these are of each head, and not of all features.
        scale: of the products of queries and keys.
        causal: whether a token attends to those before it alone.
        window: to how many of them, itself included; 0 for all.
    """

    cached = ("cached_keys", "cached_values")
    cached_input = 0
    """Whose keys and values generation keeps: those of this argument of forward."""

    def __init__(
        self,
        features: int,
        heads: int,
        kv_heads: int,
        head_dim: int,
        query_bias: bool,
        key_bias: bool,
        output_bias: bool,
        rotary: Rotary | None,
        query_norm: nn.Module | None,
        key_norm: nn.Module | None,
        norm_of_heads: bool,
        scale: float,
        causal: bool,
        window: int,
    ) -> None:
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, head_dim
        self.scale, self.causal, self.window = scale, causal, window
        self.norm_of_heads = norm_of_heads
        self.query = nn.Linear(features, heads * head_dim, bias=query_bias)
        self.key = nn.Linear(features, kv_heads * head_dim, bias=key_bias)
        self.value = nn.Linear(features, kv_heads * head_dim, bias=query_bias)
        self.output = nn.Linear(heads * head_dim, features, bias=output_bias)
        self.query_norm, self.key_norm = query_norm, key_norm
        self.rotary = rotary
        self.before = 0
        self.register_buffer("cached_keys", None, persistent=False)
        self.register_buffer("cached_values", None, persistent=False)

    def extra_repr(self) -> str:
        """Return the settings as the representation of a network shows them."""
        window = f", window={self.window}" if self.window else ""
        heads = f"heads={self.heads}, kv_heads={self.kv_heads}"
        return f"{heads}, scale={self.scale:.4g}{window}"

    def forward(
        self,
        tokens: Tensor,
        source: Tensor | None = None,
        scores: Tensor | None = None,
    ) -> Tensor:
        """Return what each token gathers from those that it attends to.

        Args:
            tokens: (N, tokens, features).
            source: of the same, what they attend to; None for themselves.
            scores: (1, heads, tokens, tokens), which are added to the products of
                queries and keys, and say what a token attends to.
        """
        source = tokens if source is None else source
        query = self._normed(self.query(tokens), self.query_norm, self.heads)
        key = self._normed(self.key(source), self.key_norm, self.kv_heads)
        if self.rotary is not None:
            query, key = self.rotary(query, key, self.before)
        value = self._heads(self.value(source), self.kv_heads)
        if self.before:
            key, value = self._kept(key, value)
        mask = scores
        if mask is None and self.causal:
            mask = self._mask(tokens.shape[1], key.shape[2], tokens.device)
        gathered = functional.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=mask,
            is_causal=self.causal and mask is None and not self.before,
            scale=self.scale,
            enable_gqa=self.kv_heads != self.heads,
        )
        output: Tensor = self.output(gathered.transpose(1, 2).flatten(2))
        return output

    def cached_elements(self, batch: int, tokens: int) -> int:
        """Return the elements of keys and values that tokens after so many attend to.

        A window reaches back to one token less than its size, as the next one is in it.
        """
        if not self.causal:
            return 0
        kept = min(tokens, self.window - 1) if self.window else tokens
        return 2 * batch * kept * self.kv_heads * self.head_dim

    def hold_cache(self, batch: int, tokens: int, context: int) -> None:
        """Run on the last tokens of a context from now on, with room for the others.

        `cached_keys` and `cached_values`, (N, kv_heads, rows, head_dim), end with the
        step's own; a window needs no rows further back. Without others before, they
        are not used.

        Raises:
            ValueError: where attention is not causal.
        """
        if not self.causal:
            raise ValueError("attention that is not causal keeps no keys of a context")
        self.before = context - tokens
        kept = min(self.before, self.window - 1) if self.window else self.before
        shape = (batch, self.kv_heads, kept + tokens, self.head_dim)
        self.cached_keys = self.key.weight.new_zeros(shape) if self.before else None
        self.cached_values = self.value.weight.new_zeros(shape) if self.before else None

    def _kept(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Put keys and values of tokens behind those that are kept, and return all."""
        assert self.cached_keys is not None
        assert self.cached_values is not None
        self.cached_keys[:, :, -key.shape[2] :] = key
        self.cached_values[:, :, -value.shape[2] :] = value
        return self.cached_keys, self.cached_values

    def _heads(self, projected: Tensor, heads: int) -> Tensor:
        """(N, tokens, heads · width) -> (N, heads, tokens, width)."""
        split: Tensor = projected.unflatten(-1, (heads, self.head_dim))
        return split.transpose(1, 2)

    def _normed(self, projected: Tensor, norm: nn.Module | None, heads: int) -> Tensor:
        if norm is not None and not self.norm_of_heads:
            projected = norm(projected)
        split = self._heads(projected, heads)
        if norm is not None and self.norm_of_heads:
            split = norm(split)
        return split

    def _mask(self, tokens: int, keys: int, device: torch.device) -> Tensor | None:
        """Return which token (row) attends to which; None for all to those before."""
        is_cut = 0 < self.window < keys
        if not is_cut and (tokens == 1 or tokens == keys):
            return None
        positions = torch.arange(keys, device=device)
        before = positions[keys - tokens :, None] - positions
        return (before >= 0) & (before < self.window) if is_cut else before >= 0
