"""Expressions of Python as text, laid out as formatters leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 88
"""Columns of a line, which is what formatters take where nobody says otherwise."""


@dataclass(frozen=True)
class Written:
    """An expression: a text, or one with arguments in brackets."""

    head: str
    """All of it, or what stands in front of the arguments, bracket included."""
    arguments: tuple[Argument, ...] = ()
    tail: str = ""
    """The closing bracket."""


@dataclass(frozen=True)
class Argument:
    """An expression among others."""

    value: Written
    prefix: str = ""
    """Such as `stride=`."""
    repeat: int = 1
    """How often it is made."""
    comment: str = ""
    """In a line above it."""


def flat(written: Written) -> str:
    """Return an expression in one line."""
    inner = ", ".join(map(_flat_argument, written.arguments))
    comma = "," if written.head == "(" and len(written.arguments) == 1 else ""
    return f"{written.head}{inner}{comma}{written.tail}"


def _flat_argument(argument: Argument) -> str:
    made = flat(argument.value)
    if argument.repeat > 1:
        return f"*({made} for _ in range({argument.repeat}))"
    return f"{argument.prefix}{made}"


def laid_out(written: Written, indent: int = 0, before: str = "", behind: str = "") -> list[str]:
    """Return an expression in lines of at most `WIDTH` columns, as far as that can be.

    Args:
        written: what to lay out.
        indent: columns in front of each line.
        before: what stands in front of it in its first line.
        behind: what stands behind it in its last line.
    """
    space = " " * indent
    line = f"{space}{before}{flat(written)}{behind}"
    has_comments = any(each.comment for each in written.arguments)
    if (len(line) <= WIDTH and not has_comments) or not written.arguments:
        return [line]
    within = ", ".join(map(_flat_argument, written.arguments))
    # Formatters leave the arguments of a call in a line of their own, but no literal's.
    is_call = written.head not in ("(", "[", "{")
    fits = is_call and indent + 4 + len(within) <= WIDTH and not has_comments
    inner = [f"{space}    {within}"] if fits else _by_line(written.arguments, indent + 4)
    return [f"{space}{before}{written.head}", *inner, f"{space}{written.tail}{behind}"]


def _by_line(arguments: Sequence[Argument], indent: int) -> list[str]:
    space, lines = " " * indent, []
    for each in arguments:
        lines += [f"{space}# {each.comment}"] if each.comment else []
        line = f"{space}{_flat_argument(each)},"
        if each.repeat > 1 and len(line) > WIDTH:
            of_each = laid_out(each.value, indent + 4)
            lines += [f"{space}*(", *of_each, f"{space}    for _ in range({each.repeat})"]
            lines += [f"{space}),"]
        elif each.repeat > 1:
            lines.append(line)
        else:
            lines += laid_out(each.value, indent, each.prefix, ",")
    return lines


def quoted(text: str) -> str:
    """Return a text as a literal, in double quotes where that takes no escape."""
    literal = repr(text)
    plain = '"' not in text and literal[0] == "'"
    return f'"{literal[1:-1]}"' if plain else literal
