"""The protocol by which blocks are given numbers of costs that no trace tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol


class BlockNumbers(Protocol):
    """Where blocks have numbers from that no trace tells: a table, or what a device does.

    Costs of `given_costs` follow: a network has the sum over its blocks, and none where one of its
    blocks is given none.
    """

    @property
    def names(self) -> tuple[str, ...]:
        """The costs that it gives numbers of."""

    @property
    def identity(self) -> str:
        """A text that stands for all its numbers."""

    @property
    def figures(self) -> str:
        """A text that stands for what numbers are worked out from; empty where they are stored."""

    @property
    def tables(self) -> Mapping[str, Mapping[int, int]]:
        """Those of its numbers that are stored: by cost, and by the digest of a block."""

    def of(self, block: Any, input: Any, costs: Any) -> Mapping[str, int]:
        """Return the numbers of a block by cost; one that it does not know is left out.

        Args:
            block: the `ResolvedBlock`, with its settings.
            input: the `TensorSpec` that enters it.
            costs: its `BlockCosts` by a trace.
        """

    def of_kernels(self, kernels: Iterable[Any]) -> Mapping[str, int]:
        """Return the numbers of a whole network that is no chain of blocks, from its operators."""

    def of_model(
        self, model: Any, inputs: Any, kwargs: Mapping[str, Any] | None
    ) -> Mapping[str, int]:
        """Return the numbers of a whole network that are no sums over its operators.

        Args:
            model: an `nn.Module` without data.
            inputs: of its forward, batch included.
            kwargs: further keyword arguments of that.
        """
