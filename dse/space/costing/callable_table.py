"""The memo of callables: each network is costed once, by its parts where it runs them in a row."""

from __future__ import annotations

from dse.costs import Costs, declared_values
from dse.errors import DseError
from dse.space.candidate import Candidate
from dse.space.costing import tracing
from dse.space.costing.block_costs import Invalid
from dse.space.costing.memo import BlockTable


class CallableTable:
    """Costs of whole networks by their candidate's key, each traced on first use.

    Args:
        parts: costs the parts of networks that run one after the other.
    """

    def __init__(self, parts: BlockTable) -> None:
        self.parts = parts
        self._networks: dict[int, Costs | Invalid] = {}
        self._declared = declared_values()

    def __len__(self) -> int:
        """Number of networks whose costs are known."""
        return len(self._networks)

    def cost(self, candidate: Candidate) -> Costs | Invalid:
        """Return the costs of a candidate's network, traced if they are not known yet."""
        if not self.knows(candidate.key):
            parts = self.parts
            try:
                found = tracing.cost_callable(
                    candidate, parts.conditions, parts.cost_parts, parts.numbers
                )
                self.remember(candidate.key, found)
            except DseError as error:
                self.remember(candidate.key, Invalid(str(error)))
        return self._networks[candidate.key]

    def knows(self, key: int) -> bool:
        """Return whether the costs of a network are known, with all that is declared now."""
        if self._declared != declared_values():
            self._declared = declared_values()
            self._networks.clear()
        return key in self._networks

    def remember(self, key: int, costs: Costs | Invalid) -> None:
        """Take the costs of a network as known, from the store or another process."""
        self._networks[key] = costs
