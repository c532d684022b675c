"""What may stand in the place of a word that a shell asks to complete."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.cli.completing.completed_words import completed as completed

_HOMES = {
    "dse.cli.completing.completed_words": ("completed",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
