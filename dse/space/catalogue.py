"""Family pages as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from dse.errors import DseError
from dse.space.family import Family
from dse.space.page import read_family


def load_family(page: Path) -> Family:
    """Return the family that a YAML file describes, named like the file.

    Raises:
        DseError: for a file that cannot be read, is no YAML, or breaks the page language.
    """
    try:
        content: Any = OmegaConf.to_container(OmegaConf.load(page), resolve=True)
    except (YAMLError, OSError, UnicodeDecodeError, OmegaConfBaseException) as error:
        raise DseError(f"{page}: {error}") from error
    if not isinstance(content, dict):
        raise DseError(f"{page}: expected keys with values")
    return read_family(page.stem, {str(key): value for key, value in content.items()}, str(page))
