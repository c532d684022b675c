"""How long a picture of a million candidates takes, and one of a space of 10²⁰ networks.

    python -m tests.benchmarks.pictures [--candidates 1000000] [--repeats 3] [--networks 0]

Whole commands from the shell, start-up included; the store is a file with rows as a sweep writes
them. `--networks 500` draws the error distribution functions of so many networks of RegNetX and of
AnyNetX at equal MACs by a score without training, which takes hours on a few cores.
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
CLOUDS = (
    ("pareto", "--min", "macs", "--max", "activations", "--color", "width"),
    ("pareto", "--min", "macs", "--min", "peak_memory", "--max", "params"),
    ("scatter", "macs", "params"),
    ("edf", "macs", "--group-by", "depth"),
    ("correlation", "macs", "params", "activations"),
)
SPACES = (
    ("family=ofa_mobilenet_v3", "grid.resolution=224"),
    ("family=ofa_mobilenet_v3",),
)
EQUAL = ("budget.macs=[25M,40M]", "grid.resolution=64", "objective=naswot", "sampler=random")
FAMILIES = (
    (
        *("family=regnet", "grid.squeeze_excite=0.0", "grid.depth={from: 8, to: 24, step: 2}"),
        *("grid.w0=[24,32,48,64,80]", "grid.wa=[8,16,24,32,40,48]"),
        *("grid.wm=[2.0,2.25,2.5,2.75]", "grid.group_width=[8,16,24,32]"),
    ),
    (
        *("family=anynet", "grid.bottleneck=1", "grid.group_width=[8,16,32]"),
        *("grid.width=[16,32,64,128,256,512]", "grid.depth=[1,2,4,8]"),
    ),
)


def seconds(directory: Path, *words: str) -> float:
    """Return how long a command takes."""
    started = time.perf_counter()
    subprocess.run([*DSE, *words], cwd=directory, check=True, capture_output=True)
    return time.perf_counter() - started


def told(name: str, taken: list[float]) -> None:
    """Print the least and the median."""
    print(f"{name}: {min(taken):.2f} s at least, {statistics.median(taken):.2f} s in the median")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--networks", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        (directory / "outputs").mkdir()
        if arguments.networks:
            for family in FAMILIES:
                words = ("search", *family, *EQUAL, f"trials={arguments.networks}")
                print(f"{' '.join(words)}: {seconds(directory, *words):.0f} s")
            picture = Path("edf.png").resolve()
            words = ("plot", "edf", "naswot", "--group-by", "family", "--picture", str(picture))
            print(f"{' '.join(words)}: {seconds(directory, *words):.1f} s")
            return
        filled(directory / "outputs" / "dse.db", arguments.candidates)
        for words in CLOUDS:
            command = ("plot", *words, "--picture", "picture.html")
            told(
                f"dse {' '.join(command)}",
                [seconds(directory, *command) for _ in range(arguments.repeats)],
            )
            size = os.path.getsize(directory / "picture.html") / 2**20
            print(f"  {size:.1f} MiB")
        for space in SPACES:
            command = ("plot", "distribution", "macs", *space, "picture=macs.html")
            first = seconds(directory, *command)
            again = [seconds(directory, *command) for _ in range(arguments.repeats)]
            told(f"dse {' '.join(command)}: {first:.1f} s with nothing known; then", again)


if __name__ == "__main__":
    main()
