"""What is wrong at a place in the text of a condition."""

from __future__ import annotations

from dse.errors import DseError


class Fault(Exception):
    """Something wrong at a place in a condition; becomes a `DseError` where the text is known."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


def told(text: str, fault: Fault, what: str = "condition", mend: str = "") -> DseError:
    """Return the error for the user: the text, the place in it, what is wrong there, and a mend."""
    start = max(0, fault.at - 40) if len(text) > 80 else 0
    part = text[start : start + 80]
    excerpt = ("…" if start else "") + part + ("…" if start + 80 < len(text) else "")
    return DseError(f"{what} {excerpt!r}, column {fault.at + 1}: {fault.message}{mend}")
