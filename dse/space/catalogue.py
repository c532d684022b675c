"""Family pages as files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from dse.errors import DseError
from dse.space.family import Family
from dse.space.page import read_family
from dse.space.place import yaml_error


def load_family(page: Path, allow: Iterable[str] = ()) -> Family:
    """Return the family that a YAML file describes, named like the file.

    Args:
        page: the file.
        allow: modules of the user's own, whose blocks and models the page may name.

    Raises:
        DseError: for a file that cannot be read, is no YAML, or breaks the page language.
    """
    content = load_yaml(page)
    return read_family(page.stem, content, str(page), allow)


def load_yaml(page: Path) -> dict[str, Any]:
    """Return the keys of a YAML file with their values.

    Raises:
        DseError: for a file that cannot be read, is no YAML, has a key twice, or no keys at all.
    """
    try:
        content: Any = OmegaConf.to_container(OmegaConf.load(page), resolve=True)
    except YAMLError as error:
        raise yaml_error(error) from error
    except OSError as error:
        raise DseError(f"{page}: {error.strerror or error}") from error
    except (UnicodeDecodeError, OmegaConfBaseException) as error:
        raise DseError(f"{page}: {error}") from error
    if not isinstance(content, dict):
        raise DseError(f"{page}: expected keys with values")
    return {str(key): value for key, value in content.items()}
