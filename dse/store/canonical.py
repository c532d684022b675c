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
    named = _with_names(content)
    return json.dumps(
        named, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _with_names(content: Any) -> Any:
    """Return content with texts for keys: a page may have numbers beside words, as nodes of a cell.

    They are the texts that JSON has for them.
    """
    if isinstance(content, Mapping):
        texts = {k: k if isinstance(k, str) else json.dumps(k) for k in content}
        return {texts[key]: _with_names(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_with_names(value) for value in content]
    return content


def hashed(content: Sequence[str | int]) -> int:
    """Return 63 bits that stand for a short list."""
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


def digest(content: str | bytes) -> str:
    """Return 32 hexadecimal digits that stand for a text or for bytes."""
    content = content.encode() if isinstance(content, str) else content
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def storable(text: str) -> str:
    """Return a text as every database takes it: NUL and lone surrogates are written out."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()


NO_TRAINING = canonical_json({})
"""The training settings of a measurement that has none."""
