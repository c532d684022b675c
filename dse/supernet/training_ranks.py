"""The processes that train one supernet together: each takes a share of every batch of images."""

from __future__ import annotations

import socket
from collections.abc import Iterable

import torch
import torch.distributed as distributed
from torch import Tensor

# Both are documented, but their module does not say that it exports them.
from torch.distributed import Store, TCPStore  # type: ignore[attr-defined]

Address = tuple[str, int]


class LostRank(Exception):
    """Another of the processes has ended, which is why nothing can be averaged any more."""


class OneRank:
    """A process that trains by itself."""

    rank = 0
    """Its number among those that train; 0 judges candidates, and tells how far they are."""
    number = 1
    """How many train."""

    def share(self, chosen: Tensor) -> Tensor:
        """Return those of the images of a step that this process takes."""
        return chosen[self.rank :: self.number]

    def add_gradients(self, tensors: Iterable[Tensor]) -> None:
        """Make the gradients of all processes their sum."""

    def states_of_all(self, state: Tensor) -> list[Tensor]:
        """Return the states of the random draws of all processes, by their numbers."""
        return [state]


class GroupRank(OneRank):
    """One of several processes, between which gradients go by `torch.distributed`.

    Args:
        rank: its number.
        number: of processes.
        store: that all of them reach.
        device: on which its tensors are; of CUDA, each has one of its own.
    """

    def __init__(self, rank: int, number: int, store: Store, device: torch.device) -> None:
        self.rank, self.number = rank, number
        has_nccl = device.type == "cuda" and distributed.is_nccl_available()
        distributed.init_process_group(
            "nccl" if has_nccl else "gloo", store=store, rank=rank, world_size=number
        )

    def add_gradients(self, tensors: Iterable[Tensor]) -> None:
        """Make the gradients of all processes their sum, in one exchange.

        Raises:
            LostRank: where one of them has ended.
        """
        gradients = [tensor.grad for tensor in tensors if tensor.grad is not None]
        joined = torch.cat([each.reshape(-1) for each in gradients])
        try:
            distributed.all_reduce(joined)
        except RuntimeError as error:
            raise LostRank from error
        parts = joined.split([each.numel() for each in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view_as(gradient))

    def states_of_all(self, state: Tensor) -> list[Tensor]:
        """Return the states of the random draws of all processes, by their numbers.

        Raises:
            LostRank: where one of them has ended.
        """
        found: list[Tensor | None] = [None] * self.number
        try:
            distributed.all_gather_object(found, state)
        except RuntimeError as error:
            raise LostRank from error
        return [each for each in found if each is not None]


def opened_store(host: str | None) -> tuple[Store, Address]:
    """Return a store that other processes reach, and its address.

    Args:
        host: that it listens on; None for the address by which other machines reach this one.
    """
    listening = socket.create_server((host or _own_host(), 0))
    address = listening.getsockname()[:2]
    store = TCPStore(
        address[0],
        address[1],
        is_master=True,
        wait_for_workers=False,
        master_listen_fd=listening.detach(),
    )
    return store, address


def reached_store(address: Address) -> Store:
    """Return the store that another process has opened."""
    return TCPStore(address[0], address[1], is_master=False)


def _own_host() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: the system tells from where it would be, to an address of examples.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
