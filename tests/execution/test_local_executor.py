"""How processes of one machine share its devices and processors."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import deque

import pytest

from dse.execution import LocalExecutor, TaskPlace
from tests.execution.tasks import worker


@pytest.mark.parametrize(
    ("executor", "workers", "places"),
    [
        (LocalExecutor(), None, 1),
        (LocalExecutor(), 3, 3),
        (LocalExecutor(("cuda:0", "cuda:1")), None, 2),
        (LocalExecutor(("cuda:0", "cuda:1"), per_device=2), None, 4),
        (LocalExecutor(("cuda:0", "cuda:1")), 1, 1),
    ],
)
def test_as_many_tasks_run_at_once_as_devices_take(executor, workers, places):
    assert executor.places(workers) == places


def test_devices_and_threads_are_shared():
    executor = LocalExecutor(("cuda:0", "cuda:1"), per_device=2)
    waiting = deque(["place"] * 4)
    with executor.pool(worker, 0, what="for tests", number=executor.places(None)) as pool:
        found = [place for _, place in pool.run(lambda: waiting.popleft() if waiting else None)]
    threads = max(1, len(os.sched_getaffinity(0)) // 4)
    assert sorted(found, key=str) == [
        *[TaskPlace("cuda:0", threads)] * 2,
        *[TaskPlace("cuda:1", threads)] * 2,
    ]


def test_data_may_be_loaded_by_processes_of_a_task():
    waiting = ["load"]
    with LocalExecutor().pool(worker, 0, what="for tests", number=1) as pool:
        ((_, batches),) = pool.run(lambda: waiting.pop() if waiting else None)
    assert batches == [[0, 1], [2, 3]]


_HEAVY = """
import os

with open("loaded", "a") as file:
    print(os.getpid(), file=file)
"""
_LIGHT = """
import os

def make(place):
    import heavy_module

    return lambda task, tell: os.getpid()
"""
_LOADING = """
import light_module
from dse.execution import LocalExecutor

tasks = [1, 2]
loads = ("heavy_module",)
with LocalExecutor().pool(light_module.make, what="for tests", number=2, loads=loads) as pool:
    print(*[pid for _, pid in pool.run(lambda: tasks.pop() if tasks else None)])
"""


@pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="nothing is loaded before"
)
def test_what_takes_long_is_loaded_once_for_all_processes(tmp_path):
    (tmp_path / "heavy_module.py").write_text(_HEAVY)
    (tmp_path / "light_module.py").write_text(_LIGHT)
    places = os.pathsep.join([str(tmp_path), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", _LOADING],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (server,) = (tmp_path / "loaded").read_text().split()
    assert len({server, *done.stdout.split()}) == 3


_SLOW = """
import pathlib, sys, time

if "forkserver" in " ".join(sys.orig_argv):
    pathlib.Path("loading").touch()
    time.sleep(1)

def make(place):
    return lambda task, tell: task
"""
_POOL = """
import slow_module
from dse.execution import LocalExecutor

tasks = [1]
try:
    with LocalExecutor().pool(slow_module.make, what="for tests", number=1) as pool:
        print(*pool.run(lambda: tasks.pop() if tasks else None))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(
    "forkserver" not in multiprocessing.get_all_start_methods(), reason="nothing is loaded before"
)
def test_an_interrupt_while_processes_load_modules_is_heard_by_this_one_alone(tmp_path):
    """Ctrl-C at a terminal reaches all of a group."""
    (tmp_path / "slow_module.py").write_text(_SLOW)
    places = os.pathsep.join([str(tmp_path), *sys.path])
    process = subprocess.Popen(
        [sys.executable, "-c", _POOL],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": places},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    begun = time.monotonic()
    while not (tmp_path / "loading").exists() and time.monotonic() - begun < 60:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60) == ("interrupted\n", "")
