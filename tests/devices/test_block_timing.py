"""Timing and calibration, and the figures of this machine."""

import json

import pytest
import torch
from torch import nn

from dse.devices import Calibration, Timer, calibrated, read_device
from dse.devices.this_machine import figures_file
from dse.errors import DseError


def test_more_work_takes_longer_and_threads_are_given_back():
    before = torch.get_num_threads()
    small, large = nn.Linear(8, 8), nn.Linear(2048, 2048)
    several = [(small, torch.zeros(1, 8)), (large, torch.zeros(64, 2048))]
    times = Timer(rounds=2, runs=3).times(several)
    assert list(map(len, times)) == [6, 6]
    assert min(times[1]) > min(times[0]) > 0
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("factor", [0.5, 1.3])
@pytest.mark.parametrize("constant", [0, -200, 5_000])
def test_a_calibration_is_found_again(factor, constant):
    alone, blocks = [10**6, 3 * 10**6, 7 * 10**6, 2 * 10**6], [10, 12, 19, 15]
    whole = [round(factor * a + constant * b) for a, b in zip(alone, blocks, strict=True)]
    found = calibrated(alone, blocks, whole)
    assert found.factor == pytest.approx(factor, rel=1e-5)
    assert found.constant == pytest.approx(constant, abs=1)


def test_networks_of_the_same_blocks_calibrate_a_factor_alone():
    assert calibrated([100, 100], [3, 3], [130, 130]) == Calibration(1.3, 0.0)
    assert Calibration(1.0, -50.0).of(20) == 0


@pytest.mark.parametrize("name", ["threads", "rounds", "runs"])
def test_numbers_that_are_not_positive(name):
    with pytest.raises(DseError, match=f"{name}: 0 is not positive"):
        Timer(**{name: 0})


def test_figures_of_this_machine_are_measured_once(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = read_device("this", {"calibrated": True})
    assert first.peak["float32"] > 10**8
    assert first.bandwidth > 10**8
    assert first.kernel > 0
    assert read_device("this", {"calibrated": True}) == first
    # Whatever else stands there, such as the figures of another machine, is measured anew.
    for text in ("{", "[]", json.dumps({"machine": ["other"], "figures": {}})):
        figures_file().write_text(text)
        assert read_device("this", {"calibrated": True}).peak["float32"] > 10**8
    assert json.loads(figures_file().read_text())["content"]["kernel"] > 0
    # What a page says itself goes before.
    assert read_device("mine", {"calibrated": True, "kernel": "7us"}).kernel == 7_000
