"""Which layers of two blocks are the same."""

from dse.supernet.layer_alignment import aligned

FULL = [("0.0", "dense"), ("0.1", "norm"), ("1.0", "depthwise"), ("1.1", "norm"), ("2", "dense")]


def test_layers_that_are_called_alike():
    assert aligned(FULL, FULL[:2]) == [0, 1]


def test_where_the_first_layer_is_left_out_the_others_keep_their_kind():
    given = [("0.0", "depthwise"), ("0.1", "norm"), ("1", "dense")]
    assert aligned(FULL, given) == [2, 3, 4]


def test_a_further_layer_is_none_of_them():
    given = [*FULL[:4], ("gate", "gate dense"), ("3", "dense")]
    assert aligned(FULL, given) == [0, 1, 2, 3, None, 4]


def test_of_several_layers_alike_those_of_the_same_name_are_taken():
    known = [("layer1.conv", "dense"), ("layer2.conv", "dense"), ("layer3.conv", "dense")]
    assert aligned(known, [("layer2.conv", "dense")]) == [1]
