"""Reads a family page (what stands in its YAML) into a `Family`, and checks every key of it.

A page has

- `axes`: names with defaults; `{default: 4, per: stage}` gives each stage a value of its own, with
  columns `depth_1`, `depth_2`, …; `per: layer` each layer of each stage (`kernel_2_1`, …); and
  `when: "block == 'bottleneck'"` names the condition on earlier axes under which the axis exists;
- `variants`: names with the axes that differ from the defaults, one value or a list a stage;
- `input`: the sizes of the input, without the batch;
- `where`: named expressions over the axes;
- `choices`: for an axis, blocks with settings by the word that chooses them;
- `cells`: blocks that are small graphs of blocks (see `page_cells`); an axis `per: edge` has a
  value for each edge that uses it, with columns such as `op_2_1`: into node 2, from node 1;
- `share`: how candidates share the weights of a supernet, by kinds of parts (see `page_share`);
- `blocks`: the lines. `block` is a block, or an axis whose value names one. `repeat` runs it
  several times, the stride at the first only. `for_each` runs it for each stage that a generator
  makes, whose values are `stage.channels` and the like. All else are settings of the block:
  numbers, words, or expressions over axes, definitions, and `layer`, counted from 1 in the line.

A line that uses an axis per stage or layer is a stage; they are counted from 1.

A page of `kind: callable` has, in the place of `choices` and `blocks`,

- `target`: the dotted path of a callable that returns a model, such as `timm.create_model`. Axes
  are its arguments, but for those that only other expressions use (a resolution, say);
- `arguments`: further ones: numbers, words, or expressions over the axes.

Its `input` may be sizes too, or inputs by the names of the model's forward: sizes, or
`{shape: [sequence], dtype: int64, values: 1, batch: false}`, where all but the shape may be left
out. `batch: false` is for an input without a batch axis.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dse.configs import checked_name
from dse.errors import DseError, nearest
from dse.language import FUNCTIONS, Expression, Place, Source, in_order, parse_expression, shortened
from dse.space.blocks import import_own
from dse.space.pages.axes import Axis, Default
from dse.space.pages.family import Family
from dse.space.pages.family_definition import BlockLine
from dse.space.pages.page_axes import (
    check_columns,
    check_defaults,
    number_of_stages,
    read_axes,
    read_training_axes,
    read_variant,
)
from dse.space.pages.page_blocks import names_of_line, read_choices, read_lines, refuse_edges
from dse.space.pages.page_callable import read_target
from dse.space.pages.page_cells import read_cells, with_edges
from dse.space.pages.page_inputs import read_page_input
from dse.space.pages.page_share import read_share
from dse.space.pages.page_values import check_keys, mapping, sequence
from dse.space.pages.problems import Problems
from dse.space.pages.resolution import line_repeat
from dse.space.pages.scope import Scope

PAGE_KEYS = {
    "blocks": ("kind", "axes", "variants", "input", "where", "choices", "cells", "blocks", "share"),
    "callable": ("kind", "axes", "variants", "input", "where", "target", "arguments", "share"),
}
"""The keys of a page by its kind."""


def read_family(
    name: str, page: Mapping[str, Any], source: str, allow: Iterable[str] = ()
) -> Family:
    """Return the family that a page describes.

    Args:
        name: of the family, for columns and messages.
        page: the content of the page.
        source: path of the page, for messages.
        allow: modules of the user's own, whose blocks and models the page may name, and which may
            declare costs.

    Raises:
        PageError: for anything that the page language does not have; each error names file, line
            and key, and the nearest valid name.
    """
    allow = tuple(allow)
    import_own(allow)
    checked_name(name, f"{source}: the name of the family")
    place, problems = Place(Source(source, page)), Problems()
    kind = _kind(page, place)
    _check_page(page, kind, place, problems)
    words = mapping(page.get("choices") or {}, place / "choices")
    of_page = mapping(page["axes"], place / "axes")
    axes = read_axes(of_page, words, place, problems)
    training = read_training_axes(of_page, place, problems)
    problems.settle()
    definitions = _read_definitions(page.get("where") or {}, axes, place / "where", problems)
    problems.settle()
    share = read_share(page.get("share"), place / "share", problems)
    family = Family(
        name, place, axes, (), definitions, (), allow=allow, training=training, share=share
    )
    family = replace(family, choices=read_choices(words, family, problems))
    cells = mapping(page.get("cells") or {}, place / "cells")
    family = with_edges(replace(family, cells=read_cells(cells, family, problems)))
    given = read_page_input(page["input"], family, kind, problems)
    family = replace(family, input=given.sizes, named_inputs=given.named)
    problems.settle()
    _check_edges(family, problems)
    if kind == "callable":
        lines: tuple[BlockLine, ...] = (read_target(page, family, problems),)
    else:
        lines = read_lines(sequence(page["blocks"], place / "blocks"), family, problems)
    problems.settle()
    family = replace(family, lines=lines, is_callable=kind == "callable")
    _check_use(family, problems)
    stages = number_of_stages(lines)
    check_defaults(family.axes.values(), stages, place, problems)
    family = replace(family, layers=(0,) * stages)
    family = replace(family, variants=_read_variants(page.get("variants"), family, problems))
    problems.settle()
    family = replace(family, layers=_layers(family))
    check_columns(family, problems)
    problems.settle()
    return family


def _kind(page: Mapping[str, Any], place: Place) -> str:
    kind = page.get("kind", "blocks")
    if not isinstance(kind, str) or kind not in PAGE_KEYS:
        hint = nearest(str(kind), PAGE_KEYS)
        raise DseError(f"{place / 'kind'}: unknown {shortened(kind)}; {hint}")
    return kind


def _check_page(page: Mapping[str, Any], kind: str, place: Place, problems: Problems) -> None:
    """Raise a `PageError` for unknown keys of the page, and those that it lacks."""
    for key in page:
        with problems.collected():
            check_keys({key: None}, PAGE_KEYS[kind], place)
    for key in ("axes", "input", "target" if kind == "callable" else "blocks"):
        with problems.collected():
            if key not in page:
                raise DseError(f"{place}: the page has no {key!r}")
    problems.settle()


def _read_definitions(
    value: Any, axes: Mapping[str, Axis], where: Place, problems: Problems
) -> dict[str, Expression]:
    """Return the definitions, each behind those that it refers to."""
    texts = mapping(value, where)
    definitions: dict[str, Expression] = {}
    for name, text in texts.items():
        with problems.collected():
            if name in axes or name in FUNCTIONS:
                raise DseError(f"{where / name}: the name is taken by an axis or a function")
            definitions[name] = parse_expression(text, where / name, [*axes, *texts])
    problems.settle()
    return in_order(definitions, lambda expression: expression)


def _read_variants(value: Any, family: Family, problems: Problems) -> dict[str, dict[str, Default]]:
    variants: dict[str, dict[str, Default]] = {}
    for name, settings in mapping(value or {}, family.place / "variants").items():
        with problems.collected():
            variants[str(name)] = read_variant(str(name), settings, family)
    return variants


def _check_use(family: Family, problems: Problems) -> None:
    """Collect the axes and definitions that nothing uses."""
    used: set[str] = set()
    expressions = [*family.input_sizes]
    expressions += [axis.when for axis in family.axes.values() if axis.when is not None]
    for line in family.lines:
        used.add(line.block)
        expressions += [line.repeat, *line.settings.values()]
        expressions += [line.for_each] if line.for_each is not None else []
        used |= names_of_line(line, family)
    used.update(*(expression.names for expression in expressions))
    for name, definition in reversed(list(family.definitions.items())):
        used |= definition.names if name in used else set()
    used |= {line.block for line in family.lines}
    for key, named in (
        ("axes", family.axes),
        ("where", family.definitions),
        ("cells", family.cells),
    ):
        for name in named:
            with problems.collected():
                if name not in used:
                    raise DseError(f"{family.place / key / name}: nothing on the page uses it")


def _check_edges(family: Family, problems: Problems) -> None:
    """Collect uses of an axis of edges where there is no edge."""
    whens = [axis.when for axis in family.axes.values() if axis.when is not None]
    for expression in (*family.input_sizes, *family.definitions.values(), *whens):
        with problems.collected():
            refuse_edges(expression.names, family, expression.where)


def _layers(family: Family) -> tuple[int, ...]:
    """Return for each stage the most layers that defaults or a variant give it, or name."""
    layers = [1] * family.stages
    for page in (family, *map(family.variant, family.variants)):
        scope = Scope(page, page.defaults)
        for line in family.lines:
            if line.stage is not None:
                stage = line.stage - 1
                depth = line_repeat(line, scope)
                named = (
                    axis.default[stage]
                    for axis in page.axes.values()
                    if axis.per == "layer" and isinstance(axis.default, tuple)
                )
                lengths = [len(values) for values in named if isinstance(values, tuple)]
                layers[stage] = max(layers[stage], depth, *lengths)
    return tuple(layers)
