"""What one of several devices holds, against the figures of the papers of the formulas."""

import pytest

from dse.devices import Shards, TrainingState, read_shards, serving_of_device, training_of_device
from dse.errors import DseError

PARAMS = 7_500_000_000
ZERO = TrainingState(weights=2 * PARAMS, gradients=2 * PARAMS, optimizer=12 * PARAMS)
"""Of mixed precision with Adam: K = 12 in figure 1 of arXiv:1910.02054, over 64 devices."""


@pytest.mark.parametrize(("stage", "gigabytes"), [(0, 120), (1, 31.4), (2, 16.6), (3, 1.9)])
def test_the_stages_of_zero_hold_what_its_paper_says(stage, gigabytes):
    held = ZERO.of_device(Shards(zero=stage, data=64))
    assert round(held / 1e9, 1) == gigabytes


def test_tensor_parallelism_divides_all():
    """Equation 4 of arXiv:2205.05198: with that of the sequence, all activations by t."""
    activations = 80_000_000_000
    whole = ZERO.total + activations
    assert training_of_device(whole, ZERO, Shards()) == whole
    assert training_of_device(whole, ZERO, Shards(tensor=8)) == whole // 8
    both = training_of_device(whole, ZERO, Shards(zero=3, data=4, tensor=8))
    assert both == ZERO.total // 32 + activations // 8
    assert serving_of_device(16, 8, 5, Shards(tensor=2, data=4)) == 8 + 4 + 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"zer": 1}, "shards: unknown key 'zer'; did you mean 'zero'"),
        ({"zero": 4}, "shards.zero: 4 is no stage; valid: 0, 1, 2, 3"),
        ({"data": 0}, "shards.data: 0 is no number"),
        ({"tensor": 1.5}, "shards.tensor: 1.5 is no number"),
    ],
)
def test_what_is_no_way_to_divide_is_told(content, reason):
    with pytest.raises(DseError) as told:
        read_shards(content)
    assert reason in str(told.value)
    assert read_shards({"zero": 3, "data": 8, "tensor": 2}).devices == 16
