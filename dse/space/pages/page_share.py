"""Reads what a page says of a supernet: how candidates share weights, by kinds of parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dse.errors import DseError, nearest
from dse.language import Place, shortened
from dse.space.pages.page_values import check_keys, mapping
from dse.space.pages.problems import Problems

SHARE_WORDS: Mapping[str, tuple[str, ...]] = {
    "channels": ("leading", "own"),
    "kernel": ("centre", "leading", "own"),
    "depth": ("first",),
    "choice": ("own", "block"),
    "heads": ("leading", "own"),
    "experts": ("leading", "own"),
    "positions": ("own", "leading"),
    "packed": ("parts", "leading"),
}
"""What a page may say under `share` of each kind of parts; the first word holds where it does not.

`own` is a tensor for each size. Of `choice` it is one for each word that chooses a block, and
`block` one for all words that choose the same block. Of `packed`, which are queries, keys and
values in one tensor, or what was concatenated, `parts` takes the leading ones of each part, and
`leading` those of the whole.
"""


def read_share(value: Any, where: Place, problems: Problems) -> dict[str, str]:
    """Return what a page says of how weights are shared, by kinds of parts."""
    words: dict[str, str] = {}
    if value is None:
        return words
    for kind, word in mapping(value, where).items():
        with problems.collected():
            check_keys({kind: None}, SHARE_WORDS, where)
            if word not in SHARE_WORDS[kind]:
                hint = nearest(str(word), SHARE_WORDS[kind])
                raise DseError(f"{where / kind}: unknown {shortened(word)}; {hint}")
            words[kind] = word
    return words
