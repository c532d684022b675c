"""Operators that run in other threads, or after a forward has returned, are counted or refused."""

import threading
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool

import pytest
import torch
from torch import nn
from torch.nn import functional as F

import dse
from dse.counting import run_on_allocator, trace_step
from dse.counting.running.lazy_outputs import MOST_ITEMS
from dse.errors import DseError
from tests.counting.models import Calls

STANDING = ThreadPoolExecutor(1)
"""A pool that a library might keep, whose thread lives on between counts."""


def in_thread(run, *given):
    made = []
    thread = threading.Thread(target=lambda: made.append(run(*given)))
    thread.start()
    thread.join()
    return made[0]


class Running(threading.Thread):
    """A thread that says itself what it runs."""

    def __init__(self, run, given):
        super().__init__()
        self.todo, self.given = run, given

    def run(self):
        self.made = self.todo(*self.given)


def in_own_thread(run, *given):
    thread = Running(run, given)
    thread.start()
    thread.join()
    return thread.made


def in_executor(run, *given):
    with ThreadPoolExecutor(2) as pool:
        return pool.submit(run, *given).result()


def in_map(run, *given):
    with ThreadPoolExecutor(2) as pool:
        return next(iter(pool.map(lambda _: run(*given), [0])))


def in_pool(run, *given):
    with ThreadPool(1) as pool:
        return pool.apply(run, given)


def in_standing_pool(run, *given):
    return STANDING.submit(run, *given).result()


def written_in_thread(run, *given):
    made = torch.empty_like(given[0])
    in_thread(lambda: made.copy_(run(*given)))
    return made


RUNNERS = (in_thread, in_own_thread, in_executor, in_map, in_pool, in_standing_pool,
           written_in_thread)  # fmt: skip


class Apart(nn.Module):
    """A layer that runs in another thread, by itself or as the function behind it."""

    def __init__(self, runner, is_function):
        super().__init__()
        self.layer, self.last = nn.Linear(4, 4), nn.Linear(4, 4)
        self.runner, self.is_function = runner, is_function

    def forward(self, x):
        if self.is_function:
            return self.last(self.runner(F.linear, x, self.layer.weight, self.layer.bias))
        return self.last(self.runner(self.layer, x))


@pytest.mark.parametrize("again", [False, True], ids=["first", "again"])
@pytest.mark.parametrize("is_function", [False, True], ids=["module", "function"])
@pytest.mark.parametrize("runner", RUNNERS)
def test_operators_in_another_thread_are_refused(runner, is_function, again):
    model = nn.Sequential(Apart(runner, is_function))
    if again:
        model(torch.ones(2, 4))
    for run in (dse.count, trace_step):
        with pytest.raises(DseError, match=r"layer '0.*in a thread of its own.*run it in forward"):
            run(model, (2, 4))


@pytest.mark.parametrize("real", [True, False])
def test_they_are_on_data_too(real):
    with pytest.raises(DseError, match="in a thread of its own"):
        dse.count(Apart(in_executor, is_function=True), (2, 4), real=real)
    with pytest.raises(DseError, match="in a thread of its own"):
        run_on_allocator(Apart(in_executor, is_function=True), (2, 4))


def test_threads_that_do_not_compute_are_left_alone():
    said = []

    def forward(parts, x):
        in_thread(lambda: said.append(tuple(x.shape)))
        in_thread(lambda: torch.ones(2) + 1)
        return parts[0](x)

    before = threading.getprofile()
    assert dse.count(Calls(forward, nn.Linear(4, 4)), (2, 4)).macs == 2 * 4 * 4
    assert said == [(2, 4)]
    assert threading.getprofile() is before


def test_a_thread_that_lives_on_is_left_as_it_was():
    with ThreadPoolExecutor(1) as pool:

        def forward(parts, x):
            pool.submit(int).result()
            return parts[0](x)

        # A pool is not copied with a model: the function holds it.
        dse.count(Calls(forward, nn.Linear(4, 4)), (2, 4))
        assert pool.submit(torch.ones, 2).result().sum() == 2
        assert pool.submit(torch._C._len_torch_dispatch_stack).result() == 0


def parts_of(layer, x):
    for row in x.split(1):
        yield layer(row)


LAZY = {
    "a generator": lambda parts, x: parts_of(parts[0], x),
    "a map": lambda parts, x: map(parts[0], x.split(1)),
    "in a tuple": lambda parts, x: (x, parts_of(parts[0], x)),
    "in a dict": lambda parts, x: {"rows": parts_of(parts[0], x)},
    "of generators": lambda parts, x: (parts_of(parts[0], each) for each in x.split(2)),
}


@pytest.mark.parametrize("real", [True, False])
@pytest.mark.parametrize("name", LAZY)
def test_what_is_returned_lazily_is_run_to_its_end(name, real):
    model = Calls(LAZY[name], nn.Linear(4, 8))
    counted = dse.count(model, (4, 4), real=real)
    eager = dse.count(Calls(lambda parts, x: [*parts_of(parts[0], x)], nn.Linear(4, 8)), (4, 4))
    assert counted.macs == eager.macs == 4 * 4 * 8
    assert counted.activation_memory == eager.activation_memory > 0
    assert counted.train_memory >= eager.train_memory
    assert counted.backward_macs == eager.backward_macs


async def later(x):
    return x + 1


async def each_later(x):
    yield x + 1


def without_end(x):
    while True:
        yield x


REFUSED = {
    "nothing has run": lambda parts, x: later(x),
    "async function": lambda parts, x: each_later(x),
    f"more than {MOST_ITEMS:,} items": lambda parts, x: without_end(x),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_never_ends_or_waits_is_refused(message):
    with pytest.raises(DseError, match=message):
        dse.count(Calls(REFUSED[message]), (2, 4))
