"""Commands on what somebody mistyped or meant ill: `python -m tests.benchmarks.fuzzing pages 2000`.

Each case runs in a process of its own, for 20 seconds at most. None may end in a traceback, take
longer, or leave a store that is damaged.
"""

import contextlib
import io
import multiprocessing
import random
import sqlite3
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from dse.cli.main import main as dse
from tests.mutations import drawn_words, mutated_group_page, mutated_page

LIMIT = 20.0
"""Seconds that a command may take."""
SEED = 12


@dataclass(frozen=True)
class Case:
    """Files, and a command that reads them."""

    words: list[str]
    files: dict[str, str]


@dataclass(frozen=True)
class Ending:
    """What came of a case."""

    case: Case
    kind: str
    """`done`, `refused`, or one of `WRONG`."""
    seconds: float
    told: str


WRONG = ("traceback", "time-out", "killed", "damaged", "untold")
"""What may not be; `untold` is a failure without its one line."""


def _page(draw: random.Random) -> Case:
    name, text = mutated_page(draw)
    words = draw.choice(
        [
            ["sweep", "--config-dir", "mine", f"family={name}", "grid=none"],
            ["space", "--config-dir", "mine", f"family={name}", "grid=none"],
            ["search", "--config-dir", "mine", f"family={name}", "grid=none", "objective=params"],
            ["families", name, "--config-dir", "mine"],
            ["check", f"mine/family/{name}.yaml"],
        ]
    )
    return Case(words, {f"mine/family/{name}.yaml": text})


def _group_page(draw: random.Random) -> Case:
    path, text = mutated_group_page(draw)
    group, _, file = path.rpartition("/")
    name = file.removesuffix(".yaml")
    command = name if not group else "search"
    chosen = [f"{group}={name}"] if group else []
    family = [] if group == "family" else ["family=mlp"]
    grid = [] if group in ("grid", "family") else ["grid=none", "grid.resolution=[8]"]
    few = ["trials=2"] if command == "search" else []
    words = [command, "--config-dir", "mine", *family, *grid, *few, *chosen]
    if group == "family":
        words.append("grid=none")
    if command == "search" and group != "objective":
        words.append("objective=params")
    return Case(words, {f"mine/{path}": text})


def _words(draw: random.Random) -> Case:
    return Case(drawn_words(draw), {})


KINDS: dict[str, Callable[[random.Random], Case]] = {
    "pages": _page,
    "groups": _group_page,
    "overrides": _words,
}
"""What is drawn, by the word that asks for it."""


def run(case: Case, directory: Path) -> tuple[str, str]:
    """Run a case in a directory; return its kind of ending and what it told."""
    directory.mkdir(exist_ok=True)
    for path, text in case.files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text, encoding="utf-8", errors="surrogateescape")
    out, err = io.StringIO(), io.StringIO()
    status: object = 0
    try:
        with (
            contextlib.chdir(directory),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            dse(case.words)
    except SystemExit as ended:
        status = ended.code
    except Exception:  # noqa: BLE001  a traceback is what is looked for
        return "traceback", traceback.format_exc()
    lines = [line for line in err.getvalue().splitlines() if line.startswith("error: ")]
    if status not in (0, None) and len(lines) != 1 and case.words[0] != "check":
        return "untold", out.getvalue() + err.getvalue()
    for store in directory.rglob("*.db"):
        with contextlib.closing(sqlite3.connect(store)) as connection:
            try:
                (state,) = connection.execute("pragma integrity_check").fetchone()
            except sqlite3.DatabaseError as error:
                state = str(error)
        if state != "ok":
            return "damaged", state
    return ("done", "") if status in (0, None) else ("refused", lines[-1] if lines else "")


def _child(case: Case, connection) -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as directory:
        connection.send(run(case, Path(directory)))


def ending(case: Case) -> Ending:
    """Run a case in a process of its own."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(case, theirs))
    started = time.perf_counter()
    process.start()
    theirs.close()
    kind, told = "time-out", ""
    if ours.poll(LIMIT):
        try:
            kind, told = ours.recv()
        except EOFError:
            process.join()
            kind, told = "killed", f"exit code {process.exitcode}"
    seconds = time.perf_counter() - started
    process.kill()
    process.join()
    return Ending(case, kind, seconds, told)


def warm() -> None:
    """Load what commands load, so that the processes of the cases have it."""
    torch.set_num_threads(1)
    few = ["family=mlp", "grid=none", "grid.resolution=[8]"]
    with tempfile.TemporaryDirectory() as directory:
        for words in (
            ["sweep", *few],
            ["space", *few],
            ["search", *few, "objective=params", "exact=false", "trials=1"],
            ["check", "mlp"],
            ["families", "mlp"],
        ):
            run(Case(words, {}), Path(directory))


def main(kind: str, number: int, seed: int = SEED) -> int:
    """Run so many cases of a kind and print what came of them; return how many went wrong."""
    warm()
    draw = random.Random(seed)
    endings = []
    for index in range(number):
        found = ending(KINDS[kind](draw))
        endings.append(found)
        if found.kind in WRONG:
            print(f"\n{found.kind} of case {index}: dse {' '.join(found.case.words)}")
            for path, text in found.case.files.items():
                print(f"--- {path}\n{text}---")
            print(found.told[-3000:], flush=True)
    counts = Counter(each.kind for each in endings)
    slowest = max(endings, key=lambda each: each.seconds)
    slow = sum(each.seconds > 1 for each in endings)
    wrong = sum(counts[each] for each in WRONG)
    print(f"{kind}: {number} cases, seed {seed}")
    for name, count in counts.most_common():
        print(f"  {name:<10} {count:>6}")
    print(f"  over 1 s   {slow:>6}")
    print(f"  slowest    {slowest.seconds:>6.1f} s  dse {' '.join(slowest.case.words)}")
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:])) else 0)
