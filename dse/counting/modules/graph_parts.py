"""A graph of operators as nested modules: those that it was exported from, by name and type."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby
from typing import Any

from torch import Tensor, nn

from dse.counting.modules.module_walks import CONTAINERS
from dse.counting.torch_internals import held_buffers, held_modules, held_parameters
from dse.errors import DseError

Call = tuple[str, str, str]
"""Of a module: what tells the call from others, the module's name, and that of its type."""


@dataclass(frozen=True)
class GraphNode:
    """One operator of a graph."""

    run: Callable[[Mapping[str, Any]], Sequence[Any]]
    """(values by name) -> what it makes, in the order of `makes`."""
    takes: tuple[str, ...]
    makes: tuple[str, ...]
    within: tuple[Call, ...]
    """The calls of modules that it runs in, the outermost first."""


class GraphPart(nn.Module):
    """What a module of an exported network ran, on values by name."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[PartRun] = []

    def forward(self, call: int, *values: Any) -> Any:
        """Return what is used elsewhere of what one of its calls makes; one value as it is."""
        run = self.runs[call]
        held = dict(zip(run.takes, values, strict=True))
        for step in run.steps:
            if step.part is None:
                made = step.run(held)
            else:
                part = _place(self, step.part)
                output = part(step.call, *(held[name] for name in step.takes))
                made = (output,) if len(step.makes) == 1 else output
                del output
            held.update(zip(step.makes, made, strict=True))
            del made
            for name in step.last:
                held.pop(name, None)
        found = tuple(held[name] for name in run.makes)
        return found[0] if len(found) == 1 else found


@dataclass(frozen=True)
class PartRun:
    """One call of a part: what it takes and makes, by name, and its steps."""

    takes: tuple[str, ...]
    makes: tuple[str, ...]
    steps: tuple[_Step, ...]


@dataclass(frozen=True)
class _Step:
    """An operator, or a call of a part."""

    run: Callable[[Mapping[str, Any]], Sequence[Any]]
    part: str | None
    """The name of a part within the one that calls it; None for an operator."""
    call: int
    """Which of the calls of that part it is."""
    takes: tuple[str, ...]
    makes: tuple[str, ...]
    last: tuple[str, ...]
    """The values that nothing behind it takes."""


class FileGraph(GraphPart):
    """A network of a file: its weights by their names, and its parts."""

    def __init__(
        self,
        nodes: Sequence[GraphNode],
        weights: Mapping[str, tuple[str, Tensor]],
        inputs: Sequence[str],
        outputs: Sequence[str],
    ) -> None:
        """Arrange operators into the modules that they were exported from.

        Args:
            nodes: in an order in which they can run.
            weights: parameters and buffers: by the name of the value, their own and the tensor.
            inputs: names of values that it is given.
            outputs: names of values that it returns.

        Raises:
            DseError: where an operator takes a value that nothing makes.
        """
        super().__init__()
        self._inputs = tuple(inputs)
        self._weights = {value: name for value, (name, _) in weights.items()}
        known = {*inputs, *weights}
        for node in nodes:
            _check_known(node.takes, known)
            known |= {*node.makes}
        _check_known(outputs, known)
        _arrange(self, nodes, "", 0, (*weights, *inputs), tuple(outputs))
        for name, tensor in weights.values():
            place, _, own = name.rpartition(".")
            module = _place(self, place)
            own = own if own not in held_modules(module) else f"{own}_"
            if isinstance(tensor, nn.Parameter):
                held_parameters(module)[own] = tensor
            else:
                held_buffers(module)[own] = tensor
            # A name that stands for a part too is another one here.
            self._weights = {
                value: f"{place}.{own}".removeprefix(".") if known_as == name else known_as
                for value, known_as in self._weights.items()
            }

    def forward(self, *values: Any, **named: Any) -> Any:
        """Return the outputs, for inputs by position or by the names that the file has for them."""
        flat = [*_tensors(values)]
        given = dict(zip(self._inputs, flat, strict=False))
        given |= {name: value for name, value in named.items() if name in self._inputs}
        missing = [name for name in self._inputs if name not in given]
        if missing or len(flat) > len(self._inputs) or {*named} - {*self._inputs}:
            raise DseError(f"it takes {', '.join(self._inputs)}")
        self.prepare([given[name] for name in self._inputs])
        weights: dict[str, Tensor] = {**dict(self.named_parameters(remove_duplicate=False))}
        weights |= dict(self.named_buffers(remove_duplicate=False))
        of_file = [weights[name] for name in self._weights.values()]
        return super().forward(0, *of_file, *(given[name] for name in self._inputs))

    def prepare(self, given: Sequence[Any]) -> None:
        """Get ready to run on inputs, which are in the order of the file."""


def _tensors(values: Any) -> Iterator[Any]:
    for value in values.values() if isinstance(values, Mapping) else values:
        if isinstance(value, (list, tuple, Mapping)):
            yield from _tensors(value)
        else:
            yield value


def _check_known(names: Sequence[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise DseError(f"nothing makes {name!r:.60}")


def _arrange(
    part: GraphPart,
    nodes: Sequence[GraphNode],
    name: str,
    depth: int,
    takes: tuple[str, ...],
    makes: tuple[str, ...],
) -> int:
    """Give a part one more call, from the operators that ran in it; return its number."""
    groups = [
        (call, [*group]) for call, group in groupby(nodes, lambda each: (*each.within, None)[depth])
    ]
    used = _used_behind(groups, makes)
    found: list[_Step] = []
    for (call, group), later in zip(groups, used, strict=True):
        if call is None:
            found += [_Step(each.run, None, 0, each.takes, each.makes, ()) for each in group]
            continue
        _, full, kind = call
        within = full.removeprefix(f"{name}.") if name else full
        made = {each for node in group for each in node.makes}
        taken = dict.fromkeys(e for node in group for e in node.takes if e not in made)
        given = tuple(dict.fromkeys(e for node in group for e in node.makes if e in later))
        inner = _part(part, within, kind)
        number = _arrange(inner, group, full, depth + 1, tuple(taken), given)
        found.append(_Step(_nothing, within, number, tuple(taken), given, ()))
    kept, steps = {*makes}, []
    for step in reversed(found):
        last = dict.fromkeys(each for each in (*step.takes, *step.makes) if each not in kept)
        kept |= {*last}
        steps.append(replace(step, last=tuple(last)))
    part.runs.append(PartRun(takes, makes, tuple(reversed(steps))))
    return len(part.runs) - 1


def _used_behind(
    groups: Sequence[tuple[Call | None, Sequence[GraphNode]]], makes: Sequence[str]
) -> list[set[str]]:
    """Return for each group the values that groups behind it take, or that leave at the end."""
    later, found = {*makes}, []
    for _, group in reversed(groups):
        found.append({*later})
        later.update(name for node in group for name in node.takes)
    return found[::-1]


def _part(module: nn.Module, path: str, kind: str) -> GraphPart:
    """Return the part at a path within a module, which is made where there is none yet."""
    place, _, name = path.rpartition(".")
    holder = _place(module, place)
    if name not in held_modules(holder):
        held_modules(holder)[name] = _kind(kind)()
    part = held_modules(holder)[name]
    if not isinstance(part, GraphPart):
        raise DseError(f"{path} is called, but first named as what holds others")
    return part


def _nothing(values: Mapping[str, Any]) -> Sequence[Any]:
    return ()


def _place(module: nn.Module, path: str) -> nn.Module:
    """Return the module at a path within another one, with containers where there is none yet."""
    for name in filter(None, path.split(".")):
        if name not in held_modules(module):
            held_modules(module)[name] = nn.ModuleDict()
        inner = held_modules(module)[name]
        assert inner is not None
        module = inner
    return module


@cache
def _kind(path: str) -> type[GraphPart]:
    """Return a class for parts that were of a type, under its name; a container stays one."""
    module, _, name = path.rpartition(".")
    if module.startswith("torchvision."):
        import torchvision  # noqa: F401
    # Of what is imported anyway: a file does not choose what is.
    known = getattr(sys.modules.get(module), name, None) if module[:5] == "torch" else None
    bases: tuple[type, ...] = (GraphPart,)
    if isinstance(known, type) and issubclass(known, CONTAINERS):
        bases = (GraphPart, next(each for each in CONTAINERS if issubclass(known, each)))
    return type(name if name.isidentifier() else "Module", bases, {"__init__": _bare})


def _bare(part: GraphPart) -> None:
    nn.Module.__init__(part)
    part.runs = []
