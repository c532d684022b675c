"""Language models: tokens to features, layers of attention and feed-forward, and the head."""

from dse.space.blocks.language import layers, token_ends

__all__ = ["layers", "token_ends"]
