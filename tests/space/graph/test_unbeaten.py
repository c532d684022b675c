"""Ways that nothing beats are the same however many are compared at once."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dse.space.graph import extremes
from dse.space.graph.extremes import first_lowest, unbeaten

ROWS = st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=12)


def by_definition(rows):
    def beats(one, other):
        if rows[one] == rows[other]:
            return one < other
        return all(a <= b for a, b in zip(rows[one], rows[other], strict=True))

    every = range(len(rows))
    return [each for each in every if not any(beats(o, each) for o in every if o != each)]


@pytest.mark.parametrize("few", [0, 64])
@given(rows=ROWS)
def test_a_way_is_kept_that_no_other_beats(few, rows):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extremes, "_FEW", few)
        assert sorted(unbeaten(numpy.array(rows)).tolist()) == by_definition(rows)


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4), min_size=1, max_size=5))
def test_the_first_of_the_lowest_is_found_in_each_piece(pieces):
    values = numpy.array([each for piece in pieces for each in piece])
    starts = numpy.cumsum([0, *map(len, pieces)])[:-1].tolist()
    wanted = [start + piece.index(min(piece)) for start, piece in zip(starts, pieces, strict=True)]
    assert first_lowest(values, starts).tolist() == wanted
