"""Whatever a model is given, a count leaves it, what was given and the process as they were."""

import contextlib
import gc
import pickle
import warnings

import pytest
import torch
from torch import nn
from torch.overrides import _get_current_function_mode_stack
from torch.utils._python_dispatch import _get_current_dispatch_mode_stack

import dse
from dse.counting import NeedsData
from dse.errors import DseError


class Cache:
    """Holds keys as language models do, and grows."""

    def __init__(self):
        self.keys = [torch.ones(1, 2, 4)]

    def add(self, key):
        self.keys.append(key)
        return torch.cat(self.keys, dim=1)


class Model(nn.Module):
    """Takes anything, writes to all of it, and remembers it."""

    def __init__(self, asks=lambda y: None):
        super().__init__()
        self.embedding = nn.Embedding(10, 4)
        self.norm = nn.BatchNorm1d(4)
        self.linear = nn.Linear(4, 4)
        self.register_buffer("steps", torch.zeros(3))
        self.history = [torch.zeros(2)]
        self.asks = asks

    def forward(self, ids=None, features=None, mask=None, cache=None, options=None):
        x = self.embedding(ids) if ids is not None else features
        self.last = self.norm(x.flatten(0, -2))
        self.steps += 1
        self.history.append(self.last)
        if mask is not None:
            mask[:] = 1
        if features is not None:
            features.add_(1)
        if cache is not None:
            x = cache.add(self.linear(x))
        self.asks(x)
        return self.linear(x).flatten(0, -2)


def fails(y):
    raise ValueError("refused")


def interrupts(y):
    raise KeyboardInterrupt


IDS = torch.tensor([[1, 2, 3]])
GIVEN = {
    "a shape": {"features": (2, 3, 4)},
    "an input": {"ids": dse.Input((2, 3), "int64")},
    "values": {"ids": dse.Input((2, 3), "int64", values=1)},
    "a tensor": {"ids": IDS, "mask": torch.zeros(1, 3)},
    "a mask": {"ids": dse.Input((2, 3), "int64"), "mask": dse.Input((2, 3), "int64", values=0)},
    "a cache": {"ids": IDS, "cache": Cache()},
    "options": {"ids": IDS, "options": {"sizes": [(2, 3)], "deep": [torch.ones(2)]}},
}
ASKED = {
    "nothing": lambda y: None,
    "values that are known": lambda y: torch.ones(3, device=y.device).tolist(),
    "values that are not": lambda y: y.sum().item(),
    "autocast": lambda y: (
        torch.autocast(y.device.type, torch.bfloat16).__enter__().__exit__(None, None, None)
    ),
    "what a compiler is not": lambda y: torch.compiler.is_compiling() or y.sum().item(),
    "an error": fails,
    "an interruption": interrupts,
}


def state_of_the_process():
    return (
        torch.get_rng_state().tolist(),
        gc.isenabled(),
        torch.is_grad_enabled(),
        torch.is_autocast_enabled("cpu"),
        torch.compiler.is_compiling(),
        torch.get_default_dtype(),
        len(_get_current_function_mode_stack()),
        len(_get_current_dispatch_mode_stack()),
    )


@pytest.mark.parametrize("real", [False, "auto", True], ids=str)
@pytest.mark.parametrize("loss", [None, "mse_loss"], ids=str)
@pytest.mark.parametrize("asks", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize("given", GIVEN.values(), ids=GIVEN)
def test_nothing_is_left_behind(given, asks, loss, real):
    model = Model().train()
    before = pickle.dumps([vars(model)["_modules"], vars(model)["_buffers"], model.history])
    inputs = pickle.dumps({name: getattr(each, "keys", each) for name, each in given.items()})
    model.asks = asks
    process = state_of_the_process()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refusal = {fails: DseError, interrupts: KeyboardInterrupt}.get(asks)
        if asks is ASKED["values that are not"] and real is False:
            refusal = NeedsData
        with pytest.raises(refusal) if refusal else contextlib.nullcontext():
            counted = dse.count(model, given, real=real, loss=loss)
            assert counted.train_memory > counted.saved_memory > 0
    assert state_of_the_process() == process
    assert not hasattr(model, "last")
    after = pickle.dumps([vars(model)["_modules"], vars(model)["_buffers"], model.history])
    assert after == before
    assert (
        pickle.dumps({name: getattr(each, "keys", each) for name, each in given.items()}) == inputs
    )
