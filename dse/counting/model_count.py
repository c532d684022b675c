"""`dse.count`: what does one model cost?"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from torch import nn

from dse.costs import COSTS, DTYPES, Conditions, Costs
from dse.counting.exported_files import is_exported_file, read_exported_file
from dse.counting.layers import Layer, html_layers, layers, told_of_scripted, total_costs
from dse.counting.operators import reason_unknown
from dse.counting.running import Inputs, Real, without_collector
from dse.counting.trace_records import Trace
from dse.counting.training import TrainingStep, backward_macs, find_loss
from dse.counting.under_conditions import dtype_of, step_under, trace_under
from dse.errors import DseError, RanOnData, UnknownCostWarning, nearest
from dse.html_tables import html_facts, html_panel
from dse.shown_values import html_costs


class Count:
    """The costs of a model, in total and per layer.

    Every cost of `dse.costs.COSTS` is an attribute: `count(model, (1, 3, 224, 224)).macs`.
    Those of training are traced when they are first asked for.
    """

    def __init__(
        self,
        trace: Trace,
        count_backward: Callable[[], int],
        train: Callable[[], TrainingStep],
        loss: str | None = None,
    ) -> None:
        self.trace = trace
        self.loss = loss
        """The name of the loss that `saved_memory` and `train_memory` include; None for none."""
        self.costs: Costs = total_costs(trace)
        """Of inference: `saved_memory` and `train_memory` are None here."""
        self._count_backward = count_backward
        self._train = train

    @cached_property
    def backward_macs(self) -> int:
        """Multiply-accumulates of one backward pass."""
        return self._count_backward()

    @cached_property
    def step(self) -> TrainingStep:
        """One training step.

        Raises:
            DseError: where the model cannot be trained.
        """
        return self._train()

    @property
    def saved_memory(self) -> int:
        """Bytes of what the forward pass saves for the backward pass; see `step`."""
        return self.step.saved_bytes

    @property
    def train_memory(self) -> int:
        """Highest number of bytes alive at once during one training step; see `step`."""
        return self.step.peak_bytes

    @property
    def arithmetic_intensity(self) -> float:
        """MACs of inference per byte that an ideal device moves."""
        return self.costs.arithmetic_intensity

    def with_training(self) -> Costs:
        """Return all costs; those of training are None for a model that cannot be trained."""
        try:
            step = self.step
        except DseError:
            return self.costs
        return replace(self.costs, saved_memory=step.saved_bytes, train_memory=step.peak_bytes)

    def __getattr__(self, name: str) -> int:
        if name in COSTS:
            value = self.costs[name]
            if value is None:
                raise AttributeError(f"this count has no {name}: {COSTS[name].source}")
            return value
        raise AttributeError(f"a count has no {name!r}; {nearest(name, (*COSTS, 'layers'))}")

    @property
    def layers(self) -> list[Layer]:
        """The layers in the order of their first calls; all costs but peaks add up to the total."""
        return layers(self.trace)

    @property
    def on_data(self) -> str | None:
        """What is to be said of the data that the model ran on, as a warning did; None for none."""
        return self.trace.on_data

    @property
    def unseen(self) -> str | None:
        """What is to be said of layers that are not seen, as a warning did; None for nothing."""
        return told_of_scripted(self.trace)

    @property
    def unknown(self) -> dict[str, int]:
        """Operators whose cost is not known, with how often each ran; not part of the costs."""
        return dict(self.trace.unknown)

    def __repr__(self) -> str:
        known = {name: value for name, value in self.costs.as_dict().items() if value is not None}
        return f"Count({', '.join(f'{name}={value:,}' for name, value in known.items())})"

    def _repr_html_(self) -> str:
        """Return the costs and the first layers; a training step that nobody asked for is left."""
        trained = "step" in vars(self)
        unknown = ", ".join(f"{name} ×{times}" for name, times in self.unknown.items())
        facts = {
            "model": type(self.trace.model).__name__,
            "of unknown cost": unknown,
            "data": self.on_data or "",
            "unseen": self.unseen or "",
        }
        return html_panel(
            "Count",
            html_facts(facts),
            html_costs(self.with_training() if trained else self.costs),
            html_layers(self.layers),
        )


def count(
    model: nn.Module | str | Path,
    inputs: Inputs,
    kwargs: Mapping[str, Any] | None = None,
    *,
    real: Real = "auto",
    strict: bool = False,
    dtype: str | None = None,
    part_dtypes: Mapping[str, str] | None = None,
    precision: str = "full",
    optimizer: str = "sgd-momentum",
    kernels: str = "cpu",
    checkpointing: str = "none",
    loss: str | Callable[..., Any] | None = None,
    labels: Inputs = None,
    context: int = 0,
) -> Count:
    """Count the parameters, MACs, FLOPs, activations and memory of any model, exactly.

    The model runs once on the meta device, in evaluation mode: no data, no memory. It is left as
    it was.

    Args:
        model: any `nn.Module`, or the path of an exported network: a `.pt2` of `torch.export`, or
            an `.onnx`; of these the graph is read, and nothing is run.
        inputs: a shape with its batch axis, such as `(1, 3, 224, 224)`, a `dse.Input`, a tensor, a
            list or tuple of several, or a mapping of these by the names of forward's parameters,
            such as `{"input_ids": dse.Input((1, 128), "int64")}`, or None where all of them are
            in `kwargs`; see `dse.counting.Inputs`.
        kwargs: further keyword arguments of its forward, passed as they are but for tensors and
            `dse.Input`.
        real: whether to run on real tensors (random ones for shapes, random weights where the
            model has none): True, False, or `auto` where control flow depends on data, with a
            warning, and within `DSE_LIMIT_REAL_BYTES` bytes.
        strict: make an operator of unknown cost an error; otherwise each is told by a warning.
        dtype: of weights and activations, one of `dse.costs.DTYPES`, instead of the
            model's own.
        part_dtypes: by the name of a module, a dtype for the weights that it holds and for all
            that is made within it, such as `{"features.3": "int4"}`; such a model is not trained.
        precision: of a training step: `full`, or `mixed` under autocast to bfloat16.
        optimizer: of a training step, one of `dse.costs.OPTIMIZERS`.
        kernels: of attention, one of `dse.costs.cost_conditions.KERNELS`: those that PyTorch
            chooses on a `cpu` or `cuda`, `flash`, `efficient`, or `math`, which keeps the map of
            scores.
        checkpointing: of a training step: `block` for each module of an `nn.Sequential`, such as a
            network of a page, under `torch.utils.checkpoint`.
        loss: of a training step: a name such as `cross_entropy`, a function of (output, labels),
            or `model` where the forward returns one; None for a loss that keeps nothing.
        labels: what a loss compares with, as in `inputs`; None for what follows from the output.
        context: of a language model that a page makes: tokens that the last one attends to, the
            keys and values of those before the input's kept; 0 for the input's alone.

    Raises:
        DseError: for no module, where it cannot run on these inputs, for an unknown operator if
            strict, or for an unknown dtype, precision, optimizer or kernels.

    >>> from torchvision.models import resnet18
    >>> count(resnet18(), (1, 3, 224, 224)).macs
    1814073344
    """
    if isinstance(model, Path) or (isinstance(model, str) and is_exported_file(model)):
        model = read_exported_file(Path(model)).module
    if not isinstance(model, nn.Module):
        named = getattr(model, "__name__", model)
        raise DseError(f"count: expected a torch.nn.Module, not {type(model).__name__} {named!r}")
    conditions = Conditions(
        dtype=dtype or "float32",
        precision=precision,
        optimizer=optimizer,
        kernels=kernels,
        checkpointing=checkpointing,
        context=context,
    )
    if context and not any(hasattr(module, "hold_cache") for module in model.modules()):
        raise DseError(f"context: no layer of {type(model).__name__} holds keys and values")
    own_dtype = None if dtype is None else dtype_of(conditions)
    _check_parts(model, part_dtypes or {})
    of_step = find_loss(loss, labels)
    with contextlib.nullcontext() if real is True else without_collector():
        traced = trace_under(
            model,
            inputs,
            conditions,
            kwargs,
            own_dtype=dtype is None,
            part_dtypes=part_dtypes,
            real=real,
        )
        is_real = real if real is False else traced.is_real or real
        train = partial(step_under, model, inputs, conditions, kwargs, own_dtype, is_real, of_step)
        counted = Count(
            traced,
            partial(backward_macs, model, inputs, kwargs, is_real),
            _not_trained if part_dtypes or context else train,
            None if of_step is None else of_step.name,
        )
    if traced.on_data is not None:
        warnings.warn(traced.on_data, RanOnData, stacklevel=2)
    if counted.unseen is not None:
        warnings.warn(counted.unseen, UnknownCostWarning, stacklevel=2)
    if strict and counted.unknown:
        listed = [
            f"{name} (×{times}{', ' if (why := reason_unknown(name)) else ''}{why or ''})"
            for name, times in counted.unknown.items()
        ]
        raise DseError(f"operators of unknown cost: {', '.join(listed)}")
    for name in counted.unknown:
        reason = reason_unknown(name)
        mend = "tell its MACs by dse.register_operator" + (f" ({reason})" if reason else "")
        warnings.warn(
            f"{name} is of unknown cost and not counted; {mend}", UnknownCostWarning, stacklevel=2
        )
    return counted


def _check_parts(model: nn.Module, part_dtypes: Mapping[str, str]) -> None:
    """Refuse dtypes of modules that there are not, and unknown ones."""
    names = {name for name, _ in model.named_modules()} if part_dtypes else set()
    for part, dtype in part_dtypes.items():
        if part not in names:
            raise DseError(f"part_dtypes: no module {part!r}; {nearest(part, names)}")
        if dtype not in DTYPES:
            raise DseError(f"part_dtypes.{part}: unknown {dtype!r}; {nearest(dtype, DTYPES)}")


def _not_trained() -> TrainingStep:
    raise DseError("a network of several dtypes, or of a context, is not trained in these")
