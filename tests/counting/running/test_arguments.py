"""What a forward is given for what somebody gives as its inputs."""

import dataclasses
import enum

import pytest
import torch
from torch import nn

import dse
from dse.counting.running.arguments import made_arguments, meta_tensor
from dse.errors import DseError


class Kind(enum.Enum):
    small = 1


@dataclasses.dataclass
class Options:
    resolution: tuple = (224, 224)


class Takes(nn.Module):
    def forward(self, ids, mask=None, *, image_sizes=None, options=None):
        return ids


class TakesAny(nn.Module):
    def forward(self, *parts, **named):
        return parts


def shown(value):
    """A value with `shape dtype` in the place of each tensor."""
    if isinstance(value, torch.Tensor):
        assert value.is_meta
        return f"{tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"
    if isinstance(value, dict):
        return {key: shown(each) for key, each in value.items()}
    return type(value)(map(shown, value)) if isinstance(value, (list, tuple)) else value


def given(inputs, kwargs=None, model=None):
    made = made_arguments(
        model or Takes(), inputs, kwargs, lambda value: meta_tensor([])(value, torch.float32)
    )
    return shown(made.positional), shown(made.keywords)


IDS = dse.Input((1, 8), "int64")
RULE = {
    "a shape": ((1, 8), None, ["(1, 8) float32"], {}),
    "a list of sizes": ([1, 8], None, ["(1, 8) float32"], {}),
    "an input": (IDS, None, ["(1, 8) int64"], {}),
    "a tensor": (torch.ones(2, dtype=torch.int8), None, ["(2,) int8"], {}),
    "several": ([IDS, (1, 8)], None, ["(1, 8) int64", "(1, 8) float32"], {}),
    "none": ([], {"ids": IDS}, [], {"ids": "(1, 8) int64"}),
    "no others": (None, {"ids": IDS}, [], {"ids": "(1, 8) int64"}),
    "a text": ("a sentence", None, ["a sentence"], {}),
    "nested by position": (
        [{"a": [(2, 4), (2, 4)]}], None, [{"a": ["(2, 4) float32", "(2, 4) float32"]}], {}),
    "by name": ({"ids": (1, 8), "mask": IDS}, None, [],
                {"ids": "(1, 8) float32", "mask": "(1, 8) int64"}),
    "nested by name": ({"ids": IDS, "options": {"size": (1, 8), "on": None}}, None, [],
                       {"ids": "(1, 8) int64", "options": {"size": "(1, 8) float32", "on": None}}),
    "pairs of numbers at a name": ({"ids": IDS, "image_sizes": [(224, 336)]}, None, [],
                                   {"ids": "(1, 8) int64", "image_sizes": [(224, 336)]}),
    "tensors in a list at a name": ({"ids": IDS, "image_sizes": [torch.ones(3), IDS]}, None, [],
                                    {"ids": "(1, 8) int64",
                                     "image_sizes": ["(3,) float32", "(1, 8) int64"]}),
    "a mapping of other keys": ({"image": (1, 8)}, None, [{"image": "(1, 8) float32"}], {}),
    "further arguments": ((1, 8), {"options": (224, 224), "image_sizes": [(224, 336)], "mask": IDS},
                          ["(1, 8) float32"], {"options": (224, 224), "image_sizes": [(224, 336)],
                                               "mask": "(1, 8) int64"}),
}  # fmt: skip


@pytest.mark.parametrize(("inputs", "kwargs", "positional", "named"), RULE.values(), ids=RULE)
def test_where_a_tuple_of_numbers_is_a_shape(inputs, kwargs, positional, named):
    assert given(inputs, kwargs) == (positional, named)


PLAIN = [
    None, True, 3, 2.5, "text", Kind.small, Options(), torch.float16, torch.device("cpu"), (), {},
    (0.5, 1.5), {"resolution": None}, {1, 2},
]  # fmt: skip


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_plain_values_pass_as_they_are(value):
    assert given([IDS, value])[0][1] == value
    assert given({"ids": IDS, "options": value})[1]["options"] == value
    assert given(IDS, {"options": value})[1]["options"] == value


def test_a_forward_that_takes_any_name_takes_a_mapping_by_name():
    assert given({"x": (1, 2)}, model=TakesAny()) == ([], {"x": "(1, 2) float32"})


