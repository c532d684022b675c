"""Words that meant what other keys mean by now; they are still read, with a remark."""

from __future__ import annotations

import re

from dse.cli.printing import note

FORMER = {
    "search": (re.compile(r"(?:--)?device=(auto|cpu|mps|cuda(?::\d+)?)"), "executor.devices"),
    "supernet": (re.compile(r"supernet\.place=(\w+(?::\d+)?)"), "executor.devices"),
}
"""By command: how its former word is written, with its value in a group, and the key of today."""


def of_today(command: str, word: str) -> str:
    """Return a word of a command as it is written by now, and say so where it is another one."""
    pattern, key = FORMER[command]
    former = pattern.fullmatch(word)
    if former is None:
        return word
    note(f"{word} is read as {key}={former[1]}")
    return f"{key}={former[1]}"
