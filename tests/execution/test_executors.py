"""What every executor does: each task once, whatever becomes of the workers that do them."""

import contextlib
import subprocess
import sys
from collections import deque
from pathlib import Path

import pytest

from dse.errors import DseError
from dse.execution import EXECUTORS, Ended
from tests.execution.here import executor_here
from tests.execution.left_behind import FOLDER_OF_TESTS
from tests.execution.soon import soon
from tests.execution.tasks import born_late, stillborn, unmade, worker
from tests.ray_folder import ray_folder

pytestmark = pytest.mark.parametrize("executor", EXECUTORS, indirect=True)


@pytest.fixture
def executor(request, tmp_path):
    if request.param == "ray":
        # The one that this process is connected to.
        request.getfixturevalue("connected")
    return executor_here(request.param, tmp_path)


def pool_of(executor, make=worker, arguments=(10,), number=2, time_limit=None):
    path = [FOLDER_OF_TESTS]
    return executor.pool(
        make, *arguments, what="for tests", number=number, time_limit=time_limit, path=path
    )


def results(executor, tasks, answer=lambda task, news: news, **options):
    waiting = deque(tasks)
    with pool_of(executor, **options) as pool:
        return dict(pool.run(lambda: waiting.popleft() if waiting else None, answer))


def test_a_worker_that_ends_costs_its_task_alone(executor):
    """So does a task that fails, and one whose worker leaves children behind."""
    found = results(executor, [1, "die", "leave", "bereave", 2, "fail", 3, "big"])
    assert found == {
        1: 11,
        2: 12,
        3: 13,
        "die": Ended("was killed by SIGKILL"),
        "leave": Ended("exited with status 3"),
        "bereave": Ended("was killed by SIGKILL"),
        "fail": Ended("failed: LookupError: nothing there"),
        "big": bytes(10**6),
    }


def test_a_task_that_takes_too_long_is_ended(executor):
    found = results(executor, ["hang", 1, 2], time_limit=0.5)
    assert found.pop("hang").took_too_long
    assert found == {1: 11, 2: 12}


def test_news_are_answered(executor):
    found = results(executor, ["ask", "big news"], lambda task, news: (task, news))
    assert found == {"ask": [("ask", 0), ("ask", 1), ("ask", 2)], "big news": 2}


def test_a_task_may_have_children_of_its_own(executor):
    found = results(executor, [("start by", "fork"), ("start by", "spawn"), "group"])
    leader, group = found.pop("group")
    assert group == leader
    assert [*found.values()] == [[1, 2], [1, 2]]


def test_a_process_that_a_task_forks_may_be_ended_at_once(executor):
    assert results(executor, [("forked and ended", 30)]) == {("forked and ended", 30): 30}


def test_a_task_may_follow_from_another(executor):
    waiting, found = deque([1]), []
    with pool_of(executor) as pool:
        for task, result in pool.run(lambda: waiting.popleft() if waiting else None):
            found.append((task, result))
            if len(found) < 4:
                waiting.append(task + 1)
    assert found == [(1, 11), (2, 12), (3, 13), (4, 14)]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (unmade, "a process for tests cannot start: there is nothing to make it of"),
        (stillborn, "a process for tests exited with status 4"),
    ],
)
def test_that_no_worker_can_start_is_told(executor, make, message):
    with pool_of(executor, make, ()) as pool, pytest.raises(DseError) as caught:
        list(pool.run(lambda: 1))
    assert str(caught.value) == message


def test_a_task_that_was_not_begun_is_given_to_another_worker(executor, tmp_path):
    assert results(executor, [1, 2], make=born_late, arguments=(tmp_path,)) == {1: 1, 2: 2}
    assert (tmp_path / "first").exists()


def test_nothing_is_left_behind(executor, request, tmp_path, monkeypatch):
    """By a pool that is closed, and by a process that is killed with tasks at work."""
    monkeypatch.setenv("DSE_LEFT_BEHIND", str(tmp_path))
    words = [sys.executable, "-m", "tests.execution.left_behind"]
    name = request.node.callspec.params["executor"]
    with contextlib.ExitStack() as at_last:
        temporary = at_last.enter_context(ray_folder())
        script = at_last.enter_context(
            subprocess.Popen(
                [*words, name, tmp_path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=FOLDER_OF_TESTS,
                text=True,
            )
        )
        at_last.callback(script.kill)
        assert script.stdout.readline() == "closed\n"
        assert soon(lambda: marked(tmp_path) - servers(script.pid) == {script.pid})
        assert not [*tmp_path.iterdir(), *temporary.glob("dse-ray-*")]
        script.stdin.write("\n")
        script.stdin.flush()
        assert soon(lambda: len(list(tmp_path.glob("begun-*"))) == 2)
        # Each of the tasks, and what each has started.
        assert len(marked(tmp_path) - servers(script.pid) - {script.pid}) >= 4
    assert soon(lambda: not marked(tmp_path) - agents_of_ray())


def marked(folder: Path) -> set[int]:
    """Return the processes that descend from one with a mark in its environment."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"DSE_LEFT_BEHIND={folder}\0".encode() in (process / "environ").read_bytes():
                found.add(int(process.name))
    return found


def servers(parent: int) -> set[int]:
    """Return what Python keeps beside a process for as long as that lives."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_text() for pid in children}
    kept = ("forkserver", "resource_tracker")
    return {int(pid) for pid, text in commands.items() if any(name in text for name in kept)}


def agents_of_ray() -> set[int]:
    """Return what looks for the Ray that it is of for half a minute before it ends by itself."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_text()
            if command.startswith(("ray::DashboardAgent", "ray::RuntimeEnvAgent")):
                found.add(int(process.name))
    return found
