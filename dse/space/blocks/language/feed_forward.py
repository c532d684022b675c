"""The part of a layer that works on each token alone: two or three linear layers, or experts."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class FeedForward(nn.Module):
    """Linear, activation, linear: (…, features) -> the same."""

    def __init__(
        self,
        features: int,
        hidden: int,
        activation: nn.Module,
        bias: bool,
    ) -> None:
        super().__init__()
        self.up = nn.Linear(features, hidden, bias=bias)
        self.activation = activation
        self.down = nn.Linear(hidden, features, bias=bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return what the layers make of each token."""
        output: Tensor = self.down(self.activation(self.up(tokens)))
        return output


class GatedFeedForward(nn.Module):
    """Linear times the activation of another linear, then linear (arXiv:2002.05202)."""

    def __init__(
        self,
        features: int,
        hidden: int,
        activation: nn.Module,
        bias: bool,
    ) -> None:
        super().__init__()
        self.gate = nn.Linear(features, hidden, bias=bias)
        self.up = nn.Linear(features, hidden, bias=bias)
        self.activation = activation
        self.down = nn.Linear(hidden, features, bias=bias)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return what the layers make of each token."""
        output: Tensor = self.down(self.activation(self.gate(tokens)) * self.up(tokens))
        return output


class Experts(nn.Module):
    """Gated feed-forwards, a few for each token: (tokens, features) -> the same.

    Visits are sorted by expert, and the experts multiply their groups of rows in one
    grouped product, so that what is computed is the visits and nothing else.
    """

    def __init__(
        self,
        features: int,
        hidden: int,
        num_experts: int,
        experts_per_token: int,
        activation: nn.Module,
    ) -> None:
        super().__init__()
        self.num_experts, self.experts_per_token = num_experts, experts_per_token
        self.gate_up = nn.Parameter(_uniform(num_experts, 2 * hidden, features))
        self.down = nn.Parameter(_uniform(num_experts, features, hidden))
        self.activation = activation

    def extra_repr(self) -> str:
        """Return the settings as the representation of a network shows them."""
        _, features, hidden = self.down.shape
        return f"{features}, {hidden}, {self.experts_per_token} of {self.num_experts}"

    def forward(self, tokens: Tensor, experts: Tensor, shares: Tensor) -> Tensor:
        """Return the sum over the experts of each token, weighted.

        Args:
            tokens: (tokens, features).
            experts: (tokens, experts a token): which it visits.
            shares: of the same shape: how much each of them counts.
        """
        order = experts.flatten().argsort(stable=True)
        visits = experts.flatten()[order]
        numbers = torch.arange(self.num_experts, device=tokens.device)
        ends = torch.searchsorted(visits, numbers, right=True, out_int32=True)
        rows = tokens[order // self.experts_per_token]
        inner = functional.grouped_mm(rows, self.gate_up.transpose(1, 2), offs=ends)
        gate, up = inner.chunk(2, dim=-1)
        outer = functional.grouped_mm(
            self.activation(gate) * up, self.down.transpose(1, 2), offs=ends
        )
        outer = outer[order.argsort()].unflatten(0, (-1, self.experts_per_token))
        output: Tensor = (outer * shares[..., None]).sum(1)
        return output


def _uniform(experts: int, outputs: int, inputs: int) -> Tensor:
    """Return weights as `nn.Linear` draws them, for each expert."""
    bound = 1 / math.sqrt(inputs)
    return torch.empty(experts, outputs, inputs).uniform_(-bound, bound)


class MixtureOfExperts(nn.Module):
    """A router, experts, and what all tokens share: (N, tokens, features) -> the same.

    Args:
        features: of a token.
        experts: of which a token visits those that the router scores highest.
        normalised: whether the shares of those add up to 1, as in Mixtral
            (arXiv:2401.04088).
        shared: a feed-forward that every token visits; None for none.
        shared_gate: whether a sigmoid of the token weighs what is shared.
    """

    def __init__(
        self,
        features: int,
        experts: Experts,
        normalised: bool,
        shared: nn.Module | None,
        shared_gate: bool,
    ) -> None:
        super().__init__()
        self.normalised = normalised
        self.router = nn.Linear(features, experts.num_experts, bias=False)
        self.experts = experts
        self.shared = shared
        self.shared_gate = nn.Linear(features, 1, bias=False) if shared_gate else None

    def forward(self, tokens: Tensor) -> Tensor:
        """Return what the experts of each token make of it."""
        rows = tokens.flatten(0, 1)
        scores = functional.softmax(self.router(rows), dim=-1, dtype=torch.float32)
        shares, chosen = scores.topk(self.experts.experts_per_token, dim=-1)
        if self.normalised:
            shares = shares / shares.sum(dim=-1, keepdim=True)
        output = self.experts(rows, chosen, shares.to(rows.dtype))
        if self.shared is not None:
            shared = self.shared(rows)
            if self.shared_gate is not None:
                shared = functional.sigmoid(self.shared_gate(rows)) * shared
            output = output + shared
        whole: Tensor = output.unflatten(0, tokens.shape[:2])
        return whole
