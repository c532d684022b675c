"""What may stand in the place of a word of a `dse` command line."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from enum import Enum
from typing import Any, Literal, get_args, get_origin, get_type_hints

import typer

from dse.cli.completing.completed_names import KNOWN, beginning
from dse.cli.completing.completed_overrides import completed_override
from dse.errors import DseError

HYDRA_COMMANDS = ("sweep", "search", "space", "fit", "measure", "import-blocks", "supernet")


def completed(app: typer.Typer, before: Sequence[str], word: str) -> list[str]:
    """Return the words that may stand in the place of the last one.

    Args:
        app: the commands.
        before: the words between `dse` and it.
        word: what is typed of it so far.
    """
    commands: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    if not before:
        return beginning(word, [*sorted(commands), "--help", "--version"])
    # A page that does not hold is told by the command itself, and completes to nothing here.
    with contextlib.suppress(DseError, OSError):
        if before[0] in HYDRA_COMMANDS:
            return completed_override(before[0], before[1:], word)
        if before[0] in commands:
            return _options(app, commands[before[0]], before, word)
    return []


def _options(app: typer.Typer, command: Any, before: Sequence[str], word: str) -> list[str]:
    """Return options of a command, their values, or its arguments."""
    before, command_name = before[1:], before[0]
    options = {name: each for each in command.params for name in each.opts if name[:1] == "-"}
    last = before[-1] if before else ""
    flag, equals, value = word.partition("=")
    if equals and flag in options:
        return [
            f"{flag}={choice}" for choice in _of(app, command_name, options[flag], value, before)
        ]
    if last in options and not getattr(options[last], "is_flag", False):
        return _of(app, command_name, options[last], word, before)
    if word.startswith("-"):
        return beginning(word, [*options, "--quiet", "--debug", "--help"])
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    given = sum(not each.startswith("-") for each in before)
    place = min(given, len(arguments) - 1)
    return _of(app, command_name, arguments[place], word, before) if arguments else []


def _of(
    app: typer.Typer, command: str, parameter: Any, word: str, before: Sequence[str]
) -> list[str]:
    """Return what a parameter may be given; nothing where it is a file, which shells know."""
    choices = _choices(app, command, parameter.name)
    if choices:
        return beginning(word, choices)
    name = parameter.name
    known = KNOWN.get(f"{command}.{name}", KNOWN.get(name))
    return [] if known is None else known(word, before)


def _choices(app: typer.Typer, command: str, parameter: str) -> list[str]:
    """Return the words that a parameter of a command is limited to; none where it is free."""
    for each in app.registered_commands:
        if each.callback is not None and command == (each.name or each.callback.__name__):
            hint = get_type_hints(each.callback).get(parameter)
            for kind in (hint, *get_args(hint)):
                if isinstance(kind, type) and issubclass(kind, Enum):
                    return [str(member.value) for member in kind]
                if get_origin(kind) is Literal:
                    return [str(word) for word in get_args(kind)]
    return []
