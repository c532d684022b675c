"""What the columns of a table are to its reader: what was asked for, and what tells rows apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_OF_A_LAYER = re.compile(r"(?<=\w)(_\d+)+$")
"""What numbers the setting of a stage or a layer: `_4_1` of `kernel_4_1`."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Columns with a role; those of neither are numbers like any other."""

    settings: Collection[str] = ()
    """Tell which candidate or trial a row is, and need no column where they are the same in all."""
    needed: Collection[str] = ()
    """Were asked for, so that they are the last to go where there is no room."""

    def same(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> dict[str, Any]:
        """Return the settings that have one value in all rows, in the order of the columns."""
        settings = [column for column in columns if column in self.settings]
        if not rows:
            return {}
        firsts = {name: rows[0].get(name) for name in settings}
        return {
            name: value
            for name, value in firsts.items()
            if value is not None and all(row.get(name) == value for row in rows)
        }


NO_ROLES = Roles()


def listed_briefly(names: Sequence[str]) -> str:
    """Return names with commas between them, the many of an axis that layers have as one.

    Such as `depth, kernel_* (20), params`.
    """
    stems = Counter(map(_stem, names))
    parts = (
        name if stems[_stem(name)] == 1 else f"{_stem(name)}_* ({stems[_stem(name)]})"
        for name in names
    )
    return ", ".join(dict.fromkeys(parts))


def _stem(name: str) -> str:
    return _OF_A_LAYER.sub("", name)
