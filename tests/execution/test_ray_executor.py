"""How Ray is found or started, and what becomes of tasks whose machine is lost."""

import importlib
from collections import deque
from pathlib import Path
from threading import Thread

import pytest
import ray

from dse.errors import DseError
from dse.execution import Ended, RayExecutor
from tests.execution.left_behind import FOLDER_OF_TESTS
from tests.execution.soon import soon
from tests.execution.tasks import worker


def test_a_machine_that_is_lost_costs_its_tasks_alone(connected, tmp_path):
    """Those are known as such; tried again, they are done on the machine that is left."""
    second = connected.add_node(num_cpus=2, include_dashboard=False)
    tasks = [("wait for", "go", number) for number in range(4)]
    waiting, lost, done = deque(tasks), [], {}

    def lose_a_machine():
        assert soon(lambda: len(list(tmp_path.glob("begun-*"))) == 4)
        connected.remove_node(second, allow_graceful=False)

    loser = Thread(target=lose_a_machine)
    loser.start()
    with RayExecutor().pool(
        worker, 10, tmp_path, what="for tests", number=4, path=[FOLDER_OF_TESTS]
    ) as pool:
        for task, found in pool.run(lambda: waiting.popleft() if waiting else None):
            if isinstance(found, Ended):
                # The child may be heard to end before its machine is known to be gone.
                ends = ("was lost with its machine or by Ray", "exited with status 255")
                assert found.reason in ends
                lost.append(task)
                waiting.append(task)
                if len(lost) == 2:
                    (tmp_path / "go").touch()
            else:
                done[task] = found
    loser.join()
    assert len(lost) == 2
    assert done == {task: 10 + task[2] for task in tasks}


def test_where_no_machine_has_what_a_trial_needs_that_is_told(connected):
    pool = RayExecutor(gpus_per_trial=7).pool(worker, 0, what="for tests", number=1)
    with pytest.raises(DseError) as caught, pool:
        pytest.fail("it was opened")
    assert "no node of Ray has the 1 processors and 7 GPUs of a trial" in str(caught.value)


def test_modules_of_ones_own_reach_the_machines(cluster, tmp_path, monkeypatch):
    """Unpacked by Ray there, as a machine does not have the folder that they are in."""
    (tmp_path / "own_work.py").write_text(OWN_WORK)
    monkeypatch.syspath_prepend(tmp_path)
    own_work = importlib.import_module("own_work")
    ray.shutdown()
    waiting = ["task"]
    executor = RayExecutor(cluster.address)
    with executor.pool(own_work.make, what="for tests", path=[str(tmp_path)]) as pool:
        ((_, (found, there)),) = pool.run(lambda: waiting.pop() if waiting else None)
    assert found == "task"
    assert not Path(there).is_relative_to(tmp_path)


def test_a_worker_that_ray_loses_costs_its_task_alone_and_nothing_is_printed(cluster, capfd):
    ray.shutdown()
    # Of a library's private parts, which may go.
    assert ray._private.worker._worker_logs_enabled is True
    waiting = deque(["lose", 1])
    with RayExecutor(cluster.address).pool(
        worker, 10, what="for tests", number=1, path=[FOLDER_OF_TESTS]
    ) as pool:
        found = dict(pool.run(lambda: waiting.popleft() if waiting else None))
    assert found == {"lose": Ended("was lost with its machine or by Ray"), 1: 11}
    assert capfd.readouterr() == ("", "")


OWN_WORK = """
def make(place):
    return lambda task, tell: (task, __file__)
"""


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nonsense"])
def test_a_ray_that_is_not_there_is_told(address):
    ray.shutdown()
    pool = RayExecutor(address).pool(worker, 0, what="for tests", number=1)
    with pytest.raises(DseError) as caught, pool:
        pytest.fail("it was opened")
    assert str(caught.value).startswith(f"executor.address: {address!r}: Ray cannot be used: ")
