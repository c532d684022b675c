"""What is said of a reference, such as `${cost.batch}`, that leads nowhere."""

from __future__ import annotations

import re
from typing import Any

from omegaconf import Container, DictConfig
from omegaconf.errors import OmegaConfBaseException

from dse.errors import nearest

_NOT_FOUND = re.compile(r"Interpolation key '(.+)' not found")


def told_of_reference(error: OmegaConfBaseException) -> str:
    """Return in one line which key has a value that cannot be worked out, and why.

    Where that is a key which it refers to, the nearest that there is follows.
    """
    first = str(error).splitlines()[0]
    holder = error.parent_node
    if (missing := _NOT_FOUND.fullmatch(first)) is not None and isinstance(holder, Container):
        valid = _beside(missing[1], holder, str(holder._get_node(error.key)))
        first = f"it refers to {missing[1]!r}, which there is not; {nearest(*valid)}"
    return f"{error.full_key}: {first}" if error.full_key else first


def _beside(missing: str, holder: Any, written: str) -> tuple[str, list[str]]:
    """Return the part of a reference that leads nowhere, and what stands in its place.

    Args:
        missing: what is referred to, such as `cost.btach`.
        holder: the mapping or the list that the reference stands in.
        written: the value with the reference, whose dots lead upwards: one of them to the holder.
    """
    dots = re.search(rf"\$\{{\s*(\.+){re.escape(missing)}", written)
    place: Any = holder
    for _ in range(len(dots[1]) - 1 if dots else 0):
        place = place._get_parent() or place
    if not dots:
        place = holder._get_root()
    *groups, last = missing.split(".")
    for part in groups:
        is_there = isinstance(place, DictConfig) and part in place
        below = place._get_node(part) if is_there else None
        if not isinstance(below, DictConfig):
            last = part
            break
        place = below
    names = [str(name) for name in place] if isinstance(place, DictConfig) else []
    return last, [name for name in names if name != "hydra"]
