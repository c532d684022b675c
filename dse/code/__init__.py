"""Which code makes a number, read from its sources, and the boundary to code that is not ours."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.code.fingerprints import LIBRARIES as LIBRARIES
    from dse.code.fingerprints import Code as Code
    from dse.code.fingerprints import code_of_callable as code_of_callable
    from dse.code.fingerprints import code_of_costs as code_of_costs
    from dse.code.fingerprints import code_of_function as code_of_function
    from dse.code.fingerprints import dotted_names as dotted_names
    from dse.code.fingerprints import is_current as is_current
    from dse.code.fingerprints import sources_of_dse as sources_of_dse
    from dse.code.fingerprints import untold_by as untold_by
    from dse.code.foreign_boundary import foreign_code as foreign_code
    from dse.code.foreign_boundary import reason_of as reason_of
    from dse.code.sources import directories_of as directories_of
    from dse.code.sources import is_found as is_found
    from dse.code.sources import is_within as is_within

_HOMES = {
    "dse.code.fingerprints": (
        *("Code", "LIBRARIES", "code_of_callable", "code_of_costs", "code_of_function"),
        *("dotted_names", "is_current", "sources_of_dse", "untold_by"),
    ),
    "dse.code.foreign_boundary": ("foreign_code", "reason_of"),
    "dse.code.sources": ("directories_of", "is_found", "is_within"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
