"""From a family page, at given settings, to the blocks that it stands for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from dse.errors import DseError
from dse.language import Expression, Place, Value, Where
from dse.space.blocks import (
    CELL,
    DTYPE_SETTING,
    GRAPH,
    ROUTE_SETTINGS,
    Block,
    CellEdge,
    CellGraph,
    CellNode,
    find_block,
    read_block_dtype,
)
from dse.space.candidate import Candidate, NamedInput, ResolvedBlock
from dse.space.pages.family_definition import BlockLine, DeclaredEdge, FamilyDefinition, PageInput
from dse.space.pages.page_values import checked_values
from dse.space.pages.scope import Scope


def resolve_candidate(family: FamilyDefinition, settings: Mapping[str, Value]) -> Candidate:
    """Return the candidate at these settings; `Family.resolve` is the way to call it."""
    scope = Scope(family, settings)
    shape = input_shape(scope)
    named = tuple(_named_input(each, scope) for each in family.named_inputs)
    given = None if family.is_callable or not named else named[0]
    blocks = tuple(slot.block for slot, _ in _blocks(family, scope, shape))
    if not blocks:
        raise no_blocks(family)
    full = {**family.defaults, **settings}
    kept = {column: full[column] for column in family.defaults if column in scope.read}
    return Candidate(
        family.name,
        kept,
        shape,
        blocks,
        family.is_callable,
        named if family.is_callable else (),
        given,
    )


def no_blocks(family: FamilyDefinition) -> DseError:
    """Return the error of a network whose page gives it no block."""
    return DseError(f"{family.place / 'blocks'}: no line gives a block at these settings")


class BlockSlot(NamedTuple):
    """A block of a candidate at its place among the lines of the page."""

    block: ResolvedBlock
    line: int
    """Counted from 0."""
    stage: int
    """Of those that the line generates, counted from 1; 1 for any other line."""
    choice: str
    """The word that chose it; empty where the line names its block."""


def block_places(family: FamilyDefinition, settings: Mapping[str, Value]) -> list[Place]:
    """Return where on the page each block of a candidate stands.

    Raises:
        DseError: as `Family.resolve`.
    """
    scope = Scope(family, settings)
    shape = input_shape(scope)
    return [place for _, place in _blocks(family, scope, shape)]


def block_slots(family: FamilyDefinition, settings: Mapping[str, Value]) -> list[BlockSlot]:
    """Return the blocks of a candidate with the lines that they come from.

    Raises:
        DseError: as `Family.resolve`.
    """
    scope = Scope(family, settings)
    shape = input_shape(scope)
    return [slot for slot, _ in _blocks(family, scope, shape)]


def _blocks(
    family: FamilyDefinition, scope: Scope, shape: tuple[int, ...]
) -> Iterator[tuple[BlockSlot, Place]]:
    """Yield the blocks of a network, and where each stands; those that do nothing are left out."""
    channels: Value | None = shape[0] if shape else None
    for number, line in enumerate(family.lines):
        for given in line_blocks(family, line, scope):
            resolved = in_its_place(given, channels)
            if resolved is not None:
                yield BlockSlot(resolved, number, given.stage, given.choice), given.place
                channels = channels_after(given)


def in_its_place(given: GivenBlock, channels: Value | None) -> ResolvedBlock | None:
    """Return a block as it stands behind so many channels; None where it does nothing.

    Args:
        given: by a line of a page.
        channels: of what enters it; None if that is unknown.
    """
    settings = given.standing(channels)
    return None if settings is None else resolved_block(given, settings)


def channels_after(given: GivenBlock) -> Value | None:
    """Return how many channels leave a block; None without a setting that says so."""
    return given.settings.get("channels")


MOST_LAYERS = 1000
"""Of one line: a page may come from anybody, and must not stop the machine."""
LARGEST_INPUT = 2**34
"""Values of an input, without the batch."""


def whole_number(
    expression: Expression, scope: Scope, least: int, most: int = LARGEST_INPUT
) -> int:
    """Return the value of an expression that has to be a whole number, within bounds."""
    value = expression.evaluate(scope)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise DseError(f"{expression.where}: {value!r} is not a whole number")
    if not least <= value <= most:
        bound = f"below {least}" if value < least else f"above {most:,}"
        raise DseError(f"{expression.where}: {value!r} is {bound}")
    return int(value)


def input_shape(scope: Scope) -> tuple[int, ...]:
    """Return the shape of a network's input without the batch, such as (C, H, W)."""
    return _shape(scope.family.input, scope, scope.family.place / "input")


