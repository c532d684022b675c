"""The loss of a language model that published scaling laws expect: a baseline that runs nothing.

Each law is L(N, D) = E + A / N^α + B / D^β, in nats a token, of N parameters and D tokens.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dse.costs import Costs
from dse.errors import DseError, nearest
from dse.space import CostedPoint

Counted = Literal["params", "active_params"]


@dataclass(frozen=True, slots=True)
class ScalingLaw:
    """The coefficients of a law, and where they were published."""

    irreducible: float
    """E: of data that are known entirely."""
    of_params: float
    """A."""
    of_tokens: float
    """B."""
    alpha: float
    beta: float
    source: str
    repeated_params: float | None = None
    repeated_tokens: float | None = None
    """How slowly parameters beyond what the tokens are enough for, and repeated tokens, lose their
    value; None for a law that does not say."""

    def loss(self, params: float, tokens: float, unique: float | None = None) -> float:
        """Return the loss.

        Args:
            params: of the model.
            tokens: that it is trained on.
            unique: how many of these are different; None for all. Repeated ones count less by
                equation 5 of arXiv:2305.16264.

        Raises:
            DseError: for repeated tokens of a law that does not know them.
        """
        if unique is not None and unique < tokens:
            if self.repeated_params is None or self.repeated_tokens is None:
                raise DseError("this law knows no repeated tokens; data_constrained does")
            enough = min(self._params_for(unique), params)
            tokens = _decayed(unique, tokens, self.repeated_tokens)
            params = _decayed(enough, params, self.repeated_params)
        lost = self.of_params / params**self.alpha + self.of_tokens / tokens**self.beta
        return self.irreducible + float(lost)

    def _params_for(self, tokens: float) -> float:
        """Return the parameters that are trained on so many tokens where compute is best spent."""
        powers = self.alpha + self.beta
        ratio = (self.alpha * self.of_params / (self.beta * self.of_tokens)) ** (1 / powers)
        return float(ratio * (ratio * tokens) ** (self.beta / self.alpha))


def _decayed(once: float, all_of_it: float, constant: float) -> float:
    """Return what is worth as much as some that is used over and over."""
    again = all_of_it / once - 1
    return once + once * constant * (1 - math.exp(-again / constant))


LAWS: Mapping[str, ScalingLaw] = {
    "chinchilla": ScalingLaw(1.69, 406.4, 410.7, 0.34, 0.28, "arXiv:2203.15556, equation 10"),
    "replication": ScalingLaw(
        1.8172, 482.01, 2085.43, 0.3478, 0.3658, "arXiv:2404.10102, a fit to the same runs"
    ),
    "data_constrained": ScalingLaw(
        1.87, 521, 1488, 0.353, 0.353, "arXiv:2305.16264, appendix A", 5.31, 15.39
    ),
}


def scaling_law(
    candidate: CostedPoint,
    tokens: float,
    law: str = "chinchilla",
    of: Counted = "params",
    unique: float | None = None,
) -> float:
    """Return the loss in nats a token that a scaling law expects of a language model.

    Args:
        candidate: whose parameters count.
        tokens: that it would be trained on.
        law: one of `LAWS`.
        of: `params`, as the laws were fitted, or `active_params`, those that one token uses.
        unique: how many of the tokens are different; None for all.
    """
    check_scaling_law(tokens, law, of, unique)
    assert isinstance(candidate.costs, Costs)
    params = candidate.costs[of]
    assert params is not None
    return LAWS[law].loss(params, tokens, unique)


def check_scaling_law(
    tokens: float | None = None,
    law: str = "chinchilla",
    of: str = "params",
    unique: float | None = None,
    **options: Any,
) -> None:
    """Refuse an unknown law, and numbers of tokens that are none.

    Raises:
        DseError: naming the option and the nearest valid choice.
    """
    if law not in LAWS:
        raise DseError(f"objective.law: unknown {law!r}; {nearest(str(law), LAWS)}")
    if of not in ("params", "active_params"):
        hint = nearest(str(of), ("params", "active_params"))
        raise DseError(f"objective.of: unknown {of!r}; {hint}")
    for name, number in {"tokens": tokens, "unique": unique}.items():
        is_number = isinstance(number, int | float) and 1 <= number < math.inf
        if number is not None and not is_number:
            raise DseError(f"objective.{name}: {number!r} is no number of tokens")
    if unique is not None and LAWS[law].repeated_tokens is None:
        raise DseError(f"objective.unique: law {law} knows no repeated tokens; data_constrained")
