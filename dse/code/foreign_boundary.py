"""The boundary to code that is not ours: models, blocks and the files that hold them.

Such code may raise anything, and may end the process. Neither may look like a fault of dse, nor
end a sweep of other candidates. An interruption by the user stays one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dse.errors import DseError

_SPEAKING = (RuntimeError, ValueError, DseError)
"""What PyTorch and its models refuse arguments with, and dse: the message says it all."""

_ONE_SENTENCE = 200
"""Characters of a message beyond which its first sentence is all that is told."""
_END = re.compile(r"(?<=[a-z)])\.\s+(?=[A-Z])")
_LONGEST = 500


@contextmanager
def foreign_code(describe: Callable[[str], str]) -> Iterator[None]:
    """Tell whatever goes wrong in somebody else's code as one `DseError`.

    Args:
        describe: what to say, given the reason.

    Raises:
        DseError: for any error, and where the code would end the process.
    """
    try:
        yield
    except (DseError, KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        raise DseError(describe(reason_of(error))) from error


def reason_of(error: BaseException) -> str:
    """Return an error in a line: its message, behind its type's name unless that says nothing."""
    name = type(error).__name__
    if isinstance(error, SystemExit):
        return f"it ends the process (SystemExit: {error.code})"
    try:
        lines = str(error).strip().splitlines()
    except Exception:  # noqa: BLE001 - the message of an error is somebody else's code as well
        lines = []
    if not lines:
        return name
    message = lines[0]
    if len(message) > _ONE_SENTENCE and not isinstance(error, DseError):
        message = _END.split(message, maxsplit=1)[0]
    if len(message) > _LONGEST:
        message = f"{message[:_LONGEST]}…"
    return message if type(error) in _SPEAKING else f"{name}: {message}"
