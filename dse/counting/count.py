"""`dse.count`: what does one model cost?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any

from torch import nn

from dse.costs import COST_NAMES, Costs
from dse.counting.backward import backward_macs
from dse.counting.inputs import Inputs
from dse.counting.layers import Layer, layers, total_costs
from dse.counting.trace import Trace
from dse.counting.tracing import trace
from dse.errors import DseError, nearest


class Count:
    """The costs of a model, in total and per layer.

    Every cost of `dse.costs.COST_NAMES` is an attribute: `count(model, (1, 3, 224, 224)).macs`.
    """

    def __init__(self, trace: Trace, count_backward: Callable[[], int]) -> None:
        self.trace = trace
        self.costs: Costs = total_costs(trace)
        self._count_backward = count_backward

    @cached_property
    def backward_macs(self) -> int:
        """Multiply-accumulates of one backward pass, traced when they are first asked for."""
        return self._count_backward()

    def __getattr__(self, name: str) -> int:
        if name in COST_NAMES:
            value: int = getattr(self.costs, name)
            return value
        raise AttributeError(f"a count has no {name!r}; {nearest(name, (*COST_NAMES, 'layers'))}")

    @property
    def layers(self) -> list[Layer]:
        """The layers in the order of their first calls; all costs but peaks add up to the total."""
        return layers(self.trace)

    @property
    def unknown(self) -> dict[str, int]:
        """Operators whose cost is not known, with how often each ran; not part of the costs."""
        return dict(self.trace.unknown)

    def __repr__(self) -> str:
        return f"Count({', '.join(f'{k}={v:,}' for k, v in self.costs.as_dict().items())})"


def count(
    model: nn.Module,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None = None,
    *,
    real: bool = False,
    strict: bool = False,
) -> Count:
    """Count the parameters, MACs, FLOPs, activations and memory of any model, exactly.

    The model runs once on the meta device, in evaluation mode: no data, no memory. It is left as
    it was.

    Args:
        model: any `nn.Module`.
        inputs: a shape with its batch axis, such as `(1, 3, 224, 224)`, a tensor, or a list or
            tuple of several.
        kwargs: further keyword arguments of its forward.
        real: run on real tensors (random ones for shapes), for control flow that depends on data.
        strict: make an operator of unknown cost an error.

    Raises:
        DseError: where the model cannot run on these inputs, or for an unknown operator if strict.

    >>> from torchvision.models import resnet18
    >>> count(resnet18(), (1, 3, 224, 224)).macs
    1814073344
    """
    counted = Count(
        trace(model, inputs, kwargs, real=real),
        partial(backward_macs, model, inputs, kwargs),
    )
    if strict and counted.unknown:
        listed = ", ".join(f"{name} (×{times})" for name, times in counted.unknown.items())
        raise DseError(f"operators of unknown cost: {listed}")
    return counted
