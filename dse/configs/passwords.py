"""Passwords in URLs: where a text is shown or kept, it is shown and kept without them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# As SQLAlchemy reads a URL: a password reaches up to the last @ before the host.
_PASSWORD = re.compile(r"(://[^\s:/@]*):[^\s@]*(?:@[^\s@/]*)*@")
_SECRET_QUERY = re.compile(r"([?&])\w*password=[^&\s'\"]*&?")

_URL = re.compile(r"\w[\w+.-]*://[^\s'\",{}\[\]]+")


def without_passwords(text: str) -> str:
    """Return a text, such as a command line, without the passwords of the URLs in it.

    They are known by the environment (`PGPASSWORD`) or `~/.pgpass` when the URL is used again.
    """
    return _SECRET_QUERY.sub(r"\1", _PASSWORD.sub(r"\1@", text))


def without_passwords_in(content: Any) -> Any:
    """Return plain JSON values without the passwords of the URLs in them."""
    if isinstance(content, Mapping):
        return {key: without_passwords_in(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [without_passwords_in(value) for value in content]
    return without_passwords(content) if isinstance(content, str) else content


def passwords_taken_out(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Return words without the passwords of URLs, and each such URL as it was by what is left."""
    urls = [url for word in words for url in _URL.findall(word)]
    secrets = {without_passwords(url): url for url in urls if without_passwords(url) != url}
    return [without_passwords(word) for word in words], secrets
