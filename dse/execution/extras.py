"""What only an extra installs, loaded when it is used."""

from __future__ import annotations

import importlib
from types import ModuleType

from dse.errors import DseError


def require_extra(name: str) -> ModuleType:
    """Return a module that the extra of its name installs.

    Raises:
        DseError: where it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise DseError(
            f"executor={name} needs {name}, which is not installed: pip install 'dse[{name}]'"
        ) from error
