"""A family with the values of its axes, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dse.checked_numbers import check_counts, checked_seed
from dse.cost_formulas import is_sum_over_blocks
from dse.costs import COSTS, Conditions, Costs
from dse.devices import DevicePage, numbers_of_blocks, read_device
from dse.errors import DseError, nearest
from dse.html_tables import fact, html_facts, html_panel
from dse.project.config_groups import cost_page
from dse.project.design_spaces.grid_texts import count_of, describe_grid
from dse.project.design_spaces.numbered_blocks import declare_numbers, stored_tables
from dse.project.design_spaces.question_checks import (
    Bounds,
    bounds,
    bounds_by_cost,
    check_draws,
    checked_costs,
    refuse_strata,
)
from dse.project.frames import frame_of
from dse.space import (
    CLOSED_COSTS,
    BlockSpace,
    BlockTable,
    Budget,
    CallableSpace,
    CostedPoint,
    End,
    NetworkCount,
    Overview,
    draw,
    draw_settings,
    ends_of,
    histogram,
    import_own,
    overview,
    read_family,
    read_grid,
    require_buildable,
    require_numbers,
    space_of,
    too_few,
)

if TYPE_CHECKING:
    import polars

    from dse.space import Checks

OF_BLOCKS = "keep=pareto, limit and sample are for families of blocks, not of callables"


@dataclass(frozen=True)
class Space:
    """A design space: what a family's page and a grid say, under the conditions of costs.

    Two spaces are equal where they say the same.
    """

    family: str
    """The name of the family."""
    page: Mapping[str, Any] = field(repr=False)
    """What stands on the page of the family."""
    grid: Mapping[str, Any] = field(default_factory=dict)
    """The values that axes may take, as on a page of `conf/grid/`; others stay at their default."""
    conditions: Conditions = field(default_factory=Conditions)
    """What costs depend on besides the architecture: batch, dtype, precision and the others."""
    variant: str | None = None
    """A named variant of the family, whose settings become the defaults."""
    allow: tuple[str, ...] = ()
    """Modules of the user's own that the page may name."""
    source: str = field(default="", compare=False, repr=False)
    """Where the page came from, for messages."""
    device: Mapping[str, Any] = field(default_factory=dict)
    """What stands on the page of the device that `conditions` name."""
    store: str | None = field(default=None, compare=False)
    """The store whose tables give blocks numbers."""

    def __post_init__(self) -> None:
        """Declare the costs of what is allowed and of tables: budgets name them before all else."""
        import_own(self.allow)
        declare_numbers(self.store)

    @cached_property
    def design(self) -> BlockSpace | CallableSpace:
        """What `dse.space` makes of it: the points, the blocks and the graph of its networks.

        Raises:
            DseError: for anything in the family or the grid that does not hold.
        """
        source = self.source or f"family {self.family}"
        family = read_family(self.family, self.page, source, self.allow)
        if self.variant is not None:
            family = family.variant(self.variant)
        tables = stored_tables(self.store, self.conditions.device)
        numbers = numbers_of_blocks(self.device_page, self.conditions, tables)
        return space_of(read_grid(family, self.grid), BlockTable(self.conditions, numbers))

    @cached_property
    def device_page(self) -> DevicePage | None:
        """The device that costs are for; None for none in particular."""
        return read_device(self.conditions.device, self.device) if self.device else None

    def with_store(self, store: str) -> Space:
        """Return the space with the numbers that blocks have in a store, if it is of none."""
        return replace(self, store=store) if self.store is None else self

    def bounds_on(self, budget: Bounds) -> dict[str, Any]:
        """Return bounds by cost, with those that follow from what the device holds.

        A bound on the same cost goes before the device's, and null takes that away.
        """
        held = {} if self.device_page is None else self.device_page.budget
        return {**held, **bounds_by_cost(budget)}

    @property
    def size(self) -> int:
        """Points of the grid."""
        return self.design.grid.size

    @property
    def networks(self) -> int:
        """Distinct networks that can be built."""
        return self._overview.networks

    @cached_property
    def _overview(self) -> Overview:
        return self.overview()

    def overview(self, budget: Bounds = None, seed: int = 0) -> Overview:
        """Return the space in numbers; nothing but blocks is traced, however large it is.

        Args:
            budget: which networks are feasible.
            seed: of the draws behind quantiles and estimates.

        Raises:
            DseError: for a budget that does not hold, or where no candidate can be built.
        """
        bounded = bounds(budget)
        require_numbers(self.design, bounded.costs)
        return overview(self.design, bounded, checked_seed(seed))

    def extremes(self, cost: str) -> tuple[End, End]:
        """Return the least and the greatest value of a cost, each with a candidate that has it.

        Raises:
            DseError: for an unknown cost, or one that no network of the space has.
        """
        if cost not in COSTS:
            raise DseError(f"extremes: unknown cost {cost!r}; {nearest(cost, COSTS)}")
        require_buildable(self.design)
        require_numbers(self.design, [cost])
        found = ends_of(self.design, cost)
        if found is None:
            raise DseError(f"extremes: no network of {self.family} has {cost}")
        return found

    def fits(self, budget: Bounds, seed: int = 0) -> NetworkCount:
        """Return how many distinct networks a budget admits, exactly where they can be listed.

        Raises:
            DseError: as for `overview`.
        """
        return self.overview(budget, seed).feasible

    def sample(
        self,
        number: int,
        budget: Bounds = None,
        seed: int = 0,
        stratify: str | None = None,
        strata: int = 10,
        costs: Iterable[str] | None = None,
    ) -> polars.DataFrame:
        """Return distinct networks, drawn uniformly from all that a budget admits, with costs.

        Of stages that are generated from more settings than are listed, the settings are drawn
        uniformly: a network is as likely as it has settings.

        Args:
            number: how many.
            budget: bounds on costs.
            seed: of the draws.
            stratify: a cost; equally many are drawn from each of `strata` ranges of it.
            strata: how many ranges.
            costs: those to return; all by default. Where the blocks of generated stages have
                closed forms of these and of what the budget is about, nothing is traced.

        Raises:
            DseError: where the budget admits fewer, and for a family of callables.
        """
        check_draws(number, stratify, strata, seed)
        wanted = None if costs is None else checked_costs(costs)
        design = design_of_blocks(self, OF_BLOCKS)
        if design.is_drawn_from:
            refuse_strata(stratify)
            return _drawn_settings(design, bounds(budget), number, seed, wanted)
        require_numbers(design, bounds(budget).costs)
        drawn = draw(design, bounds(budget), number, seed, stratify, strata)
        grid = self.design.grid
        points = (self.design.point(grid.settings(choices)) for choices in drawn.choices.tolist())
        return frame_of([_row(point, wanted) for point in points])

    def histogram(self, cost: str, bars: int = 12) -> polars.DataFrame:
        """Return how many networks have how much of a cost, with bounds that hold for certain.

        Args:
            cost: one that is a sum over blocks.
            bars: ranges of equal width.

        Raises:
            DseError: for another cost, and for a family of callables.
        """
        design = summable(cost, self)
        check_counts({"bars": bars})
        require_numbers(design, [cost])
        return frame_of([asdict(bar) for bar in histogram(design.graph_of([cost]), cost, bars)])

    def check(self) -> Checks:
        """Build the defaults, each variant and the extremes, and compare costs with a trace.

        Raises:
            DseError: for a network that cannot be built or run, or whose costs disagree; of
                several, each with the line of the page.
        """
        # It builds networks, which needs PyTorch.
        from dse.space import check_family

        return check_family(self.design.grid.family, self.design.grid)

    def __str__(self) -> str:
        return describe_grid(self.design)

    def _repr_html_(self) -> str:
        """Return what the space says; only what was asked before is counted."""
        grid = {f"grid.{axis}": fact(values) for axis, values in self.grid.items()}
        try:
            size = f"{count_of(self.size)} points"
        except DseError as error:
            size = str(error)
        if "_overview" in vars(self):
            size += f", {count_of(self.networks)} networks"
        facts = {"variant": self.variant or "", **grid, "size": size}
        stated = {f"cost.{name}": fact(value) for name, value in self.conditions.stated.items()}
        return html_panel(f"Space of {self.family}", html_facts(facts | stated))


