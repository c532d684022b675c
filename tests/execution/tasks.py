"""What workers of the tests do, of every kind of executor."""

import multiprocessing
import os
import signal
import subprocess
import time
from pathlib import Path

from dse.errors import DseError
from tests.execution.soon import soon


def worker(place, start, folder=None):
    """Return what does tasks: numbers are added to one, words do what they say."""

    def handle(task, tell):
        match task:
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "leave":
                os._exit(3)
            case "bereave":
                subprocess.Popen(["sleep", "60"])
                multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,)).start()
                os.kill(os.getpid(), signal.SIGKILL)
            case "fail":
                raise LookupError("nothing there")
            case "lose":
                # The one that serves the server of this process.
                stat = Path(f"/proc/{os.getppid()}/stat").read_text()
                os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
                time.sleep(60)
            case "hang":
                time.sleep(60)
            case "ask":
                return [tell(number) for number in range(3)]
            case "load":
                # Loaded by this task alone, as it takes seconds.
                from torch.utils.data import DataLoader

                return [batch.tolist() for batch in DataLoader(range(4), 2, num_workers=2)]
            case ("start by", method):
                with multiprocessing.get_context(method).Pool(2) as children:
                    return children.map(abs, [-1, 2])
            case ("forked and ended", times):
                return sum(os.WIFSIGNALED(_ended_at_once()) for _ in range(times))
            case "group":
                # As a `DataLoader` with `multiprocessing_context` may start its workers.
                context = multiprocessing.get_context("forkserver")
                with context.Pool(1) as children:
                    return os.getpid(), children.apply(os.getpgrp)
            case "place":
                return place
            case "linger":
                return subprocess.Popen(["sleep", "60"]).pid
            case "begin and hang":
                subprocess.Popen(["sleep", "60"])
                (folder / f"begun-{os.getpid()}").touch()
                time.sleep(60)
            case ("wait for", name, number):
                (folder / f"begun-{number}").touch()
                assert soon((folder / name).exists)
                return start + number
            case "big":
                return bytes(10**6)
            case "big news":
                return len(tell(bytes(10**6)))
        return start + task

    return handle


def _ended_at_once():
    """Fork a process, end it before it has begun, and return how it ended."""
    child = os.fork()
    if not child:
        time.sleep(5)
        os._exit(0)
    os.kill(child, signal.SIGTERM)
    return os.waitpid(child, 0)[1]


def unmade(place):
    raise DseError("there is nothing to make it of")


def stillborn(place):
    os._exit(4)


def born_late(place, folder: Path):
    """Return what says how many workers were started, of which the first was killed."""
    try:
        (folder / "first").touch(exist_ok=False)
    except FileExistsError:
        return lambda task, tell: task
    return os.kill(os.getpid(), signal.SIGKILL)
