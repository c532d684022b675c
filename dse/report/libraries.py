"""The libraries that draw, which only an extra installs."""

from __future__ import annotations

import importlib
from types import ModuleType

from dse.errors import DseError


def require(name: str) -> ModuleType:
    """Return a module of a drawing library.

    Raises:
        DseError: where it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise DseError(
            f"this picture needs {package}, which is not installed: pip install 'dse[pictures]'"
        ) from error
