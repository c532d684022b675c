"""What a user is meant to read: the one exception, the one warning, and the nearest-name hint."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DseError(Exception):
    """Bad input or an impossible request, told in one line.

    The command line prints the message on standard error and exits with status 1; a library user
    catches this one class.
    """

    def __init__(self, message: str) -> None:
        # Half of a character, as a file name may hold it, could be neither stored nor printed.
        whole = message.encode("utf-8", "backslashreplace").decode()
        super().__init__(" ".join(whole.split()))


class TooMuchMemory(DseError):
    """More memory would be taken than is allowed without asking for it."""


class UnseenOperators(DseError):
    """A model runs operators where they cannot be counted, in whatever way it is run."""


class UnknownCostWarning(UserWarning):
    """An operator ran whose cost is not known, so that a count leaves it out."""


class RanOnData(UserWarning):
    """A model ran on random data, as control flow depends on data; the message says which."""


class UnnoticedChange(UserWarning):
    """A function reads what is no plain value, so that a change of it does not measure anew."""


_COMPARED = 100
"""Characters of a name that are compared with those of choices."""
_CHOICES = 1000
"""Choices that it is compared with."""


def closest(name: str, choices: Iterable[str]) -> str | None:
    """Return the choice that begins with a name or is spelled most like it; None for none."""
    known = sorted({str(choice) for choice in choices})
    name = str(name)[:_COMPARED]
    begun = [choice for choice in known if len(name) > 2 and choice.startswith(name)]
    close = begun or difflib.get_close_matches(name, known[:_CHOICES], n=1, cutoff=0.5)
    return close[0] if close else None


def nearest(name: str, choices: Iterable[str]) -> str:
    """Return a hint that names the valid choice nearest to `name`, and a few others.

    The hint is a clause for the end of an error message, such as
    `did you mean 'width'? (valid: depth, resolution, width)`.
    """
    known = sorted({str(choice) for choice in choices})
    if not known:
        return "there are none to choose from"
    listed = ", ".join(known[:20]) + (", …" if len(known) > 20 else "")
    close = closest(name, known)
    return f"did you mean {close!r}? (valid: {listed})" if close else f"valid: {listed}"
