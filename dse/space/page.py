"""Reads a family page (what stands in its YAML) into a `Family`, and checks every key of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dse.errors import DseError, nearest
from dse.space.expressions import FUNCTIONS, Expression, Value, parse_expression
from dse.space.family import Axis, BlockLine, Family

PAGE_KEYS = ("axes", "variants", "input", "where", "blocks")
AXIS_KEYS = ("default", "per")


def read_family(name: str, page: Mapping[str, Any], source: str) -> Family:
    """Return the family that a page describes.

    Args:
        name: of the family, for columns and messages.
        page: the content of the page.
        source: path of the page, for messages.

    Raises:
        DseError: for anything that the page language does not have; it names the key and the
            nearest valid one.
    """
    _check_keys(page, PAGE_KEYS, source)
    for key in ("axes", "input", "blocks"):
        if key not in page:
            raise DseError(f"{source}: the page has no {key!r}")
    axes = _read_axes(_mapping(page["axes"], f"{source}: axes"), source)
    definitions = _read_definitions(page.get("where") or {}, axes, source)
    names = [*axes, *definitions]
    shape = _sequence(page["input"], f"{source}: input")
    family = Family(
        name=name,
        source=source,
        axes=axes,
        input=tuple(
            parse_expression(size, f"{source}: input[{index}]", names)
            for index, size in enumerate(shape)
        ),
        definitions=definitions,
        lines=_read_lines(
            _sequence(page["blocks"], f"{source}: blocks"), axes, definitions, source
        ),
    )
    _check_stage_defaults(axes.values(), family.stages, source)
    variants = _mapping(page.get("variants") or {}, f"{source}: variants")
    return Family(
        **{field: getattr(family, field) for field in _FIELDS},
        variants={key: _read_variant(key, value, family) for key, value in variants.items()},
    )


_FIELDS = ("name", "source", "axes", "input", "definitions", "lines")


def _check_keys(mapping: Mapping[str, Any], allowed: Iterable[str], where: str) -> None:
    for key in mapping:
        if key not in allowed:
            raise DseError(f"{where}: unknown key {key!r}; {nearest(str(key), allowed)}")


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise DseError(f"{where}: expected names with values, not {value!r}")
    return value


def _sequence(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise DseError(f"{where}: expected a list, not {value!r}")
    return value


def _read_axes(axes: Mapping[str, Any], source: str) -> dict[str, Axis]:
    return {str(name): _read_axis(str(name), value, source) for name, value in axes.items()}


def _read_axis(name: str, value: Any, source: str) -> Axis:
    where = f"{source}: axes.{name}"
    if not name.isidentifier() or name in FUNCTIONS:
        raise DseError(f"{where}: an axis needs a plain name of its own")
    if not isinstance(value, Mapping):
        return Axis(name, _value(value, where))
    _check_keys(value, AXIS_KEYS, where)
    if "default" not in value:
        raise DseError(f"{where}: the axis has no 'default'")
    per = value.get("per")
    if per not in (None, "stage"):
        raise DseError(f"{where}.per: unknown {per!r}; {nearest(str(per), ['stage'])}")
    default = value["default"]
    if isinstance(default, Sequence) and not isinstance(default, str):
        if per is None:
            raise DseError(f"{where}.default: only an axis 'per: stage' has several defaults")
        return Axis(name, tuple(_value(item, where) for item in default), per_stage=True)
    return Axis(name, _value(default, where), per_stage=per == "stage")


def _value(value: Any, where: str) -> Value:
    if isinstance(value, (bool, int, float, str)):
        return value
    raise DseError(f"{where}: expected a number or a word, not {value!r}")


def _check_stage_defaults(axes: Iterable[Axis], stages: int, source: str) -> None:
    for axis in axes:
        if axis.per_stage and not stages:
            raise DseError(f"{source}: axes.{axis.name}: no line of blocks uses it")
        if isinstance(axis.default, tuple) and len(axis.default) != stages:
            raise DseError(
                f"{source}: axes.{axis.name}: {len(axis.default)} defaults for {stages} stages"
            )


def _read_definitions(value: Any, axes: Mapping[str, Axis], source: str) -> dict[str, Expression]:
    definitions: dict[str, Expression] = {}
    for name, text in _mapping(value, f"{source}: where").items():
        where = f"{source}: where.{name}"
        if name in axes or name in FUNCTIONS:
            raise DseError(f"{where}: the name is taken by an axis or a function")
        definitions[name] = parse_expression(text, where, [*axes, *definitions])
    return definitions


def _read_lines(
    lines: Sequence[Any],
    axes: Mapping[str, Axis],
    definitions: Mapping[str, Expression],
    source: str,
) -> tuple[BlockLine, ...]:
    of_stage = {name for name, axis in axes.items() if axis.per_stage}
    for name, expression in definitions.items():
        if expression.names & of_stage:
            of_stage.add(name)
    found: list[BlockLine] = []
    stage = 0
    for index, content in enumerate(lines):
        where = f"{source}: blocks[{index}]"
        line = _read_line(_mapping(content, where), [*axes, *definitions], where)
        used = {line.block, *line.repeat.names}
        used.update(*(expression.names for expression in line.settings.values()))
        if used & of_stage:
            stage += 1
        found.append(
            BlockLine(where, line.block, line.repeat, line.settings, stage)
            if used & of_stage
            else line
        )
    return tuple(found)


def _read_line(content: Mapping[str, Any], names: Sequence[str], where: str) -> BlockLine:
    from dse.space.blocks import BLOCKS, find_block

    name = content.get("block")
    if not isinstance(name, str):
        raise DseError(f"{where}: the line names no 'block'; valid: {', '.join(sorted(BLOCKS))}")
    if name not in names:
        find_block(name, f"{where}.block").check_settings(
            {key: value for key, value in content.items() if key not in ("block", "repeat")}, where
        )
    settings = {
        key: _read_setting(name, str(key), value, names, f"{where}.{key}")
        for key, value in content.items()
        if key not in ("block", "repeat")
    }
    repeat = parse_expression(content.get("repeat", 1), f"{where}.repeat", names)
    return BlockLine(where, name, repeat, settings)


def _read_setting(block: str, key: str, value: Any, names: Sequence[str], where: str) -> Expression:
    """Parse a setting; a word for a setting that takes words stands for itself."""
    from dse.space.blocks import BLOCKS

    takes_text = block in BLOCKS and BLOCKS[block].is_text(key)
    if takes_text and isinstance(value, str) and value not in names:
        return Expression(value, where)
    return parse_expression(value, where, names)


def _read_variant(name: str, value: Any, family: Family) -> dict[str, Value | tuple[Value, ...]]:
    where = f"{family.source}: variants.{name}"
    settings: dict[str, Value | tuple[Value, ...]] = {}
    for axis, setting in _mapping(value, where).items():
        if axis not in family.axes:
            raise DseError(f"{where}: unknown axis {axis!r}; {nearest(axis, family.axes)}")
        if isinstance(setting, Sequence) and not isinstance(setting, str):
            if not family.axes[axis].per_stage or len(setting) != family.stages:
                raise DseError(f"{where}.{axis}: expected {family.stages} values, one a stage")
            settings[axis] = tuple(_value(item, where) for item in setting)
        else:
            settings[axis] = _value(setting, where)
    return settings
