"""Family pages as files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dse.configs import composed_page
from dse.space.pages.family import Family
from dse.space.pages.family_page import read_family


def load_family(page: Path, allow: Iterable[str] = ()) -> Family:
    """Return the family that a YAML file describes, named like the file.

    Args:
        page: the file.
        allow: modules of the user's own, whose blocks and models the page may name.

    Raises:
        DseError: for a file that cannot be read, is no YAML, or breaks the page language.
    """
    return read_family(page.stem, load_page(page, "family"), str(page), allow)


def load_page(page: Path, group: str) -> dict[str, Any]:
    """Return the keys of a page of a config group with their values, its `defaults` followed.

    Raises:
        DseError: for a file that cannot be read, is no plain YAML, or says more than a page may.
    """
    return composed_page(page, group)
