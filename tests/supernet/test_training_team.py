"""Several processes train one supernet, each on a share of every batch."""

import multiprocessing
import os
import signal

import pytest
import torch

import dse
from dse.execution import LocalExecutor
from dse.supernet import SupernetTraining, check_team, train_supernet, train_supernet_together
from dse.supernet.training_ranks import OneRank
from tests.supernet.small_supernets import page_plan

PAGE = {
    "axes": {"width": 8, "depth": 1, "dropout": 0.0, "resolution": 8},
    "input": [1, "resolution", "resolution"],
    "blocks": [
        {"block": "flatten"},
        {
            "block": "linear_norm_act",
            "features": "width",
            "repeat": "depth",
            "norm": "none",
            "dropout": "dropout",
        },
        {"block": "linear", "features": 10},
    ],
}
GRID = {"width": [8, 16], "depth": [1, 2]}
HERE = LocalExecutor(("cpu",))


def made(**axes):
    planned = page_plan(PAGE, {**GRID, **axes})
    return planned.candidates, planned.supernet(PAGE, GRID, {}, 0)


def together(supernet, candidates, training, *arguments, number=2, **options):
    train_supernet_together(supernet, candidates, training, HERE, number, *arguments, **options)


def test_gradients_of_shares_are_those_of_the_batch():
    """Without norms and dropout, processes learn what one does, but for the order of sums."""
    training = SupernetTraining(epochs=2, limit=130, batch=33)
    candidates, alone = made()
    train_supernet(alone, candidates, training)
    candidates, shared = made()
    told = []
    together(shared, candidates, training, tell=lambda *news: told.append(news))
    for name, tensor in alone.shared.tensors.items():
        torch.testing.assert_close(shared.shared.tensors[name], tensor, rtol=1e-4, atol=1e-5)
    assert [each["epoch"] for each in shared.accuracies] == [1, 2]
    assert [news[:2] for news in told] == [(1, 2), (2, 2)]
    assert told[-1][2] == {k: v for k, v in shared.accuracies[-1].items() if k != "epoch"}


def test_shares_hold_each_image_once():
    class Rank(OneRank):
        number = 3

        def __init__(self, rank):
            self.rank = rank

    images = torch.arange(8)
    shares = [Rank(rank).share(images).tolist() for rank in range(3)]
    assert sorted(image for share in shares for image in share) == images.tolist()
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_where_one_process_is_killed_all_end_and_go_on_as_if_undisturbed(tmp_path):
    """Dropout draws in each process, and norms see its images alone."""
    training = SupernetTraining(epochs=4, limit=128, batch=32)
    candidates, whole = made(dropout=0.3)
    together(whole, candidates, training)
    checkpoint = tmp_path / "state"

    def kill(done, total, accuracies):
        if done == 2:
            os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)

    candidates, half = made(dropout=0.3)
    before = {name: tensor.clone() for name, tensor in half.shared.tensors.items()}
    with pytest.raises(dse.DseError) as error:
        together(half, candidates, training, checkpoint, tell=kill)
    assert str(error.value) == (
        "supernet: a process that trains was killed by SIGKILL; started again, it goes on after "
        "epoch 2"
    )
    assert not multiprocessing.active_children()
    for name, tensor in half.shared.tensors.items():
        assert torch.equal(tensor, before[name]), "what was not finished changes nothing"
    candidates, rest = made(dropout=0.3)
    together(rest, candidates, training, checkpoint)
    for name, tensor in whole.shared.tensors.items():
        assert torch.equal(tensor, rest.shared.tensors[name])
    assert whole.accuracies == rest.accuracies


def test_another_number_of_processes_goes_on(tmp_path):
    training = SupernetTraining(epochs=2, limit=64, batch=32)
    checkpoint = tmp_path / "state"

    class Stopped(Exception):
        pass

    def stop(done, total, accuracies):
        raise Stopped

    candidates, supernet = made()
    with pytest.raises(Stopped):
        train_supernet(supernet, candidates, training, checkpoint, tell=stop)
    candidates, rest = made()
    together(rest, candidates, training, checkpoint)
    assert [each["epoch"] for each in rest.accuracies] == [1, 2]
    candidates, alone = made()
    train_supernet(alone, candidates, training)
    for name, tensor in alone.shared.tensors.items():
        torch.testing.assert_close(rest.shared.tensors[name], tensor, rtol=1e-4, atol=1e-5)


def test_an_error_in_a_process_is_told():
    training = SupernetTraining(epochs=1, limit=64, batch=32)
    few = PAGE | {"blocks": [*PAGE["blocks"][:-1], {"block": "linear", "features": 3}]}
    planned = page_plan(few, GRID)
    supernet = planned.supernet(few, GRID, {}, 0)
    with pytest.raises(
        dse.DseError, match="the networks have 3 outputs, and the images 10 classes"
    ):
        together(supernet, planned.candidates, training)


@pytest.mark.parametrize(
    ("options", "executor", "number", "message"),
    [
        ({"batch": 7}, HERE, 4, "supernet.batch: 7 images a step leave less than two for each of"),
        ({"limit": 3}, HERE, 2, "supernet.batch: 3 images a step"),
        ({}, LocalExecutor(("cuda:0",)), 2, "workers: 2 need a device each, and 1 are named"),
        ({}, LocalExecutor(("cuda:0", "cuda:0")), 2, "workers: 2 need a device each, and 1"),
    ],
)
def test_a_team_that_cannot_be(options, executor, number, message):
    with pytest.raises(dse.DseError, match=message):
        check_team(SupernetTraining(**options), executor, number)
