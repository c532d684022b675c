"""The ways in which a model can be run to be counted, from the one that needs least on.

On the meta device, with the values that are known; the same, but taken for a compiler, before
which libraries leave out checks on data; on tensors without data that pass for the CPU's, for what
looks at a device, as recurrent layers do from the start; and at last on data.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

import torch
from torch import nn

from dse.code import reason_of
from dse.counting.meta_device import has_recurrent_layers
from dse.counting.running.arguments import Inputs
from dse.counting.running.cpu_tensors import on_imitated_cpu
from dse.counting.running.preparation import Prepared, prepare
from dse.counting.torch_internals import compiling
from dse.errors import DseError, TooMuchMemory, UnseenOperators
from dse.limits import limit, shown_limit

Real = bool | Literal["auto"]
"""Whether a model runs on data: always, never, or where it cannot be run without."""
REAL = ("auto", True, False)

Result = TypeVar("Result")

_SIGNS = (
    *("meta", "fake", "_local_scalar_dense", "autocast", "scalartype", "accelerator"),
    *("data-dependent", "data dependent", "unallocated", "data_ptr", "sparse"),
    "dynamicoutputshape",
)
"""Words of an error that is about tensors without data, or about the device that they are on."""


class NeedsData(DseError):
    """A model whose forward cannot be followed without data."""

    def __init__(self, reason: str, mend: str = "real=True") -> None:
        """Say what failed, and what to write in order to run it on data."""
        text = "control flow that depends on data cannot be traced without any"
        super().__init__(f"{reason} ({text}: use {mend})")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Way:
    """How to run a model."""

    real: bool = False
    imitates_cpu: bool = False
    compiles: bool = False
    composed: bool = False
    """Whether recurrent layers are the operators that they are composed of on the meta device,
    also where they would be run as on the CPU."""
    most_bytes: int | None = None
    """That tensors may take at once; None for as many as there are."""

    def prepared(
        self,
        model: nn.Module,
        inputs: Inputs,
        kwargs: Mapping[str, Any] | None,
        *,
        dtype: torch.dtype | None = None,
        training: bool = False,
        kernels: str = "cpu",
        labels: Inputs = None,
        part_dtypes: Mapping[str, torch.dtype] | None = None,
        context: int = 0,
    ) -> Prepared:
        """Return a copy of a model that is ready to run in this way; see `prepare`."""
        most = self.most_bytes
        if most is not None and _weight_bytes(model) > most:
            raise TooMuchMemory(f"its weights take more than {shown_limit('real_bytes')} bytes")
        prepared = prepare(
            model, inputs, kwargs, self.real, dtype, training, kernels, labels, part_dtypes, context
        )
        if prepared.real:
            return replace(prepared, most_bytes=most)
        is_recurrent = not self.composed and has_recurrent_layers(prepared.model)
        if self.imitates_cpu or is_recurrent:
            prepared = on_imitated_cpu(prepared)
        if self.compiles:
            prepared = replace(prepared, mode=_both(compiling(), prepared.mode))
        return prepared


_WITHOUT_DATA = (
    Way(),
    Way(compiles=True),
    Way(imitates_cpu=True),
    Way(imitates_cpu=True, compiles=True),
    Way(composed=True),
)


def first_that_runs(attempt: Callable[[Way], Result], real: Real) -> tuple[Result, str | None]:
    """Return what the first way gives in which a model runs, and why it is on data, if it is.

    Args:
        attempt: runs the model in a way.
        real: whether on data; `auto` for where no other way is left, within
            `DSE_LIMIT_REAL_BYTES` bytes of weights and tensors.

    Raises:
        DseError: for another `real`.
        NeedsData: where it must not run on data, but has to.
        DseError: where it runs in no way, told of the first.
    """
    if real not in REAL:
        raise DseError(f"real: {real!r} is none of 'auto', True, False")
    if real is True:
        return attempt(Way(real=True)), None
    first: DseError | None = None
    for way in _WITHOUT_DATA:
        try:
            return attempt(way), None
        except UnseenOperators:
            raise
        except DseError as error:
            first = first or error
            if not is_about_data(error):
                break
    assert first is not None
    if real == "auto":
        try:
            return attempt(Way(real=True, most_bytes=limit("real_bytes"))), str(first)
        except DseError as error:
            if not is_about_data(first):
                raise first from error
            if isinstance(error, TooMuchMemory):
                raise NeedsData(f"{first}; {error}") from error
            raise error from first
    if is_about_data(first):
        raise NeedsData(str(first)) from first
    raise first


def is_about_data(error: DseError) -> bool:
    """Return whether a model failed for want of data, or for the device that it was on."""
    cause = error.__cause__
    if cause is None or isinstance(cause, DseError):
        return False
    text = f"{type(cause).__name__} {reason_of(cause)}".lower()
    return any(sign in text for sign in _SIGNS)


def _weight_bytes(model: nn.Module) -> int:
    return sum(tensor.nbytes for tensor in (*model.parameters(), *model.buffers()))


@contextlib.contextmanager
def _both(
    first: contextlib.AbstractContextManager[object],
    second: contextlib.AbstractContextManager[object],
) -> Any:
    with first, second:
        yield
