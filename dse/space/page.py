"""Reads a family page (what stands in its YAML) into a `Family`, and checks every key of it.

A page has

- `axes`: names with defaults; `{default: 4, per: stage}` gives each stage a value of its own, with
  columns `depth_1`, `depth_2`, …; `per: layer` each layer of each stage (`kernel_2_1`, …); and
  `when: "block == 'bottleneck'"` names the condition on earlier axes under which the axis exists;
- `variants`: names with the axes that differ from the defaults, one value or a list a stage;
- `input`: the sizes of the input, without the batch;
- `where`: named expressions over the axes;
- `choices`: for an axis, blocks with settings by the word that chooses them;
- `blocks`: the lines. `block` is a block, or an axis whose value names one. `repeat` runs it
  several times, the stride at the first only. `for_each` runs it for each stage that a generator
  makes, whose values are `stage.channels` and the like. All else are settings of the block:
  numbers, words, or expressions over axes, definitions, and `layer`, counted from 1 in the line.

A line that uses an axis per stage or layer is a stage; they are counted from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dse.errors import DseError
from dse.space.axes import Axis
from dse.space.expressions import FUNCTIONS, Expression, parse_expression
from dse.space.family import Family
from dse.space.page_axes import check_defaults, number_of_stages, read_axes, read_variant
from dse.space.page_blocks import read_choices, read_lines
from dse.space.page_values import check_keys, mapping, sequence
from dse.space.resolution import whole_number
from dse.space.scope import Scope

PAGE_KEYS = ("axes", "variants", "input", "where", "choices", "blocks")


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
    check_keys(page, PAGE_KEYS, source)
    for key in ("axes", "input", "blocks"):
        if key not in page:
            raise DseError(f"{source}: the page has no {key!r}")
    words = mapping(page.get("choices") or {}, f"{source}: choices")
    axes = read_axes(mapping(page["axes"], f"{source}: axes"), words, source)
    definitions = _read_definitions(page.get("where") or {}, axes, source)
    names = [*axes, *definitions]
    choices = read_choices(words, axes, names, source)
    shape = sequence(page["input"], f"{source}: input")
    family = Family(
        name=name,
        source=source,
        axes=axes,
        input=tuple(
            parse_expression(size, f"{source}: input[{index}]", names)
            for index, size in enumerate(shape)
        ),
        definitions=definitions,
        lines=(),
        choices=choices,
    )
    lines = read_lines(sequence(page["blocks"], f"{source}: blocks"), family)
    stages = number_of_stages(lines)
    family = replace(family, lines=lines)
    _check_use(family)
    check_defaults(axes.values(), stages, source)
    variants = mapping(page.get("variants") or {}, f"{source}: variants")
    read = {str(key): read_variant(str(key), value, family) for key, value in variants.items()}
    family = replace(family, layers=(0,) * stages, variants=read)
    return replace(family, layers=_layers(family))


def _read_definitions(value: Any, axes: Mapping[str, Axis], source: str) -> dict[str, Expression]:
    definitions: dict[str, Expression] = {}
    for name, text in mapping(value, f"{source}: where").items():
        where = f"{source}: where.{name}"
        if name in axes or name in FUNCTIONS:
            raise DseError(f"{where}: the name is taken by an axis or a function")
        definitions[name] = parse_expression(text, where, [*axes, *definitions])
    return definitions


def _check_use(family: Family) -> None:
    """Raise a `DseError` for an axis that nothing uses, or one with several values for `input`."""
    for size in family.input:
        for name in size.names:
            if family.levels[name]:
                raise DseError(f"{size.where}: {name!r} has a value for each stage, not for all")
    used: set[str] = set()
    expressions = [*family.input, *family.definitions.values()]
    expressions += [axis.when for axis in family.axes.values() if axis.when is not None]
    for line in family.lines:
        used.add(line.block)
        expressions += [line.repeat, *line.settings.values()]
        expressions += [line.for_each] if line.for_each is not None else []
        for choice in family.choices.get(line.block, {}).values():
            expressions += choice.settings.values()
    used.update(*(expression.names for expression in expressions))
    for name in family.axes:
        if name not in used:
            raise DseError(f"{family.source}: axes.{name}: nothing on the page uses it")


def _layers(family: Family) -> tuple[int, ...]:
    """Return for each stage the most layers that defaults or a variant give it, or name."""
    layers = [1] * family.stages
    for page in (family, *map(family.variant, family.variants)):
        scope = Scope(page, page.defaults)
        for line in family.lines:
            if line.stage is not None:
                stage = line.stage - 1
                depth = whole_number(line.repeat, scope.of_stage(line.stage), 0)
                named = (
                    axis.default[stage]
                    for axis in page.axes.values()
                    if axis.per == "layer" and isinstance(axis.default, tuple)
                )
                lengths = [len(values) for values in named if isinstance(values, tuple)]
                layers[stage] = max(layers[stage], depth, *lengths)
    return tuple(layers)
