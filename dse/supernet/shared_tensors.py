"""The weights of a supernet, and the networks of candidates that run on views of them."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from dse.counting import share_weights
from dse.errors import DseError
from dse.space import Candidate, Family, build_block, build_network, shapes_of
from dse.supernet.layouts import put, taken
from dse.supernet.supernet_plan import PlacedBlock, SharedTensor, SupernetPlan

_KEPT = 64
"""Modules of candidates that are kept to be run again."""


class SharedWeights:
    """The tensors that all candidates of a space take their weights from.

    Args:
        family: of the space.
        plan: which tensors there are.
        start: their values, or the seed of such as the blocks themselves begin with.
    """

    def __init__(
        self, family: Family, plan: SupernetPlan, start: int | Mapping[str, Tensor] = 0
    ) -> None:
        self.family, self.plan = family, plan
        self._networks: OrderedDict[int, SharedNetwork] = OrderedDict()
        if not isinstance(start, int):
            self.tensors = {name: nn.Parameter(tensor) for name, tensor in start.items()}
            return
        shapes = plan.storages()
        self.tensors = {name: nn.Parameter(torch.zeros(shape)) for name, shape in shapes.items()}
        self._start(start)

    def _start(self, seed: int) -> None:
        """Fill the tensors as the blocks fill their own, the largest last."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            for blocks in self.plan.covering.values():
                for placed in reversed(blocks):
                    own = dict(self._module([placed])[0].named_parameters(remove_duplicate=False))
                    for each in self.plan.tensors("", placed):
                        tensor = self.tensors[each.storage].detach()
                        value = own[each.name]
                        put(tensor, each.stored, each.wanted, self.plan.factors, value)

    def _module(self, blocks: Sequence[PlacedBlock]) -> list[nn.Module]:
        """Return the modules of some blocks; a whole network is one of them."""
        if not self.family.is_callable:
            return [build_block(each.block, each.shapes) for each in blocks]
        name = self.family.name
        calls = [
            Candidate(name, {}, shape, (each.block,), True)
            for each in blocks
            for shape in shapes_of(each.shapes)
        ]
        return [build_network(call) for call in calls]

    def network(self, candidate: Candidate) -> SharedNetwork:
        """Return the network of a candidate, which runs on views of the shared tensors.

        Raises:
            DseError: for a candidate that the supernet has no room for, as one of another grid.
        """
        if candidate.key in self._networks:
            self._networks.move_to_end(candidate.key)
            return self._networks[candidate.key]
        try:
            placed = self.plan.placed(self.family, candidate)
            tensors = [t for each in enumerate(placed) for t in self._tensors(*each)]
        except KeyError as error:
            raise DseError(
                f"the supernet holds no weights of this candidate ({error.args[0]}): its grid had "
                "other values, or its candidates were drawn with another budget or seed"
            ) from error
        with _WithoutFilling():
            modules = self._module(placed)
            module = modules[0] if candidate.is_callable else nn.Sequential(*modules)
        share_weights(module)
        module.to(next(iter(self.tensors.values())).device)
        own = {name for name, _ in module.named_parameters()}
        network = SharedNetwork(self, module, tuple(each for each in tensors if each.name in own))
        self._networks[candidate.key] = network
        if len(self._networks) > _KEPT:
            self._networks.popitem(last=False)
        return network

    def _tensors(self, number: int, placed: PlacedBlock) -> Iterator[SharedTensor]:
        return self.plan.tensors("" if self.family.is_callable else str(number), placed)

    def to(self, device: str) -> None:
        """Move the tensors to a device, unless they are there."""
        if all(tensor.device == torch.device(device) for tensor in self.tensors.values()):
            return
        for parameter in self.tensors.values():
            parameter.data = parameter.data.to(device)
        self._networks.clear()


@dataclass(frozen=True, eq=False)
class SharedNetwork:
    """A candidate's module with where its parameters are."""

    shared: SharedWeights
    module: nn.Module
    """Its own parameters hold nothing, but for such as are not trained; its buffers are its own."""
    tensors: tuple[SharedTensor, ...]

    def weights(self) -> dict[str, Tensor]:
        """Return the parameters: views of the shared tensors, or several of them joined."""
        factors, held = self.shared.plan.factors, self.shared.tensors
        return {
            each.name: taken(held[each.storage], each.stored, each.wanted, factors)
            for each in self.tensors
        }

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Run the candidate."""
        return functional_call(self.module, self.weights(), arguments, keywords)

    def joined(self) -> list[str]:
        """Return the names of the parameters that are no views, but joined of several."""
        return [each.name for each in self.tensors if self.shared.plan.joins(each)]

    def parameters(self) -> Iterator[nn.Parameter]:
        """Yield the shared tensors that it takes part of."""
        yield from (self.shared.tensors[each.storage] for each in self.tensors)

    def standing_alone(self) -> nn.Module:
        """Return the module with a copy of its weights, which are its own from then on."""
        with torch.no_grad():
            weights = {name: each.detach().clone() for name, each in self.weights().items()}
        alone = copy.deepcopy(self.module)
        for name, parameter in alone.named_parameters():
            if name in weights:
                parameter.data = weights[name]
        return alone


class _WithoutFilling(torch.overrides.TorchFunctionMode):
    """Leaves weights as memory has them, as they are never read; buffers get their values."""

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if getattr(func, "__module__", None) == "torch.nn.init":
            return args[0] if args else (kwargs or {})["tensor"]
        return func(*args, **(kwargs or {}))
