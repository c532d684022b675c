"""Which layers of two blocks are the same: by name where they are called alike, else by order."""

from __future__ import annotations

from collections.abc import Sequence


def aligned(known: Sequence[tuple[str, str]], given: Sequence[tuple[str, str]]) -> list[int | None]:
    """Return which of the known layers each given one is; None for a further one.

    Both are paths with what stands there (see `LayerWeights.token`). Layers are the same only where
    they are of one kind; of all ways to match them in order, the one with the most matches, and
    among those the one with the most equal paths, is taken.
    """
    place = {layer: index for index, layer in enumerate(known)}
    by_name = [place.get(layer) for layer in given]
    named = [index for index in by_name if index is not None]
    if len(named) == len(given) and named == sorted(named):
        return by_name
    return _matched(known, given)


def _matched(
    known: Sequence[tuple[str, str]], given: Sequence[tuple[str, str]]
) -> list[int | None]:
    # Paths count less than any match does.
    weight = len(known) + len(given) + 1
    best = [[0] * (len(given) + 1) for _ in range(len(known) + 1)]

    def worth(i: int, j: int) -> int:
        if known[i][1] != given[j][1]:
            return 0
        return weight + (known[i][0] == given[j][0])

    for i in reversed(range(len(known))):
        for j in reversed(range(len(given))):
            best[i][j] = max(best[i + 1][j], best[i][j + 1])
            if worth(i, j):
                best[i][j] = max(best[i][j], best[i + 1][j + 1] + worth(i, j))
    found: list[int | None] = [None] * len(given)
    i = j = 0
    while i < len(known) and j < len(given):
        if worth(i, j) and best[i][j] == best[i + 1][j + 1] + worth(i, j):
            found[j] = i
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    return found
