"""Language models: tokens to features, layers of attention and feed-forward, and the head."""

from dse.space.blocks.language import encoder_decoder, language_layers, sound_frames, token_ends

__all__ = ["encoder_decoder", "language_layers", "sound_frames", "token_ends"]
