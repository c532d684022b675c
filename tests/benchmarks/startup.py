"""What a command takes from the shell to its end, beside a Python that does nothing.

    python -m tests.benchmarks.startup [--runs 9] [--candidates 1_000_000]

Whole processes, one after the other in turns; prints the least and the median of each in
milliseconds, and its ratio to `python -c pass`. The store that is asked holds a million candidates.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.store import filled

DSE = [sys.executable, "-m", "dse"]
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "dse --help": [*DSE, "--help"],
    "dse families": [*DSE, "families"],
    "dse blocks": [*DSE, "blocks"],
    "dse guide pages": [*DSE, "guide", "pages"],
    "dse sweep --help": [*DSE, "sweep", "--help"],
    "a completion": [*DSE],
    "dse query (20 rows of the store)": [*DSE, "query", "id <= 20", "--columns", "id,macs"],
    "dse query (a condition on all rows)": [
        *(*DSE, "query", "macs < 300M", "--sort", "-params", "--limit", "20"),
    ],
}


def seconds(command: list[str], directory: Path, environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=directory, env=environment, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--candidates", type=int, default=1_000_000)
    arguments = parser.parse_args()
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        (directory / "outputs").mkdir()
        filled(directory / "outputs" / "dse.db", arguments.candidates)
        for _ in range(arguments.runs + 1):
            for name, command in COMMANDS.items():
                own = {"_DSE_COMPLETE": "dse sweep grid.w"} if name == "a completion" else {}
                taken[name].append(seconds(command, directory, {**os.environ, **own}))
    nothing = statistics.median(taken["python -c pass"][1:])
    print(f"{'command':<36} {'least':>7} {'median':>7} {'ratio':>6}")
    for name, found in taken.items():
        least, median = min(found[1:]), statistics.median(found[1:])
        print(f"{name:<36} {least * 1e3:>7.0f} {median * 1e3:>7.0f} {median / nothing:>6.1f}")


if __name__ == "__main__":
    main()
