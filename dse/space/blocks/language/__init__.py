"""Language models: tokens to features, layers of attention and feed-forward, and the head."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily

if TYPE_CHECKING:
    from dse.space.blocks.language import encoder_decoder as encoder_decoder
    from dse.space.blocks.language import language_layers as language_layers
    from dse.space.blocks.language import sound_frames as sound_frames
    from dse.space.blocks.language import token_ends as token_ends

__all__ = ["encoder_decoder", "language_layers", "sound_frames", "token_ends"]

__getattr__ = lazily(__name__, {}, modules=__all__)