def _shape(expressions: Iterable[Expression], scope: Scope, where: Place) -> tuple[int, ...]:
    shape = tuple(whole_number(size, scope, 1) for size in expressions)
    if math.prod(shape) > LARGEST_INPUT:
        sizes = " × ".join(map(str, shape))
        raise DseError(f"{where}: {sizes} is above {LARGEST_INPUT:,} values")
    return shape


def _named_input(given: PageInput, scope: Scope) -> NamedInput:
    shape = _shape(given.shape, scope, given.where)
    try:
        values = checked_values(shape, given.dtype, given.values)
    except DseError as error:
        raise DseError(f"{given.where / 'values'}: {error}") from error
    below = None
    if given.below is not None:
        # What data are drawn below is read aside: it makes no other candidate.
        below = whole_number(given.below, scope.apart(), 1)
    return NamedInput(given.name, shape, given.dtype, values, given.has_batch, below)


def repeats(line: BlockLine, scope: Scope) -> int:
    """Return how many layers a line has in the scope of its stage."""
    return whole_number(line.repeat, scope, 0, MOST_LAYERS)


class GivenBlock(NamedTuple):
    """A block that a line of a page gives, with all its settings."""

    block: Block
    settings: dict[str, Value]
    place: Place
    is_lasting: bool
    """Whether its code, and that of blocks within it, stays what it is."""
    stage: int = 1
    """Of those that its line generates."""
    choice: str = ""
    """The word that chose it among blocks."""

    def standing(self, channels: Value | None) -> Mapping[str, Value] | None:
        """Return its settings behind so many channels, None where unknown; None if it does nothing.

        A block with a route does something: it hands on other tensors than enter.
        """
        is_routed = any(name in self.settings for name in ROUTE_SETTINGS)
        return self.block.in_its_place(None if is_routed else channels, self.settings)

    def after_first(self, layer: int) -> GivenBlock:
        """Return the block without stride but in the first layer of its stage."""
        if layer == 1 or "stride" not in self.settings:
            return self
        return self._replace(settings=self.settings | {"stride": 1})


def line_blocks(family: FamilyDefinition, line: BlockLine, scope: Scope) -> Iterator[GivenBlock]:
    """Yield the blocks of a line; only the first of a stage has the line's stride."""
    for number, stage in enumerate(line_stages(line, scope), start=1):
        for given in stage_blocks(family, line, stage):
            yield given._replace(stage=number)


def stage_blocks(family: FamilyDefinition, line: BlockLine, stage: Scope) -> Iterator[GivenBlock]:
    """Yield the blocks of a line in the scope of one of its stages."""
    repeat = repeats(line, stage)
    if line.per_layer:
        for layer in range(1, repeat + 1):
            yield stage_block(family, line, stage.of_layer(layer)).after_first(layer)
    elif repeat:
        block = stage_block(family, line, stage)
        for layer in range(1, repeat + 1):
            yield block.after_first(layer)


def line_repeat(line: BlockLine, scope: Scope) -> int:
    """Return how many layers a line has whose layers differ."""
    return repeats(line, scope.of_stage(line.stage))


def layer_blocks(
    family: FamilyDefinition, line: BlockLine, scope: Scope, layer: int
) -> Iterator[GivenBlock]:
    """Yield the block of one layer of a line whose layers differ, if it has so many."""
    if layer <= line_repeat(line, scope):
        stage = scope.of_stage(line.stage)
        yield stage_block(family, line, stage.of_layer(layer)).after_first(layer)


def line_stages(line: BlockLine, scope: Scope) -> Iterator[Scope]:
    """Yield the scope of each stage that a line runs over: one, unless they are generated."""
    if line.for_each is None:
        yield scope.of_stage(line.stage)
        return
    for stage in line.for_each.evaluate(scope):
        yield scope.of_stage(None, {f"stage.{name}": value for name, value in stage.items()})


