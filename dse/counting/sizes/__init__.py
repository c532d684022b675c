"""Runs of a model on inputs of many sizes, of which few are traced and the others worked out."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.counting.sizes.sized_runs import SizedRuns as SizedRuns

_HOMES = {
    "dse.counting.sizes.sized_runs": ("SizedRuns",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
