"""The candidates that there are to choose from, as arrays, with what tells them apart."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.search.pools.candidate_pool import Pool as Pool
    from dse.search.pools.candidate_pool import feasible_pool as feasible_pool
    from dse.search.pools.candidate_pool import is_ordered as is_ordered
    from dse.search.pools.candidate_pool import pool_of_found as pool_of_found
    from dse.search.pools.key_set import Integers as Integers
    from dse.search.pools.key_set import KeySet as KeySet
    from dse.search.pools.point_rows import candidate_row as candidate_row
    from dse.search.pools.point_rows import scope_of as scope_of
    from dse.search.pools.row_maker import RowMaker as RowMaker
    from dse.search.pools.row_maker import Rows as Rows
    from dse.search.pools.training_settings import varied as varied
    from dse.search.pools.training_settings import with_training as with_training
    from dse.search.pools.trial_keys import key_of_trial as key_of_trial
    from dse.search.pools.trial_keys import trial_key as trial_key

_HOMES = {
    "dse.search.pools.candidate_pool": ("Pool", "feasible_pool", "is_ordered", "pool_of_found"),
    "dse.search.pools.key_set": ("Integers", "KeySet"),
    "dse.search.pools.point_rows": ("candidate_row", "scope_of"),
    "dse.search.pools.row_maker": ("RowMaker", "Rows"),
    "dse.search.pools.training_settings": ("varied", "with_training"),
    "dse.search.pools.trial_keys": ("key_of_trial", "trial_key"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
