"""What only an extra installs, loaded when it is used."""

from __future__ import annotations

import importlib
from typing import Any

from dse.errors import DseError

DISTRIBUTION = "dse-nas"
"""What the package is called on an index; `dse` is another project there."""


def install(extra: str) -> str:
    """Return the command that installs an extra."""
    return f"pip install '{DISTRIBUTION}[{extra}]'"


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
        needs = f"{what or extra} needs {package}, which is not installed"
        raise DseError(f"{needs}: {install(extra)}") from error
