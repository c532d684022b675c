"""What thop 0.1.1 counts for recurrent layers and their cells, a step and batch item at a time."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from dse.counting.conventions.convention import Rule
from dse.counting.conventions.layer_calls import LayerCall

Cell = Callable[[int, int, bool], int]
"""(size of the input, size of the hidden state, with bias) -> operations."""


def _gate(inputs: int, hidden: int, bias: bool) -> int:
    return hidden * (inputs + hidden) + hidden + (2 * hidden if bias else 0)


def _gru_cell(inputs: int, hidden: int, bias: bool) -> int:
    return 3 * _gate(inputs, hidden, bias) + 4 * hidden


def _lstm_cell(inputs: int, hidden: int, bias: bool) -> int:
    return 4 * _gate(inputs, hidden, bias) + 4 * hidden


def _one_step(cell: Cell) -> Callable[[LayerCall], int]:
    def amount(call: LayerCall) -> int:
        module = call.module
        return cell(module.input_size, module.hidden_size, module.bias) * call.input.shape[0]

    return amount


def _sequence(cell: Cell) -> Callable[[LayerCall], int]:
    def amount(call: LayerCall) -> int:
        module = call.module
        hidden, directions = module.hidden_size, 2 if module.bidirectional else 1
        step = cell(module.input_size, hidden, module.bias)
        step += (module.num_layers - 1) * cell(hidden * directions, hidden, module.bias)
        # The batch and the steps, in whichever order they are.
        return int(step * directions * call.input.shape[0] * call.input.shape[1])

    return amount


_GATE = "h·(i + h) + h + 2h·b"
_LAYERS = " a step, item and direction; i = h · directions in further layers"

RECURRENT: tuple[Rule[LayerCall], ...] = (
    Rule("macs", (nn.RNNCell,), f"N · ({_GATE})", _one_step(_gate)),
    Rule("macs", (nn.GRUCell,), f"N · (3·({_GATE}) + 4h)", _one_step(_gru_cell)),
    Rule("macs", (nn.LSTMCell,), f"N · (4·({_GATE}) + 4h)", _one_step(_lstm_cell)),
    Rule("macs", (nn.RNN,), _GATE + _LAYERS, _sequence(_gate)),
    Rule("macs", (nn.GRU,), f"3·({_GATE}) + 4h{_LAYERS}", _sequence(_gru_cell)),
    Rule("macs", (nn.LSTM,), f"4·({_GATE}) + 4h{_LAYERS}", _sequence(_lstm_cell)),
)
