"""Opening a store, whether new, of today or of an older version, and transactions in it."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.store.opening.database import driver_rows as driver_rows
    from dse.store.opening.database import open_existing as open_existing
    from dse.store.opening.database import open_for_reading as open_for_reading
    from dse.store.opening.database import open_store as open_store
    from dse.store.opening.database import pass_on_interruption as pass_on_interruption
    from dse.store.opening.database import readable_store as readable_store
    from dse.store.opening.database import reading as reading
    from dse.store.opening.database import trusted as trusted
    from dse.store.opening.database import writing as writing
    from dse.store.opening.lasting_transactions import ConnectionLost as ConnectionLost
    from dse.store.opening.lasting_transactions import lasting as lasting
    from dse.store.opening.lasting_transactions import repeatable as repeatable
    from dse.store.opening.moments import store_moment as store_moment

_HOMES = {
    "dse.store.opening.database": (
        *("driver_rows", "open_existing", "open_for_reading", "open_store"),
        *("pass_on_interruption", "readable_store", "reading", "trusted", "writing"),
    ),
    "dse.store.opening.lasting_transactions": ("ConnectionLost", "lasting", "repeatable"),
    "dse.store.opening.moments": ("store_moment",),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
