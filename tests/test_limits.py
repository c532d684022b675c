"""Every limit of the table is looked at somewhere, and an environment variable sets another."""

import re
from pathlib import Path

import pytest

import dse
from dse.errors import DseError
from dse.limits import LIMITS, limit, variable_of

PACKAGE = Path(dse.__file__).parent


@pytest.mark.parametrize("name", LIMITS)
def test_each_can_be_raised(name, monkeypatch):
    assert limit(name) == LIMITS[name].value
    monkeypatch.setenv(variable_of(name), "1e9")
    assert limit(name) == 10**9
    monkeypatch.setenv(variable_of(name), "2.5")
    with pytest.raises(DseError, match=f"{variable_of(name)}: '2.5' is no whole number"):
        limit(name)


def test_each_is_looked_at_and_no_other():
    used = re.compile(r"\blimit\([\"'](\w+)[\"']\)")
    found = {name for path in PACKAGE.rglob("*.py") for name in used.findall(path.read_text())}
    assert found == LIMITS.keys()


def test_a_message_names_what_raises_it(monkeypatch):
    monkeypatch.setenv("DSE_LIMIT_TABLE_ENTRIES", "1")
    grid = {"width": [0.5, 1.0], "resolution": [64, 96]}
    with pytest.raises(DseError, match=r"more than 1 \(DSE_LIMIT_TABLE_ENTRIES\)"):
        dse.design_space("mobilenet_v2", grid).extremes("macs")
    monkeypatch.delenv("DSE_LIMIT_TABLE_ENTRIES")
    assert dse.design_space("mobilenet_v2", grid).networks == 4