REFUSED = {
    "Takes takes no input 'masks'; did you mean 'mask'?": ({"ids": IDS, "masks": IDS}, None),
    "Takes takes no input 'option'; did you mean 'options'?": (IDS, {"option": 1}),
    "input 'mask' of Takes is given twice": ([IDS, IDS], {"mask": IDS}),
    "input 'ids' of Takes is given twice": ({"ids": IDS}, {"ids": IDS}),
    "has a negative size": ({"ids": (1, -8)}, None),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_no_forward_is_given(message):
    with pytest.raises(DseError) as caught:
        dse.count(Takes(), *REFUSED[message])
    assert message in str(caught.value)


WHOLE = (torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64)


@pytest.mark.parametrize("dtype", WHOLE, ids=str)
def test_values_outside_the_range_of_a_dtype_are_refused(dtype):
    limits = torch.iinfo(dtype)
    for inside in (limits.min, limits.max):
        assert dse.Input((2,), dtype, values=inside).filled(dtype, "cpu").tolist() == [inside] * 2
    for outside in (limits.min - 1, limits.max + 1, 0.5, float("nan")):
        with pytest.raises(DseError, match="holds whole numbers from"):
            dse.Input((2,), dtype, values=outside)


@pytest.mark.parametrize(
    ("dtype", "value"), [(torch.float16, 1e5), (torch.bfloat16, -1e39), (torch.bool, 2)], ids=str
)
def test_numbers_that_other_dtypes_do_not_hold(dtype, value):
    with pytest.raises(DseError, match="holds"):
        dse.Input((2,), dtype, values=value)


@pytest.mark.parametrize("values", [[8, 16, 32], (8, 16, 32), torch.tensor([8, 16, 32])], ids=type)
def test_values_may_be_lists_and_tensors(values):
    held = dse.Input((2, 3), "int64", values=values)
    assert held == dse.Input((2, 3), "int64", values=(8, 16, 32))
    assert hash(held) == hash(dse.Input((2, 3), "int64", values=(8, 16, 32)))
    assert held.filled(torch.float32, "cpu").tolist() == [[8, 16, 32]] * 2


@pytest.mark.parametrize("values", [[1, 2], [[1], [2, 3]], [], ["a"], "12", [[[1, 2, 3]]], None])
def test_values_that_do_not_fill_the_shape(values):
    if values is None:
        assert dse.Input((2, 3), "int64").filled(torch.float32, "cpu") is None
    else:
        with pytest.raises(DseError, match="input values"):
            dse.Input((2, 3), "int64", values=values)


class Gathers(nn.Module):
    def forward(self, x, index):
        return x[index] if index.max() < len(x) else x


def test_a_forward_on_data_sees_the_values():
    inputs = {"x": (4, 3), "index": dse.Input((2,), "int64", values=[3, 1])}
    assert dse.count(Gathers(), inputs, real=True).trace.outputs.shape == (2, 3)


class Cache:
    """Keys and values of the tokens before, as caches of model libraries hold them."""

    def __init__(self, layers, tokens):
        self.layers = [{"keys": torch.ones(1, tokens, 8), "values": torch.ones(1, tokens, 8)}
                       for _ in range(layers)]  # fmt: skip

    def append(self, layer, keys, values):
        held = self.layers[layer]
        held["keys"] = torch.cat([held["keys"], keys], 1)
        held["values"] = torch.cat([held["values"], values], 1)
        return held["keys"], held["values"]


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(8, 8) for _ in range(3))

    def forward(self, x, cache=None):
        keys, values = cache.append(0, self.key(x), self.value(x))
        return (self.query(x) @ keys.transpose(1, 2)) @ values


@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
def test_a_cache_is_not_changed_and_is_alive_in_the_peak(real):
    def peak(tokens):
        cache = Cache(3, tokens)
        before = [each for layer in cache.layers for each in layer.values()]
        counted = dse.count(Decoder(), {"x": (1, 1, 8), "cache": cache}, real=real)
        after = [each for layer in cache.layers for each in layer.values()]
        assert all(a is b and not a.is_meta for a, b in zip(before, after, strict=True))
        assert counted.trace.input_bytes == 4 * 8 * (1 + 6 * tokens)
        return counted.peak_memory

    # Of each further token six rows of eight numbers are held, beside at least one pair in flight.
    assert peak(512) - peak(256) >= 256 * 6 * 8 * 4


def test_a_cache_in_a_training_step_under_autocast():
    step = dse.count(Decoder(), {"x": (1, 1, 8), "cache": Cache(1, 4)}, precision="mixed").step
    assert step.peak_bytes > 2 * 4 * 8 * 4
