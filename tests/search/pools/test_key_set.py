import numpy
from hypothesis import given
from hypothesis import strategies as st

from dse.search.pools.key_set import KeySet

KEYS = st.lists(st.integers(0, 30), max_size=20)


@given(KEYS, st.lists(KEYS, max_size=8))
def test_it_behaves_as_a_set(held, pieces):
    keys, expected = KeySet(numpy.array(held, dtype=numpy.int64)), set(held)
    for piece in pieces:
        array = numpy.array(piece, dtype=numpy.int64)
        assert keys.holds(array).tolist() == [key in expected for key in piece]
        firsts = []
        for key in piece:
            firsts.append(key not in expected)
            expected.add(key)
        assert keys.add(array).tolist() == firsts
        assert len(keys) == len(expected)
