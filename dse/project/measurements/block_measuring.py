"""Timing the blocks of a space on this machine, so that `latency` is a cost of its networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from scipy.stats import spearmanr
from sqlalchemy import Engine
from torch import Tensor, device, nn

from dse.checked_numbers import checked_seed
from dse.costs import INTEGER_DTYPES, Costs, give_cost
from dse.counting import TensorSpec, dtype_of, is_floating_point, real_tensor
from dse.devices import Calibration, Timer, block_digest, calibrated, median
from dse.errors import DseError
from dse.html_tables import fact, facts_of, html_facts, html_panel
from dse.project.design_spaces import (
    Space,
    declaration_of,
    design_of_blocks,
    recall,
    recorded_space,
)
from dse.project.measurements.block_imports import OF_BLOCKS
from dse.project.run_recording import NotedProgress, recorded_run
from dse.project.told_progress import Progress, silent
from dse.space import (
    BlockSpace,
    Budget,
    Candidate,
    CostedPoint,
    NamedInput,
    block_uses,
    build_network,
    draw,
    dtype_of_block,
    feasible_number,
    network_inputs,
)
from dse.store import BlockNumberTable, read_block_numbers, write_block_numbers

ALONE = "latency_alone"
"""What blocks take that run alone, of which `latency` follows by a calibration."""

_TOGETHER = 256
"""Blocks at most that are gone through in the same rounds, and stored together."""

_WEIGHTS = 2**29
"""Bytes of their weights."""

_SOURCE = "dse measure"


@dataclass(frozen=True)
class Measuring:
    """What is timed, and how."""

    space: Space
    timer: Timer = field(default_factory=Timer)
    networks: int = 24
    """Whole networks that are timed: one half to calibrate by, the other to tell the error."""
    seed: int = 0
    """Of the networks that are drawn."""
    again: bool = False
    """Whether blocks are timed that the store knows the time of."""


@dataclass(frozen=True)
class TimedNetwork:
    """A whole network beside the sums of its blocks, in nanoseconds."""

    point: CostedPoint
    whole: int
    alone: int
    """Of its blocks that run alone."""
    latency: int
    """Of its blocks by the calibration."""
    is_calibrated_by: bool


@dataclass(frozen=True)
class Measured:
    """What came of timing the blocks of a space."""

    run: int
    blocks: int
    timed: int
    """Of the blocks, those that were not known before."""
    calibration: Calibration | None
    """None where all blocks were known, with the times that stand."""
    networks: tuple[TimedNetwork, ...]
    """Whole networks that were timed in the same rounds."""

    def _repr_html_(self) -> str:
        checks = {"networks": fact(len(self.networks))}
        if self.checked:
            checks |= {"error": f"{self.error:.1%}", "correlation": fact(self.correlation)}
        return html_panel("Measured", html_facts({**facts_of(self), **checks}))

    @property
    def raw(self) -> float:
        """What the sum of blocks alone is of whole networks, on average."""
        return fmean(each.alone / each.whole for each in self.networks)

    @property
    def checked(self) -> tuple[TimedNetwork, ...]:
        """The networks that were not calibrated by."""
        return tuple(each for each in self.networks if not each.is_calibrated_by)

    @property
    def error(self) -> float:
        """Of those: the mean of `|latency / whole - 1|`."""
        return fmean(abs(each.latency / each.whole - 1) for each in self.checked)

    @property
    def correlation(self) -> float:
        """Of their ranks, as Spearman has it."""
        whole = [each.whole for each in self.checked]
        return float(spearmanr([each.latency for each in self.checked], whole).statistic)


def measure(
    wanted: Measuring,
    url: str,
    command: str,
    progress: Progress = silent,
    begun: Callable[[], None] = lambda: None,
) -> Measured:
    """Time each distinct block of a space once, and some whole networks, and store the times.

    What is timed is stored as it goes: the same command again goes on from there.

    Raises:
        DseError: for a space of callables, integers, fewer than two networks, or a negative seed.
    """
    give_cost(ALONE, unit="time", meaning="Nanoseconds of blocks that run alone, summed.")
    design = design_of_blocks(wanted.space, OF_BLOCKS)
    checked_seed(wanted.seed)
    if wanted.networks < 2:
        raise DseError(f"networks: {wanted.networks} are too few to calibrate by")
    recall(design, url)
    _require_timed(design)
    blocks = _blocks(design)
    begun()
    with recorded_run(url, command, recorded_space(wanted.space), design) as (engine, run):
        name = design.conditions.device
        alone, latency = ({} if wanted.again else _known(engine, c, name) for c in _COSTS)
        left = {digest: block for digest, block in blocks.items() if digest not in alone}
        noted = NotedProgress(engine, run, len(left) + wanted.networks, progress)
        timed = _Networks(design, wanted)
        for some in _groups(design, left):
            modules = [_module(design, block, wanted.timer) for block in some.values()]
            times = wanted.timer.times([*modules, *timed.modules])
            timed.add(times[len(some) :])
            found = {d: median(runs) for d, runs in zip(some, times[: len(some)], strict=True)}
            alone |= found
            _store(engine, run, ALONE, found, name)
            noted.advance(len(some))
        if not left:
            timed.add(wanted.timer.times(timed.modules))
        noted.advance(wanted.networks)
        calibration = None
        if left or not blocks.keys() <= latency.keys():
            calibration = timed.calibration(alone)
            latency = {digest: calibration.of(alone[digest]) for digest in blocks}
            _store(engine, run, "latency", latency, name)
    networks = timed.beside(alone, latency, calibration is not None)
    return Measured(run, len(blocks), len(left), calibration, networks)


_COSTS = (ALONE, "latency")


def _blocks(design: BlockSpace) -> dict[int, Candidate]:
    """Return the distinct blocks of a space by digest, each as a network of one block."""
    dtype = design.conditions.dtype
    return {
        block_digest(use.block, use.input, dtype): Candidate(
            design.grid.family.name,
            {},
            tuple(use.input.shape[1:]),
            (use.block,),
            given_input=_of_integers(use.input),
        )
        for use in block_uses(design.graph)
    }


def _of_integers(spec: TensorSpec) -> NamedInput | None:
    """Return an input of whole numbers, such as ids of tokens; None for any other."""
    if is_floating_point(spec.dtype) or spec.dtype in INTEGER_DTYPES:
        return None
    return NamedInput("input", tuple(spec.shape[1:]), spec.dtype)


def _refuse_integers(dtype: str) -> None:
    if dtype in INTEGER_DTYPES:
        raise DseError(
            f"measure: PyTorch runs no networks of {dtype}; time an export of the blocks"
        )


def _require_timed(design: BlockSpace) -> None:
    """Refuse dtypes that PyTorch does not run networks in, or not together."""
    _refuse_integers(design.conditions.dtype)
    own = {dtype_of_block(use.block) for use in block_uses(design.graph)} - {None}
    for dtype in sorted(filter(None, own)):
        _refuse_integers(dtype)
    if own - {design.conditions.dtype}:
        raise DseError("measure: PyTorch runs no networks of blocks with dtypes of their own")


def _groups(design: BlockSpace, blocks: Mapping[int, Candidate]) -> Iterator[dict[int, Candidate]]:
    """Yield blocks in groups, of which the modules are in memory at once."""
    group: dict[int, Candidate] = {}
    held = 0
    for digest, block in blocks.items():
        costs = design.blocks.cost(block)
        nbytes = costs.weight_memory if isinstance(costs, Costs) else 0
        if group and (len(group) == _TOGETHER or held + nbytes > _WEIGHTS):
            yield group
            group, held = {}, 0
        group[digest] = block
        held += nbytes
    if group:
        yield group


def _known(engine: Engine, cost: str, device: str) -> dict[int, int]:
    tables = read_block_numbers(engine, device)
    return {d: n for table in tables if table.cost.name == cost for d, n in table.numbers.items()}


def _store(engine: Engine, run: int, name: str, times: dict[int, int], device: str) -> None:
    table = BlockNumberTable(declaration_of(name), times)
    write_block_numbers(engine, run, table, device, _SOURCE)


def _module(design: BlockSpace, block: Candidate, timer: Timer) -> tuple[nn.Module, Tensor]:
    """Return a network, or a block as one, with an input, where they are timed."""
    dtype = dtype_of(design.conditions)
    network = build_network(block, design.blocks).eval().to(timer.place, dtype)
    (given,), _ = network_inputs(block, design.conditions.batch)
    return network, real_tensor(device(timer.place))(given, dtype)


class _Networks:
    """Whole networks of a space, drawn uniformly, that are timed beside its blocks."""

    def __init__(self, design: BlockSpace, wanted: Measuring) -> None:
        number = min(wanted.networks, feasible_number(design, Budget()).most)
        drawn = draw(design, Budget(), number, wanted.seed).choices.tolist()
        self._points = [design.point(design.grid.settings(choices)) for choices in drawn]
        networks = [point.candidate for point in self._points if point.candidate is not None]
        self.modules = [_module(design, each, wanted.timer) for each in networks]
        dtype = design.conditions.dtype
        self._chains = [
            [
                block_digest(block, spec, dtype)
                for block, spec, _ in design.blocks.chain(each)
                if isinstance(spec, TensorSpec)
            ]
            for each in networks
        ]
        self._runs: list[list[int]] = [[] for _ in networks]

    def add(self, times: Sequence[Sequence[int]]) -> None:
        """Take further runs of each."""
        for runs, more in zip(self._runs, times, strict=True):
            runs += more

    @property
    def _whole(self) -> list[int]:
        return [median(runs) for runs in self._runs]

    @property
    def _half(self) -> int:
        # Of two networks there are none to check by but those themselves.
        return (len(self._runs) + 1) // 2 if len(self._runs) > 2 else 0

    def _sums(self, times: Mapping[int, int]) -> list[int]:
        return [sum(times[digest] for digest in chain) for chain in self._chains]

    def calibration(self, alone: Mapping[int, int]) -> Calibration:
        """Return what makes sums of blocks meet the first half of the networks."""
        first = slice(self._half or None)
        blocks = [len(chain) for chain in self._chains]
        return calibrated(self._sums(alone)[first], blocks[first], self._whole[first])

    def beside(
        self, alone: Mapping[int, int], latency: Mapping[int, int], is_calibrated: bool
    ) -> tuple[TimedNetwork, ...]:
        """Return each network beside the sums of its blocks.

        Args:
            alone: of blocks that run alone.
            latency: of blocks.
            is_calibrated: by the first half of these networks.
        """
        columns = (self._points, self._whole, self._sums(alone), self._sums(latency))
        return tuple(
            TimedNetwork(*row, is_calibrated_by=is_calibrated and number < self._half)
            for number, row in enumerate(zip(*columns, strict=True))
        )
