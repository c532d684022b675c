"""What Python cannot copy is shared with the copy that is counted; modules beside it are not."""

import contextvars
import io
import logging
import queue
import socket
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from torch import nn

import dse

KINDS = {
    "lock": threading.Lock,
    "rlock": threading.RLock,
    "condition": threading.Condition,
    "event": threading.Event,
    "semaphore": threading.Semaphore,
    "local": threading.local,
    "queue": queue.Queue,
    "pool": lambda: ThreadPoolExecutor(1),
    "generator": lambda: (each for each in range(3)),
    "iterator": lambda: map(str, range(3)),
    "file": Path(__file__).open,
    "bytes of a file": lambda: io.FileIO(__file__),
    "socket": socket.socket,
    "database": lambda: sqlite3.connect(":memory:", check_same_thread=False),
    "logger": lambda: logging.getLogger("a model's"),
    "handler": logging.StreamHandler,
    "variable": lambda: contextvars.ContextVar("of a model"),
    "memory": lambda: memoryview(b"bytes"),
    "frame": lambda: __import__("sys")._getframe(),
    "random": torch.Generator,
}


class Holder:
    """As a trainer or a client that a model keeps, and which knows the model's parts."""

    def __init__(self, kept, norm):
        self.kept, self.norm = kept, norm


class Net(nn.Module):
    def __init__(self, kept, place):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
        self.kept = {
            "itself": lambda: kept,
            "in a list": lambda: [kept, {"deeper": (kept,)}],
            "in an object": lambda: Holder(kept, self.body[1]),
            "deep in objects": lambda: [Holder([Holder(kept, self.body[1])], self.body[1])],
        }[place]()
        self.place = place

    def forward(self, maps):
        maps = self.body[0](maps)
        if self.place == "in an object":
            return self.kept.norm(maps)
        if self.place == "deep in objects":
            return self.kept[0].kept[0].norm(maps)
        return self.body[1](maps)


@pytest.mark.parametrize("place", ["itself", "in a list", "in an object", "deep in objects"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_keeps_it_is_counted(kind, place):
    kept = KINDS[kind]()
    model, plain = Net(kept, place), Net(None, "itself")
    counted, usual = (dse.count(each, (2, 3, 8, 8)) for each in (model, plain))
    assert counted.on_data is None
    assert counted.costs == usual.costs
    assert counted.train_memory == usual.train_memory
    assert not any(tensor.is_meta for tensor in model.state_dict().values())
    assert model.body[1].num_batches_tracked == 0
    if hasattr(kept, "close"):
        kept.close()
    if isinstance(kept, ThreadPoolExecutor):
        kept.shutdown()
