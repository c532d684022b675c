"""`dse upgrade`: bring the store of an older dse up to date."""

from __future__ import annotations

from dse.cli.common_options import DEFAULT_STORE, Store


def upgrade(store: Store = DEFAULT_STORE) -> None:
    """Upgrade a store that an older version of dse made, after a copy of its file.

    Sweep, search and import do the same when they open one; commands that only read never write.

    Example: dse upgrade --store outputs/dse.db
    """
    from dse.configs import without_passwords
    from dse.project import Project

    version = Project(store).upgrade()
    print(f"{without_passwords(store)} has schema {version}")
