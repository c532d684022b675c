"""`dse.build`: a trainable network from a family and settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from dse.configs import find_page
from dse.errors import DseError
from dse.language import Value
from dse.space.candidate import Candidate
from dse.space.costing import build_network
from dse.space.pages import Family, load_family, read_family, read_grid


def build(
    family: str | Path | Mapping[str, Any],
    settings: Mapping[str, Value] | None = None,
    /,
    *,
    variant: str | None = None,
    seed: int | None = None,
    allow: Iterable[str] = (),
    **axes: Value,
) -> nn.Module:
    """Build the network of a family at given settings, ready to train.

    Args:
        family: the name of a shipped family, the path of a page, or what stands on a page.
        settings: values of axes (`depth`) or of their columns (`depth_1`); the others are at their
            defaults.
        variant: a named variant of the family, whose settings become the defaults.
        seed: of the weights; None to draw them from PyTorch's own generator as it stands. With a
            seed that generator is left as it was.
        allow: modules of yours that the page may name blocks and models of.
        axes: further settings, by name.

    Returns:
        The network in training mode, on the CPU.

    Raises:
        DseError: for an unknown family, variant or axis, a value of the wrong type, or settings at
            which there is no network.

    >>> import dse
    >>> network = dse.build("mobilenet_v2", width=0.5, resolution=160, seed=0)
    >>> sum(parameter.numel() for parameter in network.parameters())
    1968680
    """
    page = _read(family, tuple(allow))
    if variant is not None:
        page = page.variant(variant)
    return build_seeded(_candidate(page, {**(settings or {}), **axes}), seed)


def build_seeded(candidate: Candidate, seed: int | None) -> nn.Module:
    """Build a candidate's network with weights drawn from a seed, or as PyTorch stands if None."""
    if seed is None:
        return build_network(candidate)
    with torch.random.fork_rng(devices=[]):
        try:
            torch.manual_seed(seed)
        except ValueError as error:
            raise DseError(f"seed: {seed} is none that PyTorch takes") from error
        return build_network(candidate)


def _read(family: str | Path | Mapping[str, Any], allow: tuple[str, ...]) -> Family:
    if isinstance(family, Mapping):
        return read_family("page", family, "page", allow)
    is_file = isinstance(family, Path) or family.endswith((".yaml", ".yml"))
    return load_family(Path(family) if is_file else find_page(str(family), None), allow)


def _candidate(family: Family, chosen: Mapping[str, Value]) -> Candidate:
    grid = read_grid(family, chosen, "settings")
    if grid.size != 1:
        raise DseError(f"the settings of one network have one value each, not {grid.size} points")
    return family.resolve(next(iter(grid)))