def _row(point: CostedPoint, wanted: Sequence[str] | None) -> dict[str, Any]:
    costs = point.costs.as_dict() if isinstance(point.costs, Costs) else {}
    kept = costs if wanted is None else {name: costs.get(name) for name in wanted}
    return {"key": point.key, **point.settings, **kept}


def _drawn_settings(
    design: BlockSpace, budget: Budget, number: int, seed: int, wanted: Sequence[str] | None
) -> polars.DataFrame:
    is_traced = wanted is None or not {*wanted} <= {*CLOSED_COSTS}
    drawn = draw_settings(design, budget, number, seed, is_traced=is_traced)
    if len(drawn) < number:
        raise too_few(drawn, number, budget)
    rows = []
    for settings, sums in zip(drawn.space.grid, drawn.sums, strict=True):
        if is_traced or not sums:
            rows.append(_row(design.point(settings), wanted))
            continue
        key = design.grid.family.resolve(settings).key
        rows.append({"key": key, **settings, **{name: sums[name] for name in wanted or ()}})
    return frame_of(rows)


def space_in(store: str, space: Space) -> Space:
    """Return a space with the numbers that blocks have in a store, if it is of none.

    Raises:
        DseError: for what is no space, such as the name of a family.
    """
    if not isinstance(space, Space):
        raise DseError(f"space: expected what dse.design_space returns, not {space!r}")
    return space.with_store(store)


def is_drawn_from(space: Space) -> bool:
    """Return whether only draws of settings are known of a space, as it cannot be listed."""
    return isinstance(space.design, BlockSpace) and space.design.is_drawn_from


def summable(cost: str, space: Space) -> BlockSpace:
    """Return the design of a space of which there is a histogram of a cost; nothing is traced.

    Raises:
        DseError: for a cost that is no sum over blocks, and for a family of callables.
    """
    sums = [name for name in COSTS if is_sum_over_blocks(name)]
    if not is_sum_over_blocks(cost):
        known = f"{cost} is no sum over blocks" if cost in COSTS else f"unknown cost {cost!r}"
        raise DseError(f"histogram: {known}; {nearest(cost, sums)}")
    return design_of_blocks(space, "histogram: the networks of a callable are no sums over blocks")


def design_of_blocks(space: Space, refusal: str) -> BlockSpace:
    """Return the design of a space whose networks are chains of blocks.

    Raises:
        DseError: with `refusal`, where they are models of a callable.
    """
    if isinstance(space.design, CallableSpace):
        raise DseError(refusal)
    return space.design


def recorded_space(space: Space) -> dict[str, Any]:
    """Return what a store keeps of a space, as plain values."""
    return {
        "family": dict(space.page),
        "grid": dict(space.grid),
        "cost": cost_page(space.conditions),
        "device": dict(space.device),
        "variant": space.variant,
        "allow": list(space.allow),
        "choices": {"family": space.family, "device": space.conditions.device or "none"},
    }
