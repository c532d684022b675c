"""Parts are a monoid: however a chain is bracketed, and whether as numbers or as arrays."""

from functools import reduce

import numpy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dse.counting.tensors.specs_of_tensors import spec_of
from dse.space.costing.block_step import BlockStep
from dse.space.costing.part_algebra import (
    STEP_FIELDS,
    all_fields,
    beside,
    fold,
    nothing,
    nothings,
    then,
)
from dse.space.costing.placing import StepEntering, placed_step

NBYTES = st.integers(0, 9)
SPEC = spec_of(torch.empty(1))


def flags(number):
    return st.tuples(*[st.booleans()] * number)


@st.composite
def views(draw, entering):
    """Which tensor that enters each tensor that leaves is a view of: none of two, and not alone."""
    number = draw(st.integers(1, 3))
    sources = draw(st.permutations([*range(entering), *[None] * number]))
    several = entering > 1 and number == 1
    return (None,) if several else tuple(sources[:number])


@st.composite
def steps(draw, entering=1):
    """A training step of some block that so many tensors enter."""
    sources = draw(views(entering))
    made = [source is None for source in sources]
    keeps, saves = draw(flags(len(made))), draw(flags(len(made)))
    return BlockStep(
        weight_bytes=draw(NBYTES),
        state_bytes=draw(NBYTES),
        forward_peak=draw(NBYTES),
        kept_bytes=draw(NBYTES),
        cached_bytes=draw(NBYTES),
        keeps_input=draw(flags(entering)),
        keeps_output=tuple(a and b for a, b in zip(made, keeps, strict=True)),
        saved_bytes=draw(NBYTES),
        saves_input=draw(flags(entering)),
        saves_output=tuple(a and b for a, b in zip(made, saves, strict=True)),
        backward_peaks=draw(st.tuples(*[NBYTES] * 2 ** (entering + 1))),
        gradient_bytes=draw(NBYTES),
        optimizer_peak=draw(NBYTES),
        optimizer_first=draw(NBYTES),
        optimizer_left=draw(NBYTES),
        output=SPEC,
        output_bytes=draw(st.tuples(*[NBYTES] * len(made))),
        views=sources,
        has_gradient=draw(flags(len(made))),
        is_updated=draw(st.booleans()),
        input_gradient=None,
    )


@st.composite
def chains(draw):
    """Parts of a chain of blocks, each at its place."""
    entering = StepEntering((draw(NBYTES),), draw(flags(1)), (False,))
    parts = []
    for _ in range(draw(st.integers(1, 6))):
        part, entering = placed_step(draw(steps(len(entering.nbytes))), entering)
        parts.append(part)
    return parts


def from_the_end(parts):
    return reduce(lambda behind, part: then(part, behind), reversed(parts[:-1]), parts[-1])


@given(chains())
@settings(max_examples=150, deadline=None)
def test_any_bracketing_is_the_same(parts):
    whole = fold(parts[1:], parts[0])
    assert from_the_end(parts) == whole
    middle = len(parts) // 2
    if middle:
        halves = (fold(parts[1:middle], parts[0]), fold(parts[middle + 1 :], parts[middle]))
        assert then(*halves) == whole


@given(chains())
@settings(max_examples=50, deadline=None)
def test_nothing_changes_nothing(parts):
    for part in parts:
        for with_nothing in (then(nothing(STEP_FIELDS), part), then(part, nothing(STEP_FIELDS))):
            peaks = {name for name in part if part[name] < 0}
            assert {n: v for n, v in with_nothing.items() if n not in peaks} == {
                n: v for n, v in part.items() if n not in peaks
            }
            assert all(with_nothing[name] < -(2**60) for name in peaks)


@given(st.lists(chains(), min_size=2, max_size=5))
@settings(max_examples=30, deadline=None)
def test_arrays_compose_as_numbers_do(several):
    length = min(map(len, several))
    columns = [
        {name: numpy.array([chain[at][name] for chain in several]) for name in STEP_FIELDS}
        for at in range(length)
    ]
    whole = fold(columns, nothings(STEP_FIELDS, len(several)))
    for row, chain in enumerate(several):
        alone = fold(chain[:length], nothing(STEP_FIELDS))
        for name in STEP_FIELDS:
            found = int(whole[name][row])
            assert found == alone[name] or max(found, alone[name]) < -(2**60)


def test_beside_what_is_alive_peaks_rise_and_nothing_else():
    part = dict.fromkeys(all_fields(), 3)
    risen = {name: value for name, value in beside(part, 10, 100).items() if value != 3}
    assert risen == {
        **dict.fromkeys(("peak", "forward_peak"), 13),
        **dict.fromkeys(("backward_peak", "backward_peak_at_end"), 103),
    }
