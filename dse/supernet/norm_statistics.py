"""Statistics of norms, estimated anew for one candidate: those of others are not its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from dse.search import OneInput
from dse.supernet.shared_tensors import SharedNetwork

_Norm = nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d | nn.SyncBatchNorm


def estimate_norms(network: SharedNetwork, given: OneInput, batches: Iterable[Tensor]) -> None:
    """Let a candidate's norms have the mean and variance of what enters them in some batches.

    The statistics are buffers of the candidate's own module; nothing that is shared changes. The
    candidate is in evaluation mode afterwards.

    Args:
        network: of the candidate.
        given: its input.
        batches: of images, each (N, C, H, W), N at least 2.
    """
    norms = [each for each in network.module.modules() if isinstance(each, _Norm)]
    network.module.eval()
    if not norms:
        return
    with torch.no_grad(), _gathering(norms):
        for batch in batches:
            given.run(network, batch)
    network.module.eval()


@contextmanager
def _gathering(norms: list[_Norm]) -> Iterator[None]:
    """Let norms average over all batches, each as much as the other."""
    before = [each.momentum for each in norms]
    for each in norms:
        each.reset_running_stats()
        each.momentum = None
        each.train()
    yield
    for each, momentum in zip(norms, before, strict=True):
        each.momentum = momentum
