"""What is submitted to SLURM, and when jobs are ended there."""

from collections import deque

import pytest

from dse.errors import DseError
from dse.execution import Ended, SubmititExecutor
from tests.execution import slurm_stand_in
from tests.execution.left_behind import FOLDER_OF_TESTS
from tests.execution.slurm_stand_in import options
from tests.execution.soon import soon
from tests.execution.tasks import worker


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """The folder of a stand-in for SLURM."""
    commands, state = tmp_path / "bin", tmp_path / "slurm"
    commands.mkdir()
    state.mkdir()
    slurm_stand_in.install(commands)
    monkeypatch.setenv("PATH", str(commands), prepend=":")
    monkeypatch.setenv("SLURM_STAND_IN", str(state))
    return state


def test_tasks_that_are_handed_out_at_once_are_an_array(slurm, tmp_path):
    executor = SubmititExecutor(
        folder=str(tmp_path / "jobs"),
        partition="gpu",
        gpus_per_trial=1,
        timeout_min=90,
        parameters={"slurm_account": "mine", "mem_gb": 8},
    )
    waiting, found = deque([1, "ask", "die", "hang"]), {}
    with executor.pool(
        worker, 10, what="for tests", number=3, time_limit=2, path=[FOLDER_OF_TESTS]
    ) as pool:
        found |= pool.run(lambda: waiting.popleft() if waiting else None, lambda task, news: news)
        scripts = [options((slurm / job / "script").read_text()) for job in ("1", "2")]
        assert soon((slurm / "2" / "cancelled").exists)
    assert found.pop("hang").took_too_long
    assert found == {1: 11, "ask": [0, 1, 2], "die": Ended("was killed by SIGKILL")}
    assert "array" not in scripts[1]
    assert scripts[0]["array"] == "0-2%3"
    for script in scripts:
        assert script["partition"] == "gpu"
        assert script["gpus-per-node"] == "1"
        assert script["time"] == "90"
        assert script["account"] == "mine"
        assert script["mem"] == "8GB"
        assert script["no-requeue"] == ""
    assert not (tmp_path / "jobs").exists()


def test_without_slurm_that_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    pool = SubmititExecutor(folder=str(tmp_path / "jobs")).pool(
        worker, 0, what="for tests", number=1
    )
    with pytest.raises(DseError) as caught, pool:
        pytest.fail("it was opened")
    assert not [*tmp_path.iterdir()]
    assert str(caught.value).startswith("executor.cluster: 'slurm' is not here: ")


def test_a_parameter_that_submitit_does_not_take_is_told(tmp_path):
    executor = SubmititExecutor(
        "local", str(tmp_path / "jobs"), parameters={"slurm_acount": "mine"}
    )
    pool = executor.pool(worker, 0, what="for tests", number=1)
    with pytest.raises(DseError) as caught, pool:
        pytest.fail("it was opened")
    assert not [*tmp_path.iterdir()]
    assert "executor.parameters: " in str(caught.value)
    assert "slurm_acount" in str(caught.value)
