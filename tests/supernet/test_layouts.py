"""What is taken of a tensor by its parts and factors."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dse.supernet.layouts import (
    RULES,
    SharedFactor,
    extent,
    is_view,
    own_sizes,
    product,
    put,
    shape_of,
    taken,
    united,
)


def test_leading_channels_and_the_centre_of_a_kernel():
    tensor = torch.arange(35.0).view(7, 5)
    whole, part = (extent(7), extent(5, "kernel")), (extent(4), extent(3, "kernel"))
    found = taken(tensor, whole, part, RULES)
    assert torch.equal(found, tensor[:4, 1:4])
    assert found.data_ptr() == tensor[0, 1].data_ptr()
    assert is_view(whole, part, RULES)


def test_of_queries_keys_and_values_the_leading_features_of_each_head():
    tensor = torch.arange(3 * 4 * 6)
    whole = (product((3, "channels"), (4, "heads"), (6, "channels")),)
    part = (product((3, "channels"), (2, "heads"), (5, "channels")),)
    wanted = tensor.view(3, 4, 6)[:, :2, :5].reshape(-1)
    assert torch.equal(taken(tensor, whole, part, RULES), wanted)
    assert not is_view(whole, part, RULES)


def test_of_what_was_concatenated_the_leading_ones_of_each_part():
    tensor = torch.arange(16)
    whole, part = ((*extent(4), *extent(6), *extent(6)),), ((*extent(4), *extent(3)),)
    assert torch.equal(taken(tensor, whole, part, RULES), tensor[:7])
    assert is_view(whole, part, RULES)
    part = ((*extent(2), *extent(3)),)
    assert taken(tensor, whole, part, RULES).tolist() == [0, 1, 4, 5, 6]


def test_sizes_that_are_not_shared_keep_tensors_apart():
    one, other = (extent(8), extent(4, "group")), (extent(8), extent(2, "group"))
    assert own_sizes(one, RULES) != own_sizes(other, RULES)
    assert own_sizes(one, RULES) == own_sizes((extent(16), extent(4, "group")), RULES)
    assert own_sizes(one, {**RULES, "channels": "own"}) != own_sizes((extent(9), one[1]), RULES)


KINDS = st.sampled_from(["channels", "kernel", "heads"])
PARTS = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4), KINDS), min_size=1, max_size=2)


@settings(max_examples=50)
@given(st.tuples(PARTS, PARTS).map(lambda parts: [[part] for part in parts]))
def test_what_is_put_is_what_is_taken_and_nothing_else_changes(sizes):
    one = tuple(tuple(tuple(SharedFactor(a, k) for a, _, k in p) for p in e) for e in sizes)
    other = tuple(tuple(tuple(SharedFactor(b, k) for _, b, k in p) for p in e) for e in sizes)
    whole = united(one, other)
    tensor = torch.zeros(shape_of(whole))
    value = torch.arange(1.0, 1 + torch.Size(shape_of(one)).numel()).view(shape_of(one))
    put(tensor, whole, one, RULES, value)
    assert torch.equal(taken(tensor, whole, one, RULES), value)
    assert int((tensor != 0).sum()) == value.numel()
