"""How long a report of a million candidates takes, how large it is, and how soon a server answers.

    python -m tests.benchmarks.reports [--candidates 1000000]

The report is a whole command from the shell; the server is asked for the page of candidates and
each of its sections, while they are worked out and afterwards.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.benchmarks.store import filled

DSE = [sys.executable, "-m", "dse"]
SECTIONS = ("question", "front", "relations", "candidates", "provenance")


def asked(address: str) -> float:
    """Return the milliseconds that a request takes."""
    started = time.perf_counter()
    urllib.request.urlopen(address).read()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=1_000_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        (directory / "outputs").mkdir()
        filled(directory / "outputs" / "dse.db", arguments.candidates)
        started = time.perf_counter()
        subprocess.run([*DSE, "report", "--output", "r.html"], cwd=directory, check=True)
        taken, size = time.perf_counter() - started, (directory / "r.html").stat().st_size
        print(f"report of {arguments.candidates:,}: {taken:.1f} s, {size / 1e6:.2f} MB", flush=True)
        command = [*DSE, "serve", "--port", "0"]
        with subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            address = server.stdout.readline().split()[-1]
            asked(f"{address}/")
            slowest = [asked(f"{address}/candidates")]
            until = time.perf_counter() + 60
            while time.perf_counter() < until:
                slowest += [asked(f"{address}/candidates/{key}") for key in SECTIONS]
                time.sleep(0.5)
            slowest.sort()
            print(
                f"{len(slowest)} requests in ms: median {slowest[len(slowest) // 2]:.0f}, "
                f"95 % {slowest[int(0.95 * len(slowest))]:.0f}, slowest {slowest[-1]:.0f}"
            )
            server.terminate()


if __name__ == "__main__":
    main()
