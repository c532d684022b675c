"""The words of a Hydra command, in the order and the form that Hydra takes them in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from dse.cli.composition.usage_errors import nearest_option, told_of_stray_word
from dse.configs import is_dotted
from dse.costs import COSTS
from dse.errors import DseError

LISTS = ("grid", "budget", "steps")
"""Groups whose keys are the family's axes or the costs, which Hydra's schema does not know."""
OPEN = (*LISTS, "objective", "sampler", "pruner")
"""The same, and those with the options of some callable."""

WHERE = "budget.where"
"""The key of a budget that holds a condition as a text."""
EXCLUDE = "grid.exclude"
"""The key of a grid that holds such conditions: one as a text, or a list of them."""

_WORD = re.compile(r"[\w./-]+")
"""The name of a page; a condition has more in it."""

_LIKE_A_NUMBER = re.compile(
    r"[+-]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(e[+-]?\d[\d_]*)?|[+-]?inf|nan|true|false",
    re.IGNORECASE,
)
"""What Hydra would read as something else than the text that was typed."""

_FLAGS_WITH_VALUE = (
    *("--config-dir", "-cd", "--config-name", "-cn", "--config-path", "-cp", "--cfg", "-c"),
    *("--package", "-p"),
)
_FLAGS = (
    *("--help", "-h", "--hydra-help", "--version", "--resolve", "--run", "-r", "--multirun", "-m"),
    *("--shell-completion", "-sc", "--info", "-i", *_FLAGS_WITH_VALUE),
)


def ordered(
    arguments: Sequence[str], keys: Sequence[str], names: Collection[str] = ()
) -> list[str]:
    """Put flags in front of overrides, and let new keys into the open groups.

    Args:
        arguments: the words.
        keys: of the command, each of which may be written as a flag as well.
        names: keys whose values are names, which are taken as they were typed.

    Raises:
        DseError: for a flag that there is not, or one without its value.
    """
    flags: list[str] = []
    overrides: list[str] = []
    allowed: list[str] = []
    flag_of = {f"--{key.replace('_', '-')}": key for key in keys}
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            key, equals, _ = word.partition("=")
            if (not equals and not word.startswith("~")) or key[-1:] in ("<", ">", "!"):
                raise DseError(told_of_stray_word(word))
            overrides += _override(_with_name(word, names))
            continue
        flag, equals, value = word.partition("=")
        if flag in flag_of:
            if not equals and (value := next(words, "")) == "":
                raise DseError(f"{flag} needs a value")
            if flag == "--allow":
                allowed.append(value.strip("[]"))
            else:
                overrides += _option(flag_of[flag], value, names)
        elif flag not in _FLAGS and flag.lstrip("-").replace("-", "_") in COSTS:
            cost = flag.lstrip("-").replace("-", "_")
            bound = f"budget.{cost}={value or next(words, '…')}"
            raise DseError(f"unknown flag {flag!r}; a bound on it is {bound}")
        elif flag not in _FLAGS:
            key = flag.lstrip("-")
            if "." in key and f"--{key.partition('.')[0]}" in flag_of:
                meant = f"{key}={value or next(words, '…')}"
                raise DseError(f"unknown flag {flag!r}; did you mean {meant}?")
            raise DseError(f"unknown flag {word!r}; {nearest_option(word, [*_FLAGS, *flag_of])}")
        else:
            flags.append(word)
            if word in _FLAGS_WITH_VALUE:
                flags.extend(value for value in [next(words, None)] if value is not None)
    if sum(word.startswith(f"++{WHERE}=") for word in overrides) > 1:
        raise DseError("the budget has two conditions; join them by 'and' in one")
    if allowed:
        if any(word.startswith("allow=") for word in overrides):
            raise DseError("--allow and allow= are two ways to say the same; choose one")
        overrides.append(f"allow=[{','.join(allowed)}]")
    return [*flags, *overrides]


def _with_name(word: str, names: Collection[str]) -> str:
    """Return a word so that Hydra takes a name such as `1_1` for no number.

    With `-m`, several names stand between commas.
    """
    key, equals, value = word.partition("=")
    if not equals or key.lstrip("+") not in names:
        return word
    several = (
        quoted(each) if _LIKE_A_NUMBER.fullmatch(each.strip()) else each
        for each in value.split(",")
    )
    return f"{key}={','.join(several)}"


def _option(key: str, value: str, names: Collection[str]) -> Iterator[str]:
    """Yield what an option with a value stands for."""
    if key == "budget" and not _WORD.fullmatch(value):
        yield from _override(f"{WHERE}={value}")
    elif key == "store":
        yield f"store.url={quoted(value)}"
    else:
        yield _with_name(f"{key}={value}", names)


def _override(word: str) -> Iterator[str]:
    key, _, value = word.partition("=")
    if key.lstrip("+") == WHERE and value != "null":
        yield f"++{WHERE}={quoted(value)}"
    elif key.lstrip("+") == EXCLUDE and value != "null" and not value.startswith(("[", "{")):
        yield f"++{EXCLUDE}=null"
        yield f"++{EXCLUDE}=[{quoted(value)}]"
    elif key == "pruner" and is_dotted(value):
        # There are no pages of pruners, of which one could be chosen.
        yield f"++pruner._target_={value}"
    elif key.startswith(tuple(f"{group}." for group in OPEN)):
        if key.startswith(tuple(f"{group}." for group in LISTS)) and value.startswith(("[", "{")):
            # A list or a range takes the place of whatever stands there, and is not merged.
            yield f"++{key}=null"
        yield f"++{word}"
    else:
        yield word


def quoted(text: str) -> str:
    """Return a text so that Hydra takes it as it is, whatever stands in it."""
    if text[:1] in ("'", '"') and text[-1:] == text[:1] and len(text) > 1:
        text = text[1:-1]
    escaped = re.sub(r"(\\*)(?='|$)", r"\1\1", text).replace("'", "\\'")
    return f"'{escaped}'"
