"""Which weights a supernet holds: for each place of a page, the least tensors that all lie in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from dse.counting import build_without_weights
from dse.space import (
    SHARE_WORDS,
    Candidate,
    Family,
    ResolvedBlock,
    Shapes,
    block_slots,
    build_network,
    shapes_along,
)
from dse.supernet.block_parts import (
    BlockPart,
    BlockReading,
    Extents,
    as_they_enter,
    read_block,
    read_callable,
)
from dse.supernet.layer_alignment import aligned
from dse.supernet.layouts import (
    RULES,
    Layout,
    is_view,
    own_sizes,
    shape_of,
    united,
)
from dse.supernet.weight_layouts import LayerWeights


class PlacedBlock(NamedTuple):
    """A block at its place in the supernet."""

    role: str
    """The place: its line and stage, how many blocks these have in front of it, and the block."""
    block: ResolvedBlock
    shapes: Shapes
    """Of what enters it."""
    entering: Extents
    """The channels of each tensor of that."""
    reading: BlockReading


class SharedTensor(NamedTuple):
    """A parameter of a candidate within the storage that holds it."""

    name: str
    """Of the parameter in the candidate's network."""
    storage: str
    stored: Layout
    wanted: Layout


@dataclass
class StoredLayer:
    """A layer of a place, as large as the largest block has it."""

    id: str
    path: str
    token: str
    layouts: dict[str, dict[str, Layout]] = field(default_factory=dict)
    """By the names of parameters, and by the sizes that are not shared."""


@dataclass(frozen=True)
class ShareRules:
    """How parts of networks are shared, as a page says it."""

    words: Mapping[str, str] = field(default_factory=dict)
    """By the kinds of `SHARE_WORDS`."""

    def word(self, kind: str) -> str:
        """Return what holds of a kind."""
        return self.words.get(kind, SHARE_WORDS[kind][0])

    @property
    def factors(self) -> dict[str, str]:
        """The rule of each kind of factor."""
        return {k: self.word(k) if k in SHARE_WORDS else rule for k, rule in RULES.items()}


