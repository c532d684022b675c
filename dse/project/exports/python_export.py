"""A candidate's network as plain PyTorch source, which needs no dse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import nn

from dse.code import foreign_code
from dse.counting import real_tensor
from dse.errors import DseError
from dse.project.exports.constructor_calls import ConstructorCalls
from dse.project.exports.constructor_source import ConstructorSource
from dse.project.exports.source_layout import WIDTH, Argument, Written, laid_out, quoted
from dse.project.networks import CONSTANT
from dse.space import (
    Candidate,
    NamedInput,
    Shapes,
    block_call,
    block_of,
    blocks_with_inputs,
    build_block,
    build_seeded,
    callable_of,
    is_routed,
    network_inputs,
    shapes_of,
)

_SEED = 0


def python_source(candidate: Candidate, title: str) -> str:
    """Return a file of Python whose `build` returns a candidate's network, without dse.

    It was run, and its network has the weights, the modules and the outputs of the candidate's.

    Args:
        candidate: of any family.
        title: what the file says that it is.

    Raises:
        DseError: for a network that is not what the constructors of its parts make of it.
    """
    network = build_seeded(candidate, _SEED)
    try:
        with foreign_code(str):
            source = _NetworkFile(candidate, title, [] if candidate.is_callable else _tied(network))
            text = source.text({})
            changed = dict(_changed(network, _run(text)))
            text = source.text(changed) if changed else text
            _check(candidate, network, _run(text))
    except DseError as error:
        raise DseError(f"--to python cannot write it: {error}") from error
    return text


def _shown(shapes: Shapes) -> str:
    return ", ".join("×".join(map(str, shape)) for shape in shapes_of(shapes))


class _NetworkFile:
    """The source of a network."""

    def __init__(self, candidate: Candidate, title: str, tied: list[tuple[str, str]]) -> None:
        self._candidate, self._title, self._tied = candidate, title, tied
        self._source = ConstructorSource(ConstructorCalls())
        self._network = self._of_callable() if candidate.is_callable else self._of_blocks()
        self._constants = {}
        for name, written in _named(self._network):
            self._constants[name] = written
            self._network = _with_name(self._network, written, name)

    def _of_callable(self) -> Written:
        return self._source.call(*callable_of(self._candidate))

    def _of_blocks(self) -> Written:
        before: Shapes = ()
        blocks = []
        for resolved, shape in blocks_with_inputs(self._candidate):
            block, settings = block_of(resolved.block), dict(resolved.settings)
            if block.is_registered or is_routed(settings, shape):
                with self._source.calls, torch.random.fork_rng(devices=[]):
                    built = build_block(resolved, shape)
                written = self._source.write(built)
            else:
                written = self._source.call(*block_call(block, shape, settings))
            blocks.append((written, "" if shape == before else _shown(shape)))
            before = shape
        head = f"{self._source.names.name(nn.Sequential)}("
        return Written(head, self._source.in_a_row(blocks), ")")

    def text(self, changed: Mapping[str, float]) -> str:
        """Return the file, whose network has these parameters at one value to begin with."""
        names, candidate = self._source.names, self._candidate
        names.module("torch")
        names.name(nn.Sequential)
        further = [_filling(name, value) for name, value in changed.items()]
        further += [line for name, owner in self._tied for line in _tying(name, owner)]
        network = laid_out(self._network, 4, "network = " if further else "return ")
        if further:
            network += [f"    {line}" for line in [*further, "return network"]]
        given = {"SETTINGS": dict(candidate.settings), CONSTANT: written_input(candidate)}
        constants = {name: self._source.write(value) for name, value in given.items()}
        assigned = [
            laid_out(value, 0, f"{name} = ")
            for name, value in {**constants, **self._constants}.items()
        ]
        title = re.sub(r"[^\w .:,-]", "?", self._title)
        head = f'"""{title}\n\nNeeds {_listed(names.packages)}.\n"""'
        top = "\n".join(line for lines in assigned for line in lines)
        parts = [f"{head}\n\n{names.imports}\n\n{top}", *self._source.definitions]
        return "\n\n\n".join([*parts, "\n".join([*_BUILD, *network])]) + "\n"


_BUILD = (
    "def build(seed: int | None = None) -> nn.Module:",
    '    """Return the network, ready to train, with the weights of a seed of dse."""',
    "    if seed is not None:",
    "        torch.manual_seed(seed)",
)


def _listed(packages: list[str]) -> str:
    *others, last = packages
    return f"{', '.join(others)} and {last}" if others else last


def _filling(name: str, value: float) -> str:
    parameter = f"network.get_parameter({quoted(name)})"
    if value in _FILLS:
        return f"nn.init.{_FILLS[value]}({parameter})"
    return f"nn.init.constant_({parameter}, {value})"


def _tied(network: nn.Module) -> list[tuple[str, str]]:
    """Return the names of parameters that are others under further names, with these."""
    owners: dict[int, str] = {}
    named = network.named_parameters(remove_duplicate=False)
    return [
        (name, owner)
        for name, each in named
        if (owner := owners.setdefault(id(each), name)) != name
    ]


def _tying(name: str, owner: str) -> list[str]:
    """Return the lines of a function that let two parameters be one."""
    place, _, last = name.rpartition(".")
    head = f"network.get_submodule({quoted(place)}).{last} = network.get_parameter("
    whole = f"{head}{quoted(owner)})"
    if len(whole) + 4 <= WIDTH:
        return [whole]
    return [head, f"    {quoted(owner)}", ")"]


_FILLS = {0.0: "zeros_", 1.0: "ones_"}


def _named(network: Written) -> Iterator[tuple[str, Written]]:
    """Yield expressions of partial calls that are used more than once, with names for them."""
    taken: Counter[str] = Counter()
    for written, times in Counter(_partials(network)).items():
        if times > 1:
            name = re.sub(r"(?<=[a-z\d])(?=[A-Z][a-z])", "_", _layer(written)).upper()
            taken[name] += 1
            yield (f"{name}_{taken[name]}" if taken[name] > 1 else name), written


def _layer(partial: Written) -> str:
    return partial.arguments[0].value.head.rpartition(".")[2]


def _partials(written: Written) -> Iterator[Written]:
    # What the file defines comes after its constants.
    if written.head == "partial(" and _layer(written)[:1].isupper():
        yield written
    for each in written.arguments:
        for found in _partials(each.value):
            yield from [found] * min(each.repeat, 2)


def _with_name(written: Written, replaced: Written, name: str) -> Written:
    if written == replaced:
        return Written(name)

    def within(argument: Argument) -> Argument:
        return replace(argument, value=_with_name(argument.value, replaced, name))

    return replace(written, arguments=tuple(map(within, written.arguments)))


def written_input(candidate: Candidate) -> Any:
    """Return the input of a network as the file of a model says it."""
    if candidate.input_dtype is not None:
        assert candidate.given_input is not None
        return [_written(candidate.given_input)]
    if not candidate.named_inputs:
        return tuple(candidate.input_shape)
    return {each.name: _written(each) for each in candidate.named_inputs}


def _written(given: NamedInput) -> dict[str, Any]:
    return {
        "shape": list(given.shape),
        **({} if given.dtype is None else {"dtype": given.dtype}),
        **({} if given.values is None else {"values": given.values}),
        **({} if given.has_batch else {"batch": False}),
    }


def _run(text: str) -> nn.Module:
    """Return the network of a file, whose text has names of constructors and literals alone."""
    names: dict[str, Any] = {"__name__": "exported_network"}
    with torch.random.fork_rng(devices=[]):
        exec(compile(text, "the exported file", "exec", dont_inherit=True), names)
        network: nn.Module = names["build"](_SEED)
    return network


def _changed(network: nn.Module, written: nn.Module) -> Iterator[tuple[str, float]]:
    """Yield the parameters that are at one value, but not by their constructors."""
    others = dict(written.named_parameters())
    for name, parameter in network.named_parameters():
        other = others.get(name)
        if other is None or torch.equal(parameter, other):
            continue
        values = parameter.detach().unique()
        if values.numel() == 1:
            yield name, float(values)


def _parts(network: nn.Module) -> str:
    """Return all parts with their settings; the file has its classes under public names."""
    return re.sub(r"\b_(?=[A-Z])", "", str(network))


def _check(candidate: Candidate, network: nn.Module, written: nn.Module) -> None:
    """Compare two networks of one seed.

    Raises:
        DseError: where they differ.
    """
    if _parts(network) != _parts(written):
        raise DseError("its parts are not what their constructors make of their arguments")
    ours, theirs = network.state_dict(), written.state_dict()
    trained = {name: each.requires_grad for name, each in network.named_parameters()}
    if [*ours] != [*theirs] or any(
        trained.get(name) is not each.requires_grad for name, each in written.named_parameters()
    ):
        raise DseError("its weights are not those that its constructors make")
    for name, tensor in ours.items():
        if not torch.equal(tensor, theirs[name]):
            raise DseError(f"{name} is initialised otherwise than by its constructor")
    make, (inputs, named) = real_tensor(torch.device("cpu")), network_inputs(candidate, 2)
    positional = [make(each, torch.float32) for each in inputs]
    keywords = {name: make(each, torch.float32) for name, each in named.items()}
    with torch.no_grad():
        outputs = [each.eval()(*positional, **keywords) for each in (network, written)]
    try:
        torch.testing.assert_close(*outputs, equal_nan=True)
    except AssertionError as error:
        raise DseError("its output is not that of its constructors' network") from error
