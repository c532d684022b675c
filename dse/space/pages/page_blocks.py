"""Reads the lines of blocks of a family page, and the choices among named blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dse.errors import DseError, nearest
from dse.language import GENERATORS, Expression, Place, parse_expression
from dse.space.blocks import BLOCKS, find_block
from dse.space.pages.family import Family
from dse.space.pages.family_definition import BlockLine, Choice
from dse.space.pages.page_values import mapping
from dse.space.pages.problems import Problems

MOST_LINES = 200
LINE_KEYS = ("block", "repeat", "for_each")


def read_choices(
    content: Mapping[str, Any], family: Family, problems: Problems
) -> dict[str, dict[str, Choice]]:
    """Return for each axis that chooses among named blocks those blocks.

    A name that is no axis, and a choice without a known block, are collected as problems.
    """
    choices: dict[str, dict[str, Choice]] = {}
    for axis, words in content.items():
        where = family.place / "choices" / axis
        with problems.collected():
            if axis not in family.axes:
                raise DseError(f"{where}: no axis of that name; {nearest(axis, family.axes)}")
            choices[axis] = {}
            for word, line in mapping(words, where).items():
                with problems.collected():
                    choices[axis][str(word)] = _read_choice(line, family, where / word)
    return choices


def _read_choice(content: Any, family: Family, where: Place) -> Choice:
    line = mapping(content, where)
    block = _block_name(line, where)
    find_block(block, where / "block", family.allow)
    return Choice(where, block, _read_settings(line, [block], family, ["layer"], where))


def read_lines(lines: Sequence[Any], family: Family, problems: Problems) -> tuple[BlockLine, ...]:
    """Return the lines of a page, the ones with axes of their own numbered as stages.

    An unknown block, setting or name, and an axis that has no value there, are collected.

    Raises:
        DseError: for more lines than a page may have.
    """
    if len(lines) > MOST_LINES:
        raise DseError(f"{family.place / 'blocks'}: a page has at most {MOST_LINES} lines")
    found: list[BlockLine] = []
    stage = 0
    for index, content in enumerate(lines):
        with problems.collected():
            where = family.place / "blocks" / index
            line = _read_line(mapping(content, where), family, where)
            levels = [(family.levels[name], name) for name in _axis_names(line, family)]
            deepest = max(levels, default=(0, ""))
            if deepest[0] and line.for_each is not None:
                raise DseError(f"{where}: {deepest[1]!r} has no value for a generated stage")
            stage += bool(deepest[0])
            per_layer = deepest[0] > 1 or "layer" in _names(line, family)
            found.append(replace(line, stage=stage if deepest[0] else None, per_layer=per_layer))
    return tuple(found)


def _names(line: BlockLine, family: Family) -> set[str]:
    """Return what the settings of a line refer to, its block and its choices included."""
    names = {line.block} if line.block in family.axes else set()
    choices = family.choices.get(line.block, {}).values()
    for settings in (line.settings, *(choice.settings for choice in choices)):
        names.update(*(expression.names for expression in settings.values()))
    return names | line.repeat.names


def _axis_names(line: BlockLine, family: Family) -> set[str]:
    """Return the axes and definitions that a line refers to, but for those of the layer alone."""
    return {
        name
        for name in _names(line, family)
        if name in family.axes or (name in family.definitions and _has_axis(name, family))
    }


def _has_axis(definition: str, family: Family) -> bool:
    names = family.definitions[definition].names
    return any(
        (name in family.axes and family.levels[name] > 0)
        or (name in family.definitions and _has_axis(name, family))
        for name in names
    )


def _read_line(content: Mapping[str, Any], family: Family, where: Place) -> BlockLine:
    names = [*family.axes, *family.definitions]
    block = _block_name(content, where)
    for_each, fields = _read_for_each(content.get("for_each"), names, where / "for_each")
    for name in for_each.names if for_each is not None else ():
        if family.levels[name]:
            place = where / "for_each"
            raise DseError(f"{place}: {name!r} has a value for each stage, not for all")
    if block in family.axes:
        choices = family.choices.get(block, {})
        blocks = [choice.block for choice in choices.values()] or list(BLOCKS)
    else:
        found = find_block(block, where / "block", family.allow)
        found.check_settings(_given(content), where)
        blocks = [block]
    repeat = parse_expression(content.get("repeat", 1), where / "repeat", [*names, *fields])
    for name in repeat.names:
        if family.levels.get(name, 1) > 1:
            raise DseError(f"{repeat.where}: {name!r} has a value for each layer, not for all")
    settings = _read_settings(content, blocks, family, [*fields, "layer"], where)
    line = BlockLine(where, block, repeat, settings, for_each)
    for choice in family.choices.get(block, {}).values():
        find_block(choice.block, choice.where, family.allow).check_settings(
            {**settings, **choice.settings}, choice.where
        )
    return line


def _read_for_each(
    value: Any, names: Iterable[str], where: Place
) -> tuple[Expression | None, list[str]]:
    """Return the call that generates stages, and the names that each of them brings."""
    if value is None:
        return None, []
    call = parse_expression(value, where, names, GENERATORS)
    generator = str(value).partition("(")[0].strip()
    if generator not in GENERATORS:
        raise DseError(f"{where}: {value!r} calls no generator; {nearest(generator, GENERATORS)}")
    return call, [f"stage.{field}" for field in GENERATORS[generator].fields]


def _block_name(content: Mapping[str, Any], where: Place) -> str:
    name = content.get("block")
    if not isinstance(name, str):
        raise DseError(f"{where}: the line names no 'block'; valid: {', '.join(sorted(BLOCKS))}")
    return name


def _given(content: Mapping[str, Any]) -> dict[str, Any]:
    return {str(key): value for key, value in content.items() if key not in LINE_KEYS}


def _read_settings(
    content: Mapping[str, Any],
    blocks: Iterable[str],
    family: Family,
    further: Iterable[str],
    where: Place,
) -> dict[str, Expression]:
    """Parse settings; a word for a setting that takes words stands for itself."""
    names = [*family.axes, *family.definitions, *further]
    found = (find_block(name, where, family.allow) for name in blocks)
    takes_text = {setting for block in found for setting in block.text_settings}
    return {
        key: read_setting(value, key in takes_text, names, where / key)
        for key, value in _given(content).items()
    }


def read_setting(value: Any, takes_text: bool, names: Sequence[str], where: Place) -> Expression:
    """Parse what a block or a callable is given; a word stands for itself where it takes words."""
    if takes_text and isinstance(value, str) and _is_word(value, names):
        return Expression(value, where)
    return parse_expression(value, where, names)


def _is_word(value: str, names: Sequence[str]) -> bool:
    return value not in names and value.replace("_", "").isalnum()
