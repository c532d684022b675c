"""A network of a file, and the inputs that the file says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from dse.errors import DseError

FileInput = dict[str, Any]
"""Its `name`, `shape`, `dtype` and whether a `batch` axis of any size is in front of the shape; a
size is None where the file lets it be any."""


@dataclass(frozen=True)
class FileModel:
    """A network of a file."""

    module: nn.Module
    """It runs without data alone: its weights are on the meta device."""
    inputs: tuple[FileInput, ...]
    """What the file says of each input, in order."""

    def usual_inputs(self) -> list[FileInput]:
        """Return its inputs as far as the file says them.

        Raises:
            DseError: where a size may be any.
        """
        for each in self.inputs:
            if None in each["shape"]:
                axis = each["shape"].index(None) + each["batch"]
                raise DseError(
                    f"axis {axis} of its input {each['name']!r:.60} may be of any size: "
                    "say it by --input"
                )
        return [{k: v for k, v in each.items() if k != "name"} for each in self.inputs]
