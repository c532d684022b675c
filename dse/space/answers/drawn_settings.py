"""Draws of settings by rejection, for spaces whose networks cannot be listed beforehand.

Settings are drawn uniformly, their stages generated, and what a budget does not admit is passed
over; closed forms spare the trace of most of that. So each setting that fits is as likely as any
other, and a network is as likely as it has settings. Of settings that build the same network the
first one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy

from dse.costs import Costs
from dse.errors import DseError
from dse.limits import limit, variable_of
from dse.space.budget import Budget
from dse.space.costing import Invalid, Screen, Screened
from dse.space.design_space import BlockSpace
from dse.space.pages import Dimension, Grid, LineRuns, ListedPoints, Settings, coded
from dse.space.tables import Integers

_BATCH = 4096
"""Settings that are drawn at once."""

Tell = Callable[[int, int], None]
"""Told how many of how many are found."""


@dataclass(frozen=True)
class DrawnSettings:
    """Settings that were drawn, each of a network of its own."""

    space: BlockSpace
    """The space of these settings alone; its one dimension has them in the order of the draws."""
    sums: tuple[Mapping[str, int], ...]
    """Of each, the costs that closed forms tell; empty where a block has none."""
    tried: int
    """Settings that were drawn in all."""
    repeats: int
    """Settings that fit and build a network that was drawn before."""

    def __len__(self) -> int:
        """Number of networks."""
        return len(self.sums)

    @property
    def choices(self) -> Integers:
        """All settings, as choices of the dimension of `space`: of shape (networks, 1)."""
        return numpy.arange(len(self), dtype=numpy.int64)[:, None]

    @property
    def rate(self) -> float:
        """The share of the settings that fit, among those that were drawn."""
        return (len(self) + self.repeats) / max(self.tried, 1)


def draw_settings(
    space: BlockSpace,
    budget: Budget,
    number: int,
    seed: int,
    tell: Tell = lambda found, wanted: None,
    is_traced: bool = True,
) -> DrawnSettings:
    """Draw settings uniformly from all that a budget admits, until they build enough networks.

    Args:
        space: of a family of blocks.
        budget: bounds on any costs.
        number: of distinct networks.
        seed: of the draws.
        tell: told how many networks of how many are found, some times a second at least.
        is_traced: whether each network that is drawn is traced, as it always is where closed forms
            do not tell all that the budget is about.

    Returns:
        Fewer where no more were found among as many settings as are tried at most.
    """
    family = space.grid.family
    runs, screen = LineRuns(family), Screen(budget, space.conditions.batch)
    rows: dict[int, Settings] = {}
    sums: list[Mapping[str, int]] = []
    tried = repeats = 0
    tell(0, number)
    for settings in _settings(space.grid, seed):
        if len(rows) >= number or tried >= limit("tried_settings"):
            break
        tried += 1
        if tried % 256 == 0:
            tell(len(rows), number)
        told = _screened(screen, runs, settings)
        if told.is_beyond or space.grid.excluded_by(settings) is not None:
            continue
        candidate = space.resolved(settings)
        if isinstance(candidate, Invalid):
            continue
        if candidate.key in rows:
            repeats += 1
            continue
        if is_traced or not screen.tells_all or told.sums is None:
            costs = space.cost(candidate)
            if not isinstance(costs, Costs) or not budget.admits(costs):
                continue
            _check(told, costs, settings)
        rows[candidate.key] = settings
        sums.append(told.sums or {})
        tell(len(rows), number)
    listed = _listed(space, tuple(rows.values()))
    return DrawnSettings(listed, tuple(sums), tried, repeats)


def too_few(drawn: DrawnSettings, number: int, budget: Budget) -> DseError:
    """Return the error of a draw that found fewer than were asked for."""
    return DseError(
        f"sample: only {len(drawn):,} of {number:,} candidates were found in {drawn.tried:,} "
        f"settings ({variable_of('tried_settings')}), of which {drawn.rate:.3g} meet {budget}"
    )


def _settings(grid: Grid, seed: int) -> Iterator[Settings]:
    """Yield full settings that are drawn uniformly from a grid, without end."""
    random = numpy.random.default_rng(seed)
    while True:
        drawn = random.integers(0, grid.sizes, size=(_BATCH, len(grid.sizes)))
        yield from map(grid.settings, drawn.tolist())


def _screened(screen: Screen, runs: LineRuns, settings: Settings) -> Screened:
    try:
        return screen.screened(*runs.of(settings))
    except DseError:
        return Screened(True)


def _check(told: Screened, costs: Costs, settings: Settings) -> None:
    """Make sure that a trace has what closed forms told."""
    for name, value in (told.sums or {}).items():
        assert costs[name] == value, f"{name} is {costs[name]}, not {value}, at {settings}"


def _listed(space: BlockSpace, rows: tuple[Settings, ...]) -> BlockSpace:
    """Return the space of some settings, with what is known of blocks."""
    dimensions = space.grid.dimensions
    columns = [column for each in dimensions for column in each.choices[0]]
    ordered = {column: said for each in dimensions for column, said in each.ordered.items()}
    points = ListedPoints({column: coded(row[column] for row in rows) for column in columns})
    grid = Grid(space.grid.family, (Dimension("drawn", points, ordered),))
    return BlockSpace(grid, space.blocks)
