"""Reads the lines of blocks of a family page, and the choices among named blocks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dse.errors import DseError, nearest
from dse.language import GENERATORS, Expression, Place, Where, parse_expression, shortened
from dse.space.blocks import (
    BLOCKS,
    CELL,
    CELL_SETTINGS,
    DTYPE_SETTING,
    KEEPS,
    MOST_TENSORS,
    ROUTE_SETTINGS,
    Block,
    find_block,
    route_text,
)
from dse.space.pages.family import Family
from dse.space.pages.family_definition import BlockLine, Choice, DeclaredCell, DeclaredEdge
from dse.space.pages.page_values import is_list, mapping
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
    for key in LINE_KEYS:
        if key != "block" and line.get(key) is not None:
            raise DseError(
                f"{where / key}: a choice is one block; the line that chooses says {key!r}"
            )
    found = find_block(block, where / "block", family.allow)
    return Choice(where, block, _read_settings(line, [found], family, ["layer"], where))


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
            per_layer = deepest[0] > 1 or "layer" in names_of_line(line, family)
            found.append(replace(line, stage=stage if deepest[0] else None, per_layer=per_layer))
    return tuple(found)


def names_of_line(line: BlockLine, family: Family) -> set[str]:
    """Return what a line refers to, with its block, its choices and the edges of its cell."""
    cell = family.cells.get(line.block)
    inner = () if cell is None else (names_of_edge(edge, family) for edge in cell.edges)
    return names_of_block(line, family).union(line.repeat.names, *inner)


def names_of_edge(edge: DeclaredEdge, family: Family) -> set[str]:
    """Return what an edge of a cell refers to, with the node that it is from."""
    source = edge.source.names if isinstance(edge.source, Expression) else ()
    return names_of_line(edge.line, family).union(source)


def names_of_block(line: BlockLine, family: Family) -> set[str]:
    """Return what the settings of a line refer to, with its block and its choices."""
    names = {line.block} if line.block in family.axes else set()
    choices = family.choices.get(line.block, {}).values()
    for settings in (line.settings, *(choice.settings for choice in choices)):
        names.update(*(expression.names for expression in settings.values()))
    return names


def _axis_names(line: BlockLine, family: Family) -> set[str]:
    """Return the axes and definitions that a line refers to, but for those of the layer alone."""
    return {
        name
        for name in names_of_line(line, family)
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
    repeat = parse_expression(content.get("repeat", 1), where / "repeat", [*names, *fields])
    for name in repeat.names:
        if family.levels.get(name, 1) > 1:
            raise DseError(f"{repeat.where}: {name!r} has a value for each layer, not for all")
    line = read_block(content, family, where, [*fields, "layer"], family.cells)
    cell = family.cells.get(block)
    if cell is None:
        _check_settings(line, {}, family)
    else:
        _check_cell(line, cell, family)
    refuse_edges(repeat.names | names_of_block(line, family), family, where)
    return replace(line, repeat=repeat, for_each=for_each)


def read_block(
    content: Mapping[str, Any],
    family: Family,
    where: Place,
    further: Iterable[str] = ("layer",),
    cells: Iterable[str] = (),
    named_at: Place | None = None,
) -> BlockLine:
    """Return a block with settings, once; those that it needs are not looked for.

    Args:
        content: of the page.
        family: whose axes and definitions the settings may refer to.
        where: it stands.
        further: names that the settings may refer to as well.
        cells: by name, which it may be too.
        named_at: where its name stands; None for under `block`.

    Raises:
        DseError: for an unknown block, or a setting that does not parse.
    """
    block = _block_name(content, where)
    if block in cells:
        blocks = [CELL]
    elif block in family.axes:
        choices = family.choices.get(block, {}).values()
        named = [find_block(each.block, each.where, family.allow) for each in choices]
        blocks = named or list(BLOCKS.values())
    else:
        blocks = [_find(block, named_at or where / "block", family)]
    settings = _read_settings(content, blocks, family, further, where)
    return BlockLine(where, block, Expression(1, where), settings)


def _find(name: str, where: Place, family: Family) -> Block:
    """Return a block by its name or path; nearest to an unknown name may be a choice or a cell."""
    if "." not in name and name not in BLOCKS:
        hint = nearest(name, [*BLOCKS, *family.choices, *family.cells])
        raise DseError(f"{where}: unknown block {name!r}; {hint}")
    return find_block(name, where, family.allow)


def _check_settings(line: BlockLine, given: Mapping[str, Expression], family: Family) -> None:
    """Raise a `DseError` for a setting that the block of a line, or a choice of it, does not take.

    Args:
        line: with a block or an axis.
        given: by a cell around it, where a block takes that.
        family: of the line.
    """
    choices = family.choices.get(line.block, {}).values()
    named = [(each.block, {**line.settings, **each.settings}, each.where) for each in choices]
    if line.block not in family.axes:
        named = [(line.block, {**line.settings}, line.where)]
    for name, settings, where in named:
        block = find_block(name, where, family.allow)
        taken = {key: value for key, value in given.items() if key in block.parameters}
        block.check_settings({**taken, **settings}, where)


def _check_cell(line: BlockLine, cell: DeclaredCell, family: Family) -> None:
    for key in line.settings:
        if key not in (*CELL_SETTINGS, *ROUTE_SETTINGS):
            hint = nearest(key, (*CELL_SETTINGS, *ROUTE_SETTINGS))
            raise DseError(f"{line.where / key}: a cell has no setting {key!r}; {hint}")
    shared = (DTYPE_SETTING, *ROUTE_SETTINGS)
    given = {key: each for key, each in line.settings.items() if key not in shared}
    for edge in cell.edges:
        for choice in family.choices.get(edge.line.block, {}).values():
            for name in shared:
                if name in choice.settings:
                    raise DseError(f"{choice.where / name}: an edge of a cell has no {name!r}")
        _check_settings(edge.line, given, family)


def refuse_edges(names: Iterable[str], family: Family, where: Where) -> None:
    """Raise a `DseError` for an axis of edges outside of a cell."""
    for name in sorted(names):
        if name in family.axes and family.axes[name].per == "edge":
            raise DseError(f"{where}: {name!r} has a value for each edge of a cell, and none here")


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
    blocks: Iterable[Block],
    family: Family,
    further: Iterable[str],
    where: Place,
) -> dict[str, Expression]:
    """Parse settings; a word for a setting that takes words stands for itself."""
    blocks = list(blocks)
    names = [*family.axes, *family.definitions, *further]
    takes_text = {setting for block in blocks for setting in block.text_settings}
    shared = {setting for block in blocks for setting in block.shared_settings}
    return {
        key: _read_route(value, where / key)
        if key in ROUTE_SETTINGS and key in shared
        else read_setting(value, key in takes_text, names, where / key)
        for key, value in _given(content).items()
    }


def _read_route(value: Any, where: Place) -> Expression:
    """Return the numbers of tensors that enter, which a block takes or keeps, as a text."""
    numbers = value if is_list(value) else [value]
    for number in numbers:
        if (
            isinstance(number, bool)
            or not isinstance(number, int)
            or not 0 <= number < MOST_TENSORS
        ):
            raise DseError(
                f"{where}: {shortened(number)} is no number of a tensor that enters, "
                f"0 to {MOST_TENSORS - 1}"
            )
    if len({*numbers}) < len(numbers) and where.path[-1] == KEEPS:
        raise DseError(f"{where}: a tensor is kept once")
    return Expression(route_text(tuple(numbers)), where)


def read_setting(value: Any, takes_text: bool, names: Sequence[str], where: Place) -> Expression:
    """Parse what a block or a callable is given; a word stands for itself where it takes words."""
    if takes_text and isinstance(value, str) and _is_word(value, names):
        return Expression(value, where)
    return parse_expression(value, where, names)


def _is_word(value: str, names: Sequence[str]) -> bool:
    # No setting of words takes the number of a layer, and one of them is `norm: layer`.
    return (value not in names or value == "layer") and value.replace("_", "").isalnum()
