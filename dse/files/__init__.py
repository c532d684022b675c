"""Files as plain values: tables, YAML that anybody may have written, and files written whole."""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.files.plain_yaml import DEEPEST as DEEPEST
    from dse.files.plain_yaml import Key as Key
    from dse.files.plain_yaml import PlainYaml as PlainYaml
    from dse.files.plain_yaml import parse_yaml as parse_yaml
    from dse.files.plain_yaml import read_yaml as read_yaml
    from dse.files.tables import Table as Table
    from dse.files.tables import cells as cells
    from dse.files.tables import is_held as is_held
    from dse.files.tables import is_numeral as is_numeral
    from dse.files.tables import read_columns as read_columns
    from dse.files.tables import read_frame as read_frame
    from dse.files.tables import read_table as read_table
    from dse.files.tables import telling_row as telling_row
    from dse.files.whole_files import written_whole as written_whole

_HOMES = {
    "dse.files.plain_yaml": ("DEEPEST", "Key", "PlainYaml", "parse_yaml", "read_yaml"),
    "dse.files.tables": (
        *("Table", "cells", "is_held", "is_numeral", "read_columns", "read_frame", "read_table"),
        *("telling_row",),
    ),
    "dse.files.whole_files": ("written_whole",),
}

__getattr__ = lazily(__name__, _HOMES, ("cache_files",))

__all__ = names_of(_HOMES)
