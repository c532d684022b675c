"""A pool does every task once, whatever becomes of the processes that do them."""

import multiprocessing
import os
import signal
import time
from collections import deque

import pytest

from dse.errors import DseError
from dse.execution import Ended, ProcessPool

LIMIT = 0.5


def worker(start):
    """Return what does tasks in a child process."""

    def handle(task, tell):
        match task:
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "leave":
                os._exit(3)
            case "hang":
                time.sleep(60)
            case "ask":
                return [tell(number) for number in range(3)]
            case "parent":
                with multiprocessing.get_context("fork").Pool(2) as children:
                    return children.map(abs, [-1, 2])
        return start + task

    return handle


def stillborn():
    os._exit(4)


def results(tasks, number=2, time_limit=None, answer=lambda task, news: news):
    waiting = deque(tasks)
    with ProcessPool(worker, 10, what="to add", number=number, time_limit=time_limit) as pool:
        return dict(pool.run(lambda: waiting.popleft() if waiting else None, answer))


def test_tasks_are_done_by_as_many_processes_as_are_asked_for():
    assert results(range(20)) == {task: 10 + task for task in range(20)}


@pytest.mark.parametrize(
    ("task", "reason"),
    [("die", "was killed by SIGKILL"), ("leave", "exited with status 3")],
)
def test_a_process_that_ends_costs_its_task_alone(task, reason):
    assert results([1, task, 2, 3]) == {1: 11, task: Ended(reason), 2: 12, 3: 13}


def test_a_task_that_takes_too_long_is_ended():
    found = results(["hang", 1, 2], time_limit=LIMIT)
    assert found.pop("hang").took_too_long
    assert found == {1: 11, 2: 12}


def test_news_are_answered():
    assert results(["ask"], answer=lambda task, news: (task, 2 * news)) == {
        "ask": [("ask", 0), ("ask", 2), ("ask", 4)]
    }


def test_a_process_may_have_children_of_its_own():
    assert results(["parent"]) == {"parent": [1, 2]}


def test_a_task_may_follow_from_another():
    waiting, found = deque([1]), []
    with ProcessPool(worker, 10, what="to add", number=2) as pool:
        for task, result in pool.run(lambda: waiting.popleft() if waiting else None):
            found.append((task, result))
            if len(found) < 4:
                waiting.append(task + 1)
    assert found == [(1, 11), (2, 12), (3, 13), (4, 14)]


def test_processes_that_cannot_start_are_told():
    with ProcessPool(stillborn, what="for nothing", number=1) as pool, pytest.raises(DseError) as e:
        list(pool.run(lambda: 1))
    assert str(e.value) == "a process for nothing exited with status 4"


def test_no_process_outlives_the_pool():
    with ProcessPool(worker, 10, what="to add", number=2) as pool:
        next(iter(pool.run(lambda: 1)))
        children = [each.child.process for each in pool._workers]
        assert len(children) == 2
    assert not any(child.is_alive() for child in children)
