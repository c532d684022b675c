"""A supernet is trained in the processes of every executor, with the same weights."""

from functools import cache

import pytest
import torch

from dse.execution import EXECUTORS
from dse.supernet import SupernetTraining, train_supernet_together
from tests.execution.here import executor_here
from tests.supernet.test_training_team import HERE, made

TRAINING = SupernetTraining(epochs=1, limit=64, batch=32)


@cache
def trained_here():
    candidates, supernet = made()
    train_supernet_together(supernet, candidates, TRAINING, HERE, 2)
    return supernet


@pytest.mark.parametrize("executor", EXECUTORS)
def test_the_weights_are_the_same_wherever_they_are_trained(request, tmp_path, executor):
    if executor == "ray":
        # The one that this process is connected to.
        request.getfixturevalue("connected")
    candidates, supernet = made()
    train_supernet_together(supernet, candidates, TRAINING, executor_here(executor, tmp_path), 2)
    for name, tensor in trained_here().shared.tensors.items():
        assert torch.equal(supernet.shared.tensors[name], tensor)
    assert supernet.accuracies == trained_here().accuracies