class SupernetPlan:
    """The layers of each place, and where in them the weights of a candidate are.

    Args:
        rules: how parts are shared.
    """

    def __init__(self, rules: ShareRules) -> None:
        self.rules = rules
        self.factors = rules.factors
        self.roles: dict[str, list[StoredLayer]] = {}
        self.covering: dict[str, list[PlacedBlock]] = {}
        """For each place, blocks from whose weights all storages can be filled, largest first."""
        self._matches: dict[tuple[str, BlockPart], list[StoredLayer]] = {}

    @property
    def is_packed(self) -> bool:
        """Whether parts that are packed in one tensor are told apart."""
        return self.rules.word("packed") == "parts"

    def read(self, block: ResolvedBlock, shapes: Shapes, entering: Extents) -> BlockReading:
        """Return the weights of a block."""
        return read_block(block, shapes, entering, self.is_packed)

    def role_of(self, line: int, stage: int, number: int, choice: str, block: str) -> str:
        """Return the name of a place.

        Args:
            line: of the page.
            stage: of the line.
            number: of the block in these, from 1, those that do nothing left out.
            choice: the word that chose it.
            block: its name.
        """
        kind = choice if choice and self.rules.word("choice") == "own" else block
        return f"{line}.{stage}.{number}.{kind}"

    def placed(self, family: Family, candidate: Candidate) -> list[PlacedBlock]:
        """Return the blocks of a candidate at their places; that of a callable is one."""
        if candidate.is_callable:
            return [self._called(candidate)]
        slots = block_slots(family, candidate.settings)
        chain = shapes_along(candidate)
        numbers: dict[tuple[int, int], int] = defaultdict(int)
        leaving: Extents = ()
        found = []
        for slot, (block, shapes) in zip(slots, chain, strict=True):
            numbers[slot.line, slot.stage] += 1
            number = numbers[slot.line, slot.stage]
            role = self.role_of(slot.line, slot.stage, number, slot.choice, block.block)
            entering = as_they_enter(leaving, shapes)
            reading = self.read(block, shapes, entering)
            found.append(PlacedBlock(role, block, shapes, entering, reading))
            leaving = reading.leaving
        return found

    def _called(self, candidate: Candidate) -> PlacedBlock:
        """Return a whole network as a block; only such with the same words may share anything."""
        (block,) = candidate.blocks
        words = [str(value) for _, value in block.settings if isinstance(value, str)]
        shape = candidate.input_shape
        role = self.role_of(0, 1, 1, "", " ".join([block.block, *words]))
        module = build_without_weights(lambda: build_network(candidate))
        reading = read_callable(block, module, self.is_packed)
        return PlacedBlock(role, block, shape, (), reading)

    def cover(self, blocks: Iterable[PlacedBlock]) -> None:
        """Make room for blocks; of equal ones in any order the plan is the same."""
        by_role: dict[str, set[PlacedBlock]] = defaultdict(set)
        for each in blocks:
            by_role[each.role].add(each)
        for role in sorted(by_role, key=_in_order):
            for each in sorted(by_role[role], key=_largest_first):
                # Not `any`: each part has to be looked at.
                if sum([self._extend(role, part) for part in each.reading.parts]):
                    self.covering.setdefault(role, []).append(each)

    def _extend(self, role: str, part: BlockPart) -> bool:
        layers = self.roles.setdefault(f"{role} {part.name}".rstrip(), [])
        known = [(layer.path, layer.token) for layer in layers]
        places = aligned(known, [(each.path, each.token) for each in part.layers])
        stored = [None if index is None else layers[index] for index in places]
        is_more, behind = False, 0
        for index, each in enumerate(part.layers):
            layer = stored[index]
            if layer is None:
                layer, is_more = _new(layers, each, behind), True
            behind = layers.index(layer) + 1
            is_more |= self._widen(layer, each)
        return is_more

    def _widen(self, layer: StoredLayer, given: LayerWeights) -> bool:
        is_more = False
        for name, wanted in given.layouts:
            of_name = layer.layouts.setdefault(name, {})
            key = own_sizes(wanted, self.factors)
            union = wanted if key not in of_name else united(of_name[key], wanted)
            is_more |= of_name.get(key) != union
            of_name[key] = union
        return is_more

    def storages(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each tensor that the supernet holds, by name."""
        return {
            _storage(role, layer, name, key): shape_of(layout)
            for role, layers in self.roles.items()
            for layer in layers
            for name, layouts in layer.layouts.items()
            for key, layout in layouts.items()
        }

    def tensors(self, before: str, placed: PlacedBlock) -> Iterator[SharedTensor]:
        """Yield the parameters of a block with where they are.

        Args:
            before: what stands in front of their names.
            placed: the block.

        Raises:
            KeyError: where the plan has no room for it.
        """
        for part in placed.reading.parts:
            role = f"{placed.role} {part.name}".rstrip()
            for given, layer in zip(part.layers, self._match(role, part), strict=True):
                for name, wanted in given.layouts:
                    key = own_sizes(wanted, self.factors)
                    path = ".".join(filter(None, (before, part.prefix, given.path, name)))
                    stored = layer.layouts[name][key]
                    if united(stored, wanted) != stored:
                        raise KeyError(role)
                    yield SharedTensor(path, _storage(role, layer, name, key), stored, wanted)

    def _match(self, role: str, part: BlockPart) -> list[StoredLayer]:
        layers = self.roles[role]
        places = aligned(
            [(layer.path, layer.token) for layer in layers],
            [(each.path, each.token) for each in part.layers],
        )
        if None in places:
            raise KeyError(role)
        return [layers[index] for index in places if index is not None]

    def storage_of(
        self, role: str, path: str, token: str, name: str, wanted: Layout
    ) -> tuple[str, Layout] | None:
        """Return the storage of a parameter of any size and its layout; None where there is none.

        Args:
            role: the place.
            path: of the layer.
            token: what the layer is.
            name: of the parameter.
            wanted: its layout.
        """
        for layer in self.roles.get(role, ()):
            if (layer.path, layer.token) == (path, token):
                key = own_sizes(wanted, self.factors)
                if key in layer.layouts.get(name, {}):
                    return _storage(role, layer, name, key), layer.layouts[name][key]
        return None

    def unshared(self) -> dict[str, list[str]]:
        """Return parameters with a tensor for each of several sizes, by name, with those sizes."""
        return {
            _storage(role, layer, name, ""): sorted(layouts)
            for role, layers in self.roles.items()
            for layer in layers
            for name, layouts in layer.layouts.items()
            if len(layouts) > 1
        }

    def joins(self, tensor: SharedTensor) -> bool:
        """Return whether a parameter is joined of several views."""
        return not is_view(tensor.stored, tensor.wanted, self.factors)


def _storage(role: str, layer: StoredLayer, name: str, key: str) -> str:
    text = ".".join(filter(None, (layer.id, name)))
    return f"{role}/{text}@{key}" if key else f"{role}/{text}"


def _new(layers: list[StoredLayer], given: LayerWeights, place: int) -> StoredLayer:
    taken = {layer.id for layer in layers}
    name, number = given.path, 1
    while name in taken:
        number += 1
        name = f"{given.path}~{number}"
    layer = StoredLayer(name, given.path, given.token)
    layers.insert(place, layer)
    return layer


def _in_order(role: str) -> tuple[int, int, int, str]:
    line, stage, number, kind = role.split(".", 3)
    return int(line), int(stage), int(number), kind


def _largest_first(placed: PlacedBlock) -> tuple[int, str]:
    sizes = [
        _elements(layout)
        for part in placed.reading.parts
        for layer in part.layers
        for _, layout in layer.layouts
    ]
    return -sum(sizes), repr(placed[1:4])


def _elements(layout: Layout) -> int:
    total = 1
    for size in shape_of(layout):
        total *= size
    return total
