"""Where the costs that blocks are given come from, under given conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dse.costs import BlockNumbers, Conditions
from dse.counting import KernelCall
from dse.devices.block_tables import BlockTables
from dse.devices.device_page import DevicePage
from dse.devices.roofline import Roofline
from dse.errors import DseError


@dataclass(frozen=True)
class _Several:
    """Numbers of costs from several sources, each of costs of its own."""

    sources: tuple[BlockNumbers, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for source in self.sources for name in source.names)

    @property
    def identity(self) -> str:
        return " ".join(source.identity for source in self.sources)

    @property
    def figures(self) -> str:
        return " ".join(filter(None, (source.figures for source in self.sources)))

    @property
    def tables(self) -> dict[str, Mapping[int, int]]:
        return {name: each for source in self.sources for name, each in source.tables.items()}

    def of(self, block: Any, input: Any, costs: Any) -> dict[str, int]:
        found = (source.of(block, input, costs).items() for source in self.sources)
        return {name: number for items in found for name, number in items}

    def of_kernels(self, kernels: Iterable[KernelCall]) -> dict[str, int]:
        listed = list(kernels)
        found = (source.of_kernels(listed).items() for source in self.sources)
        return {name: number for items in found for name, number in items}

    def of_model(self, model: Any, inputs: Any, kwargs: Mapping[str, Any] | None) -> dict[str, int]:
        found = (source.of_model(model, inputs, kwargs).items() for source in self.sources)
        return {name: number for items in found for name, number in items}


def numbers_of_blocks(
    page: DevicePage | None, conditions: Conditions, tables: Mapping[str, Mapping[int, int]]
) -> BlockNumbers | None:
    """Return where blocks have numbers from; None where nothing gives any.

    Args:
        page: of the device that is named, if one is.
        conditions: `latency` says where that comes from, `runtime` under what there are `sram` and
            `flash`; there is neither under `eager`.
        tables: of numbers by cost that were measured on the device, or are of no device.

    Raises:
        DseError: where latency is to come from what there is not.
    """
    if conditions.tensor_parallel > 1:
        if conditions.latency_from != "auto":
            raise DseError(
                f"cost.latency={conditions.latency_from}: no times are known of layers that "
                "several devices share, whose collectives take time; leave out shards.tensor"
            )
        tables = {name: table for name, table in tables.items() if name != "latency"}
        page = None
    deployed: list[BlockNumbers] = []
    if conditions.runtime != "eager":
        # It builds modules, which needs PyTorch.
        from dse.devices.deployed_blocks import DeployedBlocks

        deployed.append(DeployedBlocks(conditions.runtime, conditions.dtype))
    timed = {name: table for name, table in tables.items() if name != "latency"}
    name = conditions.device or "this device"
    if conditions.latency_from == "table" and "latency" not in tables:
        raise DseError(
            f"cost.latency=table: the store has no latency of blocks on {name}; measure it by "
            "`dse measure`, or take a table in by `dse import-blocks`"
        )
    if "latency" in tables and conditions.latency_from != "roofline":
        return _together([*deployed, BlockTables(tables, conditions.dtype)])
    sources = [*deployed, *([BlockTables(timed, conditions.dtype)] if timed else [])]
    if conditions.latency_from == "roofline" and page is None:
        raise DseError("cost.latency=roofline: no device is named, as in device=h100_sxm")
    if page is not None and (
        conditions.latency_from == "roofline" or conditions.dtype in page.peak
    ):
        sources.append(Roofline(page, conditions.dtype))
    return _together(sources)


def _together(sources: Sequence[BlockNumbers]) -> BlockNumbers | None:
    if len(sources) == 1:
        return sources[0]
    return _Several(tuple(sources)) if sources else None
