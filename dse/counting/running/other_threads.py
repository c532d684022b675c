"""Tells of operators that a model runs in threads of its own, where no mode sees what they do.

A dispatch mode is of one thread. Each thread that starts while a model runs is given one that notes
the first operator on a tensor of the model.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from types import FrameType
from typing import Any, Literal

from torch import Tensor, nn

from dse.counting.meta_device import has_data
from dse.counting.operators import operator_name
from dse.counting.tensors import LiveStorages, storage_id, tensors_in
from dse.counting.torch_internals import DispatchMode, Operator, is_innermost_mode

_Event = Literal["call", "return", "c_call", "c_return", "c_exception"]
"""Of a thread, as `sys.setprofile` tells them."""


class UnseenRuns:
    """What of a run could not be recorded, as it is in another thread.

    Args:
        layer: tells the name of the layer that is running.
        storages: of the run.
        given: the ids of storages of further tensors that there were before.
        knows_all: whether a tensor without data that is none of these must have been made unseen.
    """

    def __init__(
        self,
        layer: Callable[[], str],
        storages: LiveStorages,
        given: Set[int],
        knows_all: bool,
    ) -> None:
        self.told: str | None = None
        """What ran, and in which layer; None for nothing."""
        self.is_watchful = knows_all and threading.active_count() > 1
        """Whether a thread that there was before may run operators, which gives no other sign."""
        self._layer = layer
        self._storages = storages
        self._given = given
        self._thread = threading.get_ident()

    def is_elsewhere(self) -> bool:
        """Return whether this is another thread than that of the run."""
        return threading.get_ident() != self._thread

    def note(self, what: str) -> None:
        """Note that something runs in another thread, such as an operator by its name."""
        name = self._layer()
        told = f"layer {name!r}" if name else "the model"
        self.told = self.told or (
            f"{told} runs {what} in a thread of its own, where it cannot be counted: run it in "
            "forward itself, one part after the other"
        )

    def look_for(self, operands: Iterable[Tensor], operator: str) -> None:
        """Note where an operator takes a tensor that nothing made that was recorded."""
        for tensor in operands:
            is_told = has_data(tensor) or isinstance(tensor, nn.Parameter)
            is_told = is_told or self._storages.holds(tensor) or storage_id(tensor) in self._given
            if not is_told:
                self.note(f"what {operator} takes")


class OtherThreads:
    """The threads that start while a model runs.

    Args:
        is_of_model: whether a tensor is one of the model or of its run.
        tell: takes the name of each operator on such a tensor.
    """

    def __init__(self, is_of_model: Callable[[Tensor], bool], tell: Callable[[str], None]) -> None:
        self.is_of_model = is_of_model
        self.tell = tell
        self.is_over = False
        self._of_thread = threading.local()
        self._before = threading.getprofile()

    def __call__(self, frame: FrameType, event: _Event, argument: Any) -> None:
        """Put a thread under a mode as it starts, and take that away once the run is over."""
        mode: _Thread | None = getattr(self._of_thread, "mode", None)
        if mode is None and not self.is_over:
            self._of_thread.mode = mode = _Thread(self)
            mode.__enter__()  # type: ignore[no-untyped-call]
        if self.is_over:
            # A thread of a pool lives on. Within an operator its mode is not the innermost.
            if mode is None or not is_innermost_mode(mode):
                return
            mode.__exit__(None, None, None)  # type: ignore[no-untyped-call]
            sys.setprofile(self._before)
        elif self._before is not None:
            self._before(frame, event, argument)


class _Thread(DispatchMode):
    def __init__(self, threads: OtherThreads) -> None:
        super().__init__()
        self.threads = threads

    def __torch_dispatch__(
        self,
        func: Operator,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        threads = self.threads
        if not threads.is_over and any(map(threads.is_of_model, tensors_in((args, dict(kwargs))))):
            threads.tell(operator_name(func))
        return func(*args, **kwargs)


@contextlib.contextmanager
def watching_threads(
    is_of_model: Callable[[Tensor], bool], tell: Callable[[str], None]
) -> Iterator[None]:
    """Tell of operators on tensors of a model in threads that start here; see `OtherThreads`."""
    before = threading.getprofile()
    threads = OtherThreads(is_of_model, tell)
    threading.setprofile(threads)
    try:
        yield
    finally:
        threads.is_over = True
        threading.setprofile(before)
