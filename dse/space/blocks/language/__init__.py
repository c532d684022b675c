"""Language models: tokens to features, layers of attention and feed-forward, and the head."""

from dse.space.blocks.language import encoder_decoder, frames, language_layers, token_ends

__all__ = ["encoder_decoder", "frames", "language_layers", "token_ends"]
