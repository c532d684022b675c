"""The list of layers that torchinfo (1.8.0) shows: what is called, and what contains it."""

from __future__ import annotations

from dataclasses import dataclass, field

from torch import nn

from dse.counting.conventions.layer_calls import LayerCall, is_leaf, layer_calls
from dse.counting.torch_internals import held_modules
from dse.counting.trace_records import Trace


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a module hangs in the tree of modules; of several places the last counts."""

    depth: int
    parents: tuple[nn.Module, ...]
    """From the model down, without the module."""


@dataclass(slots=True)
class ShownLayer:
    """One line."""

    module: nn.Module
    depth: int
    call: LayerCall | None
    """None for a container that is never called, such as a `ModuleList`."""
    params: int
    trainable: int
    is_repeated: bool
    """Whether a line further up shows the same module."""
    descendants: list[ShownLayer] = field(default_factory=list)

    @property
    def is_leaf(self) -> bool:
        """Whether it has no modules in it."""
        return is_leaf(self.module)

    def leftover(self, attribute: str) -> int:
        """Return the parameters of which no line below it tells."""
        told = sum(
            getattr(layer, attribute) if layer.is_leaf else layer.leftover(attribute)
            for layer in self.descendants
            if not layer.is_repeated
        )
        return int(getattr(self, attribute)) - told


def _places(
    module: nn.Module, parents: tuple[nn.Module, ...], found: dict[int, _Place]
) -> dict[int, _Place]:
    found[id(module)] = _Place(len(parents), parents)
    for child in held_modules(module).values():
        if child is not None:
            _places(child, (*parents, module), found)
    return found


def shown_layers(trace: Trace) -> list[ShownLayer]:
    """Return torchinfo's lines in order."""
    places = _places(trace.model, (), {})
    called = layer_calls(trace)
    shown: list[ShownLayer] = []
    # Containers are put in after everything ran, so that what is called later is known to them.
    run: set[int] = set()
    held = {id(call.module) for call in called}
    open_containers: dict[int, nn.Module] = {}

    def show(module: nn.Module, depth: int, call: LayerCall | None) -> None:
        parameters = list(module.parameters())
        trainable = sum(p.numel() for p in parameters if p.requires_grad)
        total = sum(p.numel() for p in parameters)
        seen = held if call is None else run
        shown.append(ShownLayer(module, depth, call, total, trainable, id(module) in seen))
        seen.add(id(module))
        open_containers[depth] = module
        for deeper in [d for d in open_containers if d > depth]:
            del open_containers[deeper]

    for call in called:
        place = places[id(call.module)]
        for depth, container in enumerate(place.parents):
            if depth > 0 and open_containers.get(depth) is not container:
                show(container, depth, None)
        show(call.module, place.depth, call)
    for index, layer in enumerate(shown):
        for below in shown[index + 1 :]:
            if below.depth <= layer.depth:
                break
            layer.descendants.append(below)
    return shown
