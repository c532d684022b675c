"""Mutations of command lines: characters, numbers and whole words, drawn from a seed."""

import random
import string
from collections.abc import Sequence

STRANGE = (
    *("", " ", "\t", "\n", "'", '"', "`", "(", ")", "[", "]", "{", "}", "=", ",", ":", ".", "-"),
    *(
        "--",
        "\\",
        "/",
        "%",
        "$",
        "*",
        "~",
        "\x1b[31m",
        "\x9b",
        "\u202e",
        "\udc80",
        "×",
        "日本",
        "e",
    ),
)
NUMBERS = (
    "0",
    "-1",
    "1",
    "2",
    "3.5",
    "1e3",
    "1e400",
    "nan",
    "inf",
    "0x10",
    "007",
    "99999999999999",
)


def mutated(draw: random.Random, word: str) -> str:
    """Return a word with a small change, or a few."""
    for _ in range(draw.choice([1, 1, 1, 2, 3])):
        word = draw.choice(_CHANGES)(draw, word)
    return word.replace("\0", "")


def _insert(draw: random.Random, word: str) -> str:
    place = draw.randint(0, len(word))
    added = draw.choice([*STRANGE, draw.choice(string.printable)])
    return word[:place] + added + word[place:]


def _remove(draw: random.Random, word: str) -> str:
    start = draw.randint(0, len(word))
    return word[:start] + word[start + draw.randint(1, 3) :]


def _repeat(draw: random.Random, word: str) -> str:
    start = draw.randint(0, len(word))
    return word[:start] + word[start : start + draw.randint(1, 8)] * 2 + word[start:]


def _swap(draw: random.Random, word: str) -> str:
    place = draw.randint(0, max(0, len(word) - 2))
    return word[:place] + word[place : place + 2][::-1] + word[place + 2 :]


def _number(draw: random.Random, word: str) -> str:
    digits = [place for place, character in enumerate(word) if character.isdigit()]
    if not digits:
        return word
    start = end = draw.choice(digits)
    while end < len(word) and word[end].isdigit():
        end += 1
    return word[:start] + draw.choice(NUMBERS) + word[end:]


_CHANGES = (_insert, _remove, _repeat, _swap, _number, _number)


def mutated_line(draw: random.Random, bases: Sequence[Sequence[str]]) -> list[str]:
    """Return one of some command lines, words of it changed, left out or said twice."""
    words = list(draw.choice(bases))
    for _ in range(draw.choice([1, 1, 1, 2])):
        # An option that is not known tries nothing but the parser of options.
        place = draw.choice([n for n, word in enumerate(words) if n and word[:2] != "--"])
        change = draw.random()
        if change < 0.1 and len(words) > 3:
            del words[place]
        elif change < 0.2:
            words.insert(place, words[place])
        else:
            words[place] = mutated(draw, words[place])
    return words
