"""What is said of words that a command cannot take, with a way that it can."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import typer

from dse.configs import config_directory
from dse.costs import COSTS
from dse.errors import closest, nearest

_CHOICE = re.compile(r"(?:Value error, )?'(.*?)' is not one of (.*?)\.?$", re.DOTALL)
_NO_NUMBER = re.compile(r"Input should be a valid (integer|number).*", re.DOTALL)


def told_of_usage(error: typer.TyperException) -> str:
    """Return what a command line lacks, or has too much, in one line."""
    message = error.format_message()
    context = getattr(error, "ctx", None)
    if message.startswith("Missing"):
        return f"{message.rstrip('.')}{_example(context)}"
    if isinstance(unknown := getattr(error, "option_name", None), str) and context is not None:
        options = [name for each in context.command.params for name in each.opts if name[0] == "-"]
        hint = nearest_option(unknown, options)
        shown = "" if hint.startswith("did you mean") else _example(context)
        return f"No such option: {unknown}; {hint}{shown}"
    if message.startswith("Got unexpected extra argument"):
        meant = _as_options(message, context)
        return f"{message}; {meant or f'what has spaces in it stands in quotes{_example(context)}'}"
    kind, colon, reason = message.partition(": ")
    if chosen := _CHOICE.fullmatch(reason):
        return f"{kind}: unknown {chosen[1]!r}; {nearest(chosen[1], _quoted(chosen[2]))}"
    return f"{kind}{colon}{_NO_NUMBER.sub(_as_number, reason)}"


def _as_options(message: str, context: Any) -> str:
    """Return a hint where words give options their values as Hydra's commands take them."""
    given = re.findall(r"([a-z_]+)(?:\.url)?=(\S+?)(?=[ )])", message)
    options = {name for each in context.command.params for name in each.opts} if context else set()
    meant = [f"--{key.replace('_', '-')} {value}" for key, value in given]
    known = bool(meant) and all(each.partition(" ")[0] in options for each in meant)
    return f"did you mean {' '.join(meant)}?" if known else ""


def nearest_option(unknown: str, options: Collection[str]) -> str:
    """Return a hint as `nearest` does; that all options begin with dashes makes none alike."""
    bare = {option.lstrip("-"): option for option in options}
    hint = nearest(unknown, options)
    close = closest(unknown.lstrip("-"), bare)
    listed = hint.partition("(valid: ")[2].rstrip(")") or hint.removeprefix("valid: ")
    return f"did you mean {bare[close]!r}? (valid: {listed})" if close else f"valid: {listed}"


def _quoted(listed: str) -> list[str]:
    return re.findall(r"'(.*?)'", listed)


def _as_number(found: re.Match[str]) -> str:
    return "it is no whole number" if found[1] == "integer" else "it is no number"


def _example(context: Any) -> str:
    """Return a command line that the help of a command shows, after `, as in: `."""
    if context is None:
        return ""
    path = context.command_path
    found = re.search(rf"{re.escape(path)} [^\n]+", context.command.help or "")
    if found is None:
        return f"; {path} --help"
    # One example stands within an `eval "$(…)"`.
    shown = found[0].strip().removesuffix(')"')
    return f", as in: {shown}"


def told_of_stray_word(word: str) -> str:
    """Return what to write for a word of a Hydra command that gives no key a value."""
    if (config_directory() / "family" / f"{word}.yaml").is_file():
        return f"{word!r} is no KEY=VALUE; did you mean family={word}?"
    if any(sign in word for sign in "<>"):
        return f"{word!r} is no KEY=VALUE; a condition on costs is --budget {word!r}"
    return f"{word!r} is no KEY=VALUE, as in: family=mobilenet_v2 budget.macs=200M"


def told_of_unknown_key(
    key: str, valid: Collection[str], axes: Collection[str] = (), value: str = "…"
) -> str:
    """Return which key was meant: one that there is, a bound on a cost, or values of an axis.

    Args:
        key: as it was typed.
        valid: the keys that there are beside it.
        axes: of the family.
        value: that it was to have.
    """
    if key in COSTS:
        return f"unknown key {key!r}; a bound on it is budget.{key}={value}"
    if key in axes:
        return f"unknown key {key!r}; values of this axis are grid.{key}=[{value}]"
    return f"unknown key {key!r}; {nearest(key.rpartition('.')[2], valid)}"


def axes_in(config: Mapping[str, Any] | None) -> list[str]:
    """Return the axes of the family that a composed config holds."""
    family = (config or {}).get("family")
    axes = family.get("axes") if isinstance(family, Mapping) else None
    return [str(axis) for axis in axes] if isinstance(axes, Mapping) else []
