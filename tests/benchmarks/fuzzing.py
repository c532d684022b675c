"""Commands on what somebody mistyped or meant ill: `python -m tests.benchmarks.fuzzing pages 2000`.

`all` in place of a kind runs so many cases of each. Each case runs in a process of its own, for 20
seconds at most. None may end in a traceback, take longer, leave a store that is damaged, or store a
part of a table that it refuses.
"""

import contextlib
import io
import multiprocessing
import random
import shutil
import sqlite3
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from dse.cli.main import main as dse
from dse.cli.printing.output import OutputFormat, print_rows
from tests.cli.fuzzed_tables import fill_swept, mutated_table, table_words
from tests.cli.fuzzed_targets import CONTENT, FILE, mutated_target
from tests.mutations import drawn_words, mutated_group_page, mutated_page
from tests.store.conftest import fill_example
from tests.store.fuzzed_texts import mutated_question

LIMIT = 20.0
"""Seconds that a command may take."""
SEED = 12
STORE = "outputs/dse.db"


@dataclass(frozen=True)
class Case:
    """Files, and a command that reads them."""

    words: list[str]
    files: dict[str, bytes]


@dataclass(frozen=True)
class Ending:
    """What came of a case."""

    case: Case
    kind: str
    """`done`, `refused`, or one of `WRONG`."""
    seconds: float
    told: str


WRONG = ("traceback", "time-out", "killed", "damaged", "in part", "untold")
"""What may not be; `untold` is a failure without its one line."""


@dataclass(frozen=True)
class Kind:
    """What is drawn, and what its commands find in their directory."""

    draw: Callable[[random.Random], Case]
    prepare: Callable[[Path], None] | None = None


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
    return Case(words, {f"mine/family/{name}.yaml": _bytes(text)})


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
    return Case(words, {f"mine/{path}": _bytes(text)})


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _words(draw: random.Random) -> Case:
    return Case(drawn_words(draw), {})


def _target(draw: random.Random) -> Case:
    return Case(mutated_target(draw), {FILE: CONTENT.encode()})


def _question(draw: random.Random) -> Case:
    return Case(mutated_question(draw), {})


def _table(draw: random.Random) -> Case:
    name, content = mutated_table(draw)
    return Case(table_words(name, draw), {name: content})


def _ask_examples(directory: Path) -> None:
    (directory / STORE).parent.mkdir()
    fill_example(str(directory / STORE))


KINDS = {
    "pages": Kind(_page),
    "groups": Kind(_group_page),
    "overrides": Kind(_words),
    "targets": Kind(_target),
    "queries": Kind(_question, _ask_examples),
    "tables": Kind(_table, fill_swept),
}
"""What is drawn, by the word that asks for it."""


def prepared(kind: str, directory: Path) -> Path:
    """Make a directory as the commands of a kind find it."""
    directory.mkdir()
    prepare = KINDS[kind].prepare
    if prepare is not None:
        prepare(directory)
    return directory


def run(case: Case, directory: Path, beside: Path | None = None) -> tuple[str, str]:
    """Run a case in a new directory; return its kind of ending and what it told.

    Args:
        case: the files and the command.
        directory: is made.
        beside: a directory whose files it has as well.
    """
    shutil.copytree(beside, directory) if beside else directory.mkdir()
    for path, content in case.files.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_bytes(content)
    held = _rows_of_tables(directory)
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
    if "Traceback (most recent call last)" in err.getvalue():
        return "traceback", err.getvalue()
    lines = [line for line in err.getvalue().splitlines() if line.startswith("error: ")]
    if status not in (0, None) and len(lines) != 1 and case.words[0] != "check":
        return "untold", out.getvalue() + err.getvalue()
    for store in directory.rglob("*.db"):
        state = _state(store)
        if state != "ok":
            return "damaged", state
    if status in (0, None):
        return "done", ""
    if case.words[0] == "import" and _rows_of_tables(directory) != held:
        return "in part", lines[-1]
    return "refused", lines[-1] if lines else ""


def _state(store: Path) -> str:
    with contextlib.closing(sqlite3.connect(store)) as connection:
        try:
            (state,) = connection.execute("pragma integrity_check").fetchone()
            strays = connection.execute("pragma foreign_key_check").fetchall()
        except sqlite3.DatabaseError as error:
            return str(error)
    return f"foreign keys of {strays}" if strays else str(state)


def _rows_of_tables(directory: Path) -> list[tuple[object, ...]]:
    """Return what an import writes: candidates and measurements."""
    if not (directory / STORE).exists():
        return []
    with contextlib.closing(sqlite3.connect(directory / STORE)) as connection:
        return [
            row
            for table in ("candidate", "measurement")
            for row in connection.execute(f"select * from {table} order by id")
        ]


def _child(case: Case, beside: Path, connection) -> None:
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as directory:
        connection.send(run(case, Path(directory) / "case", beside))


def ending(case: Case, beside: Path) -> Ending:
    """Run a case in a process of its own."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(case, beside, theirs))
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
        for number, words in enumerate(
            (
                ["sweep", *few],
                ["space", *few],
                ["search", *few, "objective=params", "exact=false", "trials=1"],
                ["check", "mlp"],
                ["families", "mlp"],
                ["count", "torch.nn.Linear", "in_features=8", "out_features=4", "--input", "8"],
            )
        ):
            run(Case(words, {}), Path(directory) / str(number))


def main(asked: str, number: int, seed: int = SEED) -> int:
    """Run so many cases of a kind, or of all, and print a table; return how many went wrong."""
    warm()
    found = {kind: _endings(kind, number, seed) for kind in (KINDS if asked == "all" else [asked])}
    rows = [
        {
            "kind": kind,
            "cases": len(endings),
            **{name: sum(e.kind == name for e in endings) for name in ("done", "refused", *WRONG)},
            "over 1 s": sum(each.seconds > 1 for each in endings),
            "slowest": f"{max(each.seconds for each in endings):.1f} s",
        }
        for kind, endings in found.items()
    ]
    print_rows(rows, OutputFormat.markdown)
    return sum(each.kind in WRONG for endings in found.values() for each in endings)


def _endings(kind: str, number: int, seed: int) -> list[Ending]:
    found = []
    with tempfile.TemporaryDirectory() as place:
        beside = Path(place) / kind
        # A process that has used Polars must not be forked, for the threads of Polars are not.
        with multiprocessing.get_context("fork").Pool(1) as process:
            process.apply(prepared, (kind, beside))
            cases = process.apply(_cases, (kind, number, seed))
        for index, case in enumerate(cases):
            found.append(ending(case, beside))
            if found[-1].kind in WRONG:
                _tell(f"{found[-1].kind} of case {index}", found[-1])
    _tell("the slowest", max(found, key=lambda each: each.seconds))
    return found


def _cases(kind: str, number: int, seed: int) -> list[Case]:
    draw = random.Random(seed)
    return [KINDS[kind].draw(draw) for _ in range(number)]


def _shown(content: bytes) -> str:
    text = content.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in text)


def _tell(what: str, found: Ending) -> None:
    print(f"\n{what}, {found.seconds:.1f} s: dse {found.case.words}")
    for path, content in found.case.files.items():
        print(f"--- {path}\n{_shown(content[:3000])}---")
    print(found.told[-3000:], flush=True)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:])) else 0)
