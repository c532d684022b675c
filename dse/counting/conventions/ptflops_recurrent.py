"""What ptflops 0.7.5 (backend pytorch) counts for recurrent layers and their cells."""

from __future__ import annotations

from typing import Any

from torch import nn

from dse.counting.conventions.convention import Rule
from dse.counting.conventions.layer_calls import LayerCall

_ELEMENTWISE = {"RNN": 1, "GRU": 7, "LSTM": 10}
"""Operations for each element of the hidden state besides the products."""


def _step(module: Any, suffix: str) -> int:
    kind = type(module).__name__.removesuffix("Cell")
    count = sum(getattr(module, name + suffix).numel() for name in ("weight_ih", "weight_hh"))
    if module.bias:
        count += sum(getattr(module, name + suffix).numel() for name in ("bias_ih", "bias_hh"))
    return int(count + _ELEMENTWISE[kind] * module.hidden_size)


def _sequence(call: LayerCall) -> int:
    module = call.module
    step = sum(_step(module, f"_l{layer}") for layer in range(module.num_layers))
    first, second = call.input.shape[:2]
    return step * first * second * (2 if module.bidirectional else 1)


def _cell(call: LayerCall) -> int:
    return _step(call.module, "") * call.input.shape[0]


RECURRENT: tuple[Rule[LayerCall], ...] = (
    Rule(
        "MACs",
        (nn.RNN, nn.GRU, nn.LSTM),
        "weights and biases + (RNN 1, GRU 7, LSTM 10) · h, a step, item and direction",
        _sequence,
    ),
    Rule(
        "MACs",
        (nn.RNNCell, nn.GRUCell, nn.LSTMCell),
        "N · (weights and biases + (RNN 1, GRU 7, LSTM 10) · h)",
        _cell,
    ),
)
