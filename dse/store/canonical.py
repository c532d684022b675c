"""JSON texts that are equal exactly when what they describe is equal."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any


def canonical_json(content: Mapping[str, Any]) -> str:
    """Return compact JSON with sorted keys.

    Raises:
        TypeError: for a value that JSON has no form for.
        ValueError: for a number that is not finite.
    """
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def hashed(content: Sequence[str | int]) -> int:
    """Return 63 bits that stand for a short list."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def digest(text: str) -> str:
    """Return 32 hexadecimal digits that stand for a text."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def storable(text: str) -> str:
    """Return a text as every database takes it: NUL and lone surrogates are written out."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
