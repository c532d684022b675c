"""Device pages: each shipped one is whole and says where its figures are from."""

import json

import pytest

from dse.configs.config_places import group_pages
from dse.configs.own_pages import read_page
from dse.costs.cost_list import COSTS
from dse.devices import read_device
from dse.devices.device_page import HOLDS
from dse.errors import DseError
from tests.cli.command import refused

PAGES = {name: path for name, path in group_pages("device", None).items() if name != "none"}
CALIBRATED = {"this"}


def content(name):
    return read_page(PAGES[name], "device").resolved


@pytest.mark.parametrize("name", sorted(PAGES))
def test_every_figure_of_a_shipped_page_has_a_source(name):
    page = content(name)
    figures = set(page) - {"sources", "dtype", "runtime"}
    assert set(page["sources"]) == figures
    assert all(len(text) > 10 for text in page["sources"].values())


@pytest.mark.parametrize("name", sorted(set(PAGES) - CALIBRATED))
def test_a_shipped_page_has_a_roofline_at_its_dtype(name):
    device = read_device(name, content(name))
    assert device.bandwidth > 0
    assert device.conditions.get("dtype", "float32") in device.peak
    # A page is of one device: what it reaches is not what another does.
    others = [read_device(each, content(each)).digest for each in set(PAGES) - CALIBRATED - {name}]
    assert device.digest not in others


def test_what_a_device_holds_bounds_costs_that_there_are():
    assert set(HOLDS) == {"sram", "flash", "memory"}
    device = read_device("board", {"memory": "1MiB"})
    assert device.budget == {"peak_memory": 2**20}
    assert set(device.budget) <= set(COSTS)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ({"srma": "1KiB"}, "unknown key 'srma'; did you mean 'sram'?"),
        ({"sram": "1ms"}, "sram: unknown unit 'ms' in '1ms'"),
        ({"sram": 0}, "sram: 0 is not positive"),
        ({"kernel": "-1us"}, "kernel: -1000 is not positive"),
        ({"peak": "1T"}, "peak: expected operations a second by dtype"),
        ({"peak": {"flaot16": "1T"}}, "peak: unknown dtype 'flaot16'; did you mean 'f"),
        ({"efficiency": 2}, "efficiency: 2 is no part of 1, such as 0.5"),
        ({"dtype": "int9"}, "dtype: unknown 'int9'; did you mean 'int8'?"),
        ({"sources": {"sram": "a"}}, "sources: no figure 'sram'"),
        ({"calibrated": "yes"}, "calibrated: expected true or false"),
    ],
)
def test_pages_that_say_what_they_cannot(tmp_path, page, message):
    with pytest.raises(DseError) as caught:
        read_device("board", page)
    assert f"device board: {message}" in str(caught.value)
    # On a page of one's own it is told where that stands.
    (tmp_path / "device").mkdir()
    (tmp_path / "device" / "board.yaml").write_text(f"# mine\n{json.dumps(page)}\n")
    printed = refused(tmp_path, "space", "--config-dir", ".", "device=board")
    assert f"error: device/board.yaml:2: {message}" in printed


def test_a_key_that_was_typed_has_no_line(tmp_path):
    printed = refused(tmp_path, "space", "device=pixel6", "+device.srma=1KiB")
    assert "error: device pixel6: unknown key 'srma'; did you mean 'sram'?" in printed