def stage_block(
    family: FamilyDefinition,
    line: BlockLine,
    scope: Scope,
    around: Mapping[str, Expression] | None = None,
) -> GivenBlock:
    """Return the block of a line and its settings, in the scope of one layer or of all.

    Args:
        family: whose line it is.
        line: of the page, or of an edge of a cell.
        scope: of the values that it refers to.
        around: of an edge: what the cell around it is given, which its block may take.
    """
    if line.block in family.cells:
        return _cell(family, line, scope)
    name, expressions, where, word = line.block, line.settings, line.where, ""
    if name in family.axes:
        chosen = word = str(scope[name])
        if line.block in family.choices:
            choice = family.choices[line.block].get(chosen)
            if choice is None:
                known = ", ".join(family.choices[line.block])
                raise DseError(f"{where / 'block'}: {name} {chosen!r} is none of {known}")
            chosen, where = choice.block, choice.where
            expressions = {**expressions, **choice.settings}
        name = chosen
    block = find_block(name, where / "block", family.allow)
    if not family.is_callable:
        taken = {k: each for k, each in (around or {}).items() if k in block.parameters}
        block.check_settings({**taken, **expressions}, where)
    settings = _evaluated(expressions, scope)
    if DTYPE_SETTING in settings:
        settings = read_block_dtype(block, settings, expressions[DTYPE_SETTING].where)
    return GivenBlock(block, settings, where, block.is_lasting, choice=word)


def _cell(family: FamilyDefinition, line: BlockLine, scope: Scope) -> GivenBlock:
    """Return the cell of a line, whose edges have what is given to them apart."""
    settings = _evaluated(line.settings, scope)
    if DTYPE_SETTING in settings:
        settings = read_block_dtype(CELL, settings, line.settings[DTYPE_SETTING].where)
    cell = family.cells[line.block]
    is_lasting = True
    # Behind what enters stands each of it as the cell takes it, where that is another.
    shift = len(cell.fits)

    def resolved(edge: DeclaredEdge, source: int) -> CellEdge:
        nonlocal is_lasting
        given = stage_block(family, edge.line, scope.of_edge(edge.name), line.settings)
        # What the cell is given is another value than a default.
        own = {k: v for k, v in given.settings.items() if k in line.settings}
        changed = {**dict(given.block.changed(given.settings)), **own}
        is_lasting &= given.is_lasting
        return CellEdge(source, given.block.name, tuple(sorted(changed.items())))

    nodes = [CellNode((resolved(edge, place),)) for place, edge in enumerate(cell.fits)]
    for number, node in enumerate(cell.nodes, start=cell.inputs):
        sources = (_source(edge, number, scope) for edge in node.edges)
        edges = zip(node.edges, sources, strict=True)
        nodes.append(CellNode(tuple(resolved(e, s + shift) for e, s in edges), node.join))
    settings[GRAPH] = CellGraph(tuple(nodes), cell.inputs, bool(cell.fits)).text
    return GivenBlock(CELL, settings, line.where, is_lasting)


def _source(edge: DeclaredEdge, number: int, scope: Scope) -> int:
    """Return the node that an edge into a node is from, an earlier one."""
    if isinstance(edge.source, int):
        return edge.source
    return whole_number(edge.source, scope.of_edge(edge.name), 0, number - 1)


def _evaluated(expressions: Mapping[str, Expression], scope: Scope) -> dict[str, Value]:
    return {
        setting: _canonical(expression.evaluate(scope), expression.where)
        for setting, expression in expressions.items()
    }


def resolved_block(given: GivenBlock, settings: Mapping[str, Value] | None = None) -> ResolvedBlock:
    """Return a block with its settings, or others, but for those at its own defaults."""
    changed = given.block.changed(given.settings if settings is None else settings)
    return ResolvedBlock(given.block.name, changed, given.is_lasting)


def _canonical(value: Any, where: Where) -> Value:
    """Write whole numbers as integers, so that 6 and 6.0 are one setting."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if not isinstance(value, (bool, int, float, str)):
        raise DseError(f"{where}: {value!r} is neither a number nor a word")
    return value
