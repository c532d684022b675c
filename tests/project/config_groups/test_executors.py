"""What a page of `conf/executor/` may say, and what is refused."""

import dataclasses
import sys

import pytest

from dse.configs.config_places import config_directory
from dse.configs.own_pages import read_page
from dse.errors import DseError
from dse.execution import EXECUTORS, LocalExecutor, RayExecutor, SubmititExecutor
from dse.project.config_groups.executors import TYPES, option_types, read_executor

PAGES = {path.stem: path for path in (config_directory() / "executor").glob("*.yaml")}


def test_every_executor_has_a_page_with_all_its_options_at_their_defaults():
    assert PAGES.keys() == EXECUTORS.keys()
    for name, path in PAGES.items():
        content = read_page(path, "executor").resolved
        assert content.keys() == {field.name for field in dataclasses.fields(EXECUTORS[name])}
        assert read_executor(name, content) == EXECUTORS[name]()


def test_every_option_is_of_a_type_that_is_checked():
    for executor in EXECUTORS.values():
        assert set(option_types(executor).values()) <= TYPES.keys()


@pytest.mark.parametrize(
    ("name", "content", "executor"),
    [
        ("local", {"devices": "cpu"}, LocalExecutor(("cpu",))),
        ("local", {"devices": ["cuda:0", "cuda:1"]}, LocalExecutor(("cuda:0", "cuda:1"))),
        ("mine", {"per_device": 2}, LocalExecutor(per_device=2)),
        ("mine", {"kind": "ray", "gpus_per_trial": 0.5}, RayExecutor(gpus_per_trial=0.5)),
        ("ray", {"address": "auto"}, RayExecutor("auto")),
        ("submitit", {"parameters": {"mem_gb": 8}}, SubmititExecutor(parameters={"mem_gb": 8})),
    ],
)
def test_a_page_describes_an_executor(name, content, executor):
    assert read_executor(name, content) == executor


WRONG = {
    "kind: unknown 'rae'; did you mean 'ray'?": {"kind": "rae"},
    "device: local has no such option; did you mean 'devices'?": {"device": "cpu"},
    "gpu_per_trial: ray has no such option; did you mean 'gpus_per_trial'?": {
        "kind": "ray",
        "gpu_per_trial": 1,
    },
    "devices: expected a name or a list of names, not [0, 1]": {"devices": [0, 1]},
    "devices: expected a name or a list of names, not []": {"devices": []},
    "per_device: expected a whole number, not 0.5": {"per_device": 0.5},
    "per_device: expected a whole number, not True": {"per_device": True},
    "per_device: 0 is not positive": {"per_device": 0},
    "cpus_per_trial: 0 is not positive": {"kind": "ray", "cpus_per_trial": 0},
    "gpus_per_trial: -1 is negative": {"kind": "ray", "gpus_per_trial": -1},
    "address: expected a text or null, not 6379": {"kind": "ray", "address": 6379},
    "cluster: unknown 'slurn'; did you mean 'slurm'?": {"kind": "submitit", "cluster": "slurn"},
    "parameters: expected keys with values, not 'mem_gb'": {
        "kind": "submitit",
        "parameters": "mem_gb",
    },
}


@pytest.mark.parametrize("message", WRONG)
def test_what_does_not_hold_is_told_with_the_key(message):
    with pytest.raises(DseError) as caught:
        read_executor("local", WRONG[message])
    assert str(caught.value).startswith(f"executor.{message}")


@pytest.mark.parametrize("name", [name for name in EXECUTORS if name != "local"])
def test_without_its_extra_an_executor_says_how_to_get_it(name, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(DseError) as caught:
        read_executor(name, {}).pool(print, what="for tests", number=1)
    assert str(caught.value) == (
        f"executor={name} needs {name}, which is not installed: pip install 'dse-nas[{name}]'"
    )
