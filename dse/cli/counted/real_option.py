"""`--real`: whether a model that is counted runs on data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from dse.errors import DseError

if TYPE_CHECKING:
    from dse.counting import Real

Counted = TypeVar("Counted")

FLAG = "--real"


class RealOption(StrEnum):
    """What may be written after the flag."""

    auto = "auto"
    always = "always"
    never = "never"

    @property
    def value_of(self) -> Real:
        """The same as `dse.count` takes it."""
        return "auto" if self is RealOption.auto else self is RealOption.always


def with_real(words: Sequence[str]) -> list[str]:
    """Return the words of a command, with `always` after a flag that stands alone."""
    found: list[str] = []
    for word, following in zip(words, [*words[1:], ""], strict=True):
        found.append(word)
        if word == FLAG and following not in [option.value for option in RealOption]:
            found.append(RealOption.always.value)
    return found


def told_of_real(count: Callable[[], Counted]) -> Counted:
    """Call what counts a model, and name the flag where that needs data and may not have any.

    Raises:
        DseError: where it fails.
    """
    from dse.counting import NeedsData

    try:
        return count()
    except NeedsData as error:
        raise DseError(str(NeedsData(error.reason, FLAG))) from error
