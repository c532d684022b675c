"""Which columns of a table fit a terminal, and how wide: columns are left out, digits never."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dse.cli.printing.column_roles import NO_ROLES, Roles

LEAST_TELLING = (
    "key",
    "zero_stage",
    "data_parallel",
    "tensor_parallel",
    "checkpointing",
    "kernels",
    "precision",
    "optimizer",
    "dtype",
    "batch",
    "memory_read",
    "memory_written",
    "saved_memory",
    "trainable_params",
    "flops",
    "activation_memory",
    "weight_memory",
    "activations",
    "train_memory",
    "claimed",
    "waiting",
)
"""The columns that a table leaves out first, when it does not fit the terminal."""

GAP = 2
"""Spaces between two columns."""
LEAST_TEXT = 16
"""Characters to which a text may be cut before a column is left out."""

_OF_NUMBERS = "0123456789.,×"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The columns that are shown, with their widths, and those that are not."""

    widths: dict[str, int]
    hidden: list[str]


def shortened(text: str, width: int) -> str:
    """Return a text cut to a width, with an ellipsis that stands in no number."""
    if len(text) <= width:
        return text
    return text[: width - 1].rstrip(_OF_NUMBERS) + "…"


def fitted(cells: Mapping[str, Sequence[str]], room: int, roles: Roles = NO_ROLES) -> Fitted:
    """Return the columns for which there is room.

    The least telling go first; then texts are cut, the longest first; then settings go from the
    right, then the others, then what was asked for. The first column stays.

    Args:
        cells: the texts of each column, its heading the first of them.
        room: characters in a line of the terminal.
        roles: of the columns.
    """
    wanted = {name: max(map(len, texts)) for name, texts in cells.items()}
    first = next(iter(wanted), "")
    plain = [name for name in LEAST_TELLING if name in wanted and name not in roles.needed]
    others = [name for name in reversed(wanted) if name not in roles.needed]
    settings = [name for name in others if name in roles.settings]
    in_order = dict.fromkeys([*plain, *settings, *others, *reversed(wanted)])
    leaving = [name for name in in_order if name != first]
    texts = {name for name in wanted if _is_text(cells[name][1:])}
    hidden: list[str] = []
    while True:
        shown = {name: width for name, width in wanted.items() if name not in hidden}
        is_plain = leaving and leaving[0] in plain
        if not is_plain and _total(shown) > room:
            shown = _cut(shown, texts - {first} if leaving else texts, room)
        if _total(shown) <= room or not leaving:
            return Fitted(shown, [name for name in wanted if name in hidden])
        hidden.append(leaving.pop(0))


def _total(widths: Mapping[str, int]) -> int:
    return sum(widths.values()) + GAP * (len(widths) - 1)


def _cut(widths: Mapping[str, int], texts: set[str], room: int) -> dict[str, int]:
    """Return widths of which those of texts are as small as they have to be, and may be."""
    cut = dict(widths)
    while _total(cut) > room:
        longest = max((name for name in cut if name in texts), key=cut.__getitem__, default="")
        least = max(len(longest), LEAST_TEXT)
        if not longest or cut[longest] <= least:
            return cut
        others = [cut[name] for name in cut if name in texts and name != longest]
        over = cut[longest] - (_total(cut) - room)
        cut[longest] = max(least, over, min(max(others, default=0), cut[longest] - 1))
    return cut


def _is_text(cells: Sequence[str]) -> bool:
    """Return whether a column holds words: one that is a number in any row may not be cut."""
    return not any(
        cell.lstrip("~+−-±").startswith(tuple(_OF_NUMBERS)) and not _SENTENCE.search(cell)
        for cell in cells
    )


_SENTENCE = re.compile(r" [^\W\d]{4,}")
"""A word behind another, longer than any unit: `3×3 convolution`, and not `12 MiB`."""
