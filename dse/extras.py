"""What only an extra installs, loaded when it is used."""

from __future__ import annotations

import importlib
from typing import Any

from dse.errors import DseError


def require(module: str, extra: str, what: str | None = None) -> Any:
    """Return a module that an extra installs.

    Args:
        module: its dotted name.
        extra: that installs it.
        what: needs it, such as `this picture`; by default the extra by its name.

    Raises:
        DseError: where it is not installed, with the command that installs it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = (error.name or module).partition(".")[0]
        raise DseError(
            f"{what or extra} needs {package}, which is not installed: pip install 'dse[{extra}]'"
        ) from error
