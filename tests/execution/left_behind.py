"""Runs two pools of an executor and is killed in the second, to see what it leaves behind.

    python -m tests.execution.left_behind EXECUTOR FOLDER

Prints a line when the first pool is closed, and waits for one before it opens the second.
"""

import sys
from collections import deque
from pathlib import Path

from tests.execution.here import executor_here
from tests.execution.tasks import worker

FOLDER_OF_TESTS = str(Path(__file__).parents[2])


def main(name: str, folder: Path) -> None:
    """Run both pools."""
    executor = executor_here(name, folder)
    for tasks in (deque(["bereave", "linger"]), deque(["begin and hang"] * 2)):
        with executor.pool(
            worker, 0, folder, what="for tests", number=2, path=[FOLDER_OF_TESTS]
        ) as pool:
            list(pool.run(lambda tasks=tasks: tasks.popleft() if tasks else None))
        print("closed", flush=True)
        sys.stdin.readline()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
