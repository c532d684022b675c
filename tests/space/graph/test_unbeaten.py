"""Ways that nothing beats are the same however many are compared at once."""

from itertools import product

import numpy
import pytest

from dse.space.graph import extremes
from dse.space.graph.extremes import first_lowest, unbeaten

WAYS = [rows for n in (1, 2, 3, 4) for rows in product(product((0, 1), repeat=2), repeat=n)]
PIECES = [[2, 1, 1], [0], [3, 3], [1, 2, 0, 0]]


def by_definition(rows):
    def beats(one, other):
        if rows[one] == rows[other]:
            return one < other
        return all(a <= b for a, b in zip(rows[one], rows[other], strict=True))

    every = range(len(rows))
    return [each for each in every if not any(beats(o, each) for o in every if o != each)]


@pytest.mark.parametrize("few", [0, 64], ids=["many", "few"])
def test_a_way_is_kept_that_no_other_beats(few, monkeypatch):
    monkeypatch.setattr(extremes, "_FEW", few)
    for rows in WAYS:
        assert sorted(unbeaten(numpy.array(rows)).tolist()) == by_definition(rows)


def test_the_first_of_the_lowest_is_found_in_each_piece():
    values = numpy.array([each for piece in PIECES for each in piece])
    starts = numpy.cumsum([0, *map(len, PIECES)])[:-1].tolist()
    wanted = [start + piece.index(min(piece)) for start, piece in zip(starts, PIECES, strict=True)]
    assert first_lowest(values, starts).tolist() == wanted
