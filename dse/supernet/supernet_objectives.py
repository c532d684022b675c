"""The objectives of this room that any config may name; they are loaded when they are asked for."""

from __future__ import annotations

from dse.lazy_exports import ImportedPaths

SUPERNET_OBJECTIVES = ImportedPaths(f"{__package__}.{name}" for name in ("inherited", "finetuned"))
"""By their paths."""

SUPERNET_CHECKS = dict.fromkeys(SUPERNET_OBJECTIVES, f"{__package__}.inheriting.check_inheriting")
"""What says of a space and their options, before anything is evaluated, that they do not go
together: the path of a function, by that of the objective."""
