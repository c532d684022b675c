"""What each axis of a space changes in the weights of its candidates, and how that is shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from dse.errors import DseError, nearest
from dse.space import Candidate, Dimension, Family, Grid, Settings
from dse.supernet.layouts import Layout, own_sizes
from dse.supernet.supernet_plan import SupernetPlan

REASONS: Mapping[str, str] = {
    "group": "channels of a group of a convolution only mean something together",
    "places": "a linear layer reads each place of the map",
    "positions": "there is a row for each position of the image",
}
"""Why factors of a kind are not shared, where no page says so."""

MOST_COMPARED = 16
"""Values of an axis that are compared, of more at even distances."""

_Weights = dict[str, dict[tuple[str, str], Layout]]
"""By role, and by layer and parameter."""


@dataclass(frozen=True)
class AxisSharing:
    """How the values of an axis share weights."""

    axis: str
    values: int
    shared: str
    """In words: what is taken of how many tensors."""
    unshared: str
    """Why some are not; empty where all are."""
    tensors: int
    """Parameters of a candidate that the axis makes another size, takes away or brings."""


def explained(plan: SupernetPlan, grid: Grid, bases: Iterable[Settings]) -> list[AxisSharing]:
    """Return how each axis that has several values is shared.

    Args:
        plan: of the supernet.
        grid: of the space.
        bases: settings at which one axis after the other is changed.
    """
    several = [each for each in grid.dimensions if len(each.choices) > 1]
    bases = list(bases)
    return [_of_axis(plan, grid.family, dimension, bases) for dimension in several]


def unshared_axes(found: Iterable[AxisSharing], plan: SupernetPlan) -> dict[str, str]:
    """Return the axes whose weights are not all shared, each with the reason.

    Where tensors are not shared and no axis alone is why, all axes are told.
    """
    rows = list(found)
    axes = {each.axis: each.unshared for each in rows if each.unshared}
    left = plan.unshared()
    if left and not axes:
        name = next(iter(left))
        return {each.axis: f"{name} differs where several axes do" for each in rows}
    return axes


def check_branches(axes: Mapping[str, str], branches: Collection[str], family: Family) -> None:
    """Refuse axes that are not shared, unless each is asked to be trained as separate branches.

    Args:
        axes: that are not shared, with the reasons.
        branches: axes, or columns of such, that are asked for.
        family: of the axes.

    Raises:
        DseError: naming the axis and why; also for one that is asked for and is shared.
    """
    check_named(branches, family)
    asked, left = set(branches), set(branches)
    for axis, reason in axes.items():
        columns = axis.split(",")
        of_columns = {family.column_axes[c].name for c in columns if c in family.column_axes}
        left -= {axis, *columns, *of_columns}
        if asked.isdisjoint({axis, *columns, *of_columns}):
            name = sorted(of_columns)[0] if of_columns else axis
            raise DseError(
                f"supernet: {axis} cannot be shared: {reason}; supernet.branches=[{name}] trains "
                "weights for each of its values"
            )
    for name in sorted(left):
        raise DseError(f"supernet.branches: {name} can be shared, and is: name what cannot")


def check_named(branches: Iterable[str], family: Family) -> None:
    """Refuse branches that are no axes, nor columns of any.

    Raises:
        DseError: naming the nearest axis.
    """
    known = {*family.axes, *family.column_axes}
    for name in sorted({*branches} - known):
        raise DseError(f"supernet.branches: there is no axis {name!r}; {nearest(name, known)}")


def _of_axis(
    plan: SupernetPlan, family: Family, dimension: Dimension, bases: list[Settings]
) -> AxisSharing:
    told: Counter[str] = Counter()
    owned: dict[str, str] = {}
    most = 0
    for base in bases:
        # Where the last value cannot stand beside the others, that of the base does.
        first = _resolved(family, {**base, **dimension.choices[-1]}) or _resolved(family, base)
        for choice in _compared(dimension) if first is not None else ():
            other = _resolved(family, {**base, **choice})
            if first is not None and other is not None:
                changes, own = _changes(plan, family, first, other)
                told |= changes
                owned |= own
                most = max(most, sum(changes.values()))
    words = [_words(plan, kind, number) for kind, number in told.items()]
    shared = "; ".join(words) or "the same weights"
    if owned:
        name, reason = next(iter(owned.items()))
        return AxisSharing(
            dimension.name, len(dimension.choices), shared, f"{reason} ({name})", most
        )
    return AxisSharing(dimension.name, len(dimension.choices), shared, "", most)


def _compared(dimension: Dimension) -> list[Settings]:
    """Return choices of a dimension but for the last."""
    number = len(dimension.choices) - 1
    few = min(number, MOST_COMPARED)
    return [dimension.choices[index * number // few] for index in range(few)]


def _resolved(family: Family, settings: Settings) -> Candidate | None:
    try:
        return family.resolve(settings)
    except DseError:
        return None


def _changes(
    plan: SupernetPlan, family: Family, one: Candidate, other: Candidate
) -> tuple[Counter[str], dict[str, str]]:
    try:
        first, second = _weights(plan, family, one), _weights(plan, family, other)
    except DseError:
        return Counter(), {}
    told: Counter[str] = Counter()
    owned: dict[str, str] = {}
    places = [{role.rpartition(".")[0] for role in each} for each in (first, second)]
    for role in first.keys() ^ second.keys():
        kind = "choice" if role.rpartition(".")[0] in places[0] & places[1] else "depth"
        told[kind] += len(first.get(role, second.get(role, {})))
    for role in first.keys() & second.keys():
        a, b = first[role], second[role]
        told["layers"] += len(a.keys() ^ b.keys())
        for key in a.keys() & b.keys():
            if a[key] == b[key]:
                continue
            kinds = _differing(a[key], b[key])
            own = own_sizes(a[key], plan.factors) != own_sizes(b[key], plan.factors)
            for kind in kinds:
                told[kind] += 1
            if own:
                guilty = _owned_kinds(plan, a[key]) | _owned_kinds(plan, b[key])
                reasons = [REASONS[kind] for kind in sorted(guilty) if kind in REASONS]
                reason = reasons[0] if reasons else "the page says so"
                owned.setdefault(f"{role}: {key[0]}.{key[1]}", reason)
    return +told, owned


def _weights(plan: SupernetPlan, family: Family, candidate: Candidate) -> _Weights:
    found: _Weights = {}
    for placed in plan.placed(family, candidate):
        for part in placed.reading.parts:
            role = found.setdefault(f"{placed.role} {part.name}".rstrip(), {})
            for layer in part.layers:
                role |= {(f"{layer.path} {layer.token}", n): each for n, each in layer.layouts}
    return found


def _differing(one: Layout, other: Layout) -> set[str]:
    kinds = set()
    for some, more in zip(one, other, strict=True):
        if len(some) != len(more):
            kinds.add("channels")
        for first, second in zip(some, more, strict=False):
            kinds |= {a.kind for a, b in zip(first, second, strict=False) if a != b}
    return kinds


def _owned_kinds(plan: SupernetPlan, layout: Layout) -> set[str]:
    factors = (factor for extent in layout for part in extent for factor in part)
    return {each.kind for each in factors if plan.factors[each.kind] == "own"}


def _words(plan: SupernetPlan, kind: str, number: int) -> str:
    if kind == "depth":
        return f"first layers ({number} tensors fewer)"
    if kind == "choice":
        return f"weights of each choice by itself ({number} tensors)"
    if kind == "layers":
        return f"layers that only some have ({number} tensors)"
    rule = plan.factors[kind]
    what = {"kernel": "kernels", "group": "groups"}.get(kind, kind)
    if rule == "own":
        return f"a tensor for each size of {what} ({number})"
    return (
        f"{rule} {what} of {number} tensors"
        if rule == "leading"
        else f"{rule} of {what} ({number} tensors)"
    )
