"""A full disk, a file that cannot be written, a file cut short: one line each, nothing damaged."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dse.costs.cost_conditions import Conditions
from dse.costs.cost_list import Costs
from dse.errors import DseError
from dse.store import (
    CandidateRow,
    ask,
    insert_candidates,
    open_for_reading,
    open_store,
    start_run,
)
from dse.store.questions.grouped_answers import answer_by_group
from dse.store.questions.pareto_answers import ParetoGoal, pareto


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a small disk; the other tests limit the size of files")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def rows(first: int, number: int = 200) -> list[CandidateRow]:
    return [
        CandidateRow(key, "mlp", Conditions(), {"name": "x" * 100}, Costs(macs=key))
        for key in range(first, first + number)
    ]


def fill(path: Path) -> tuple[int, str]:
    """Insert until there is no room; return how many transactions fitted, and the message."""
    store = open_store(str(path))
    run = start_run(store, "dse sweep", {}, {})
    done = 0
    try:
        while done < 1000:
            insert_candidates(store, run, rows(200 * done))
            done += 1
    except DseError as error:
        return done, str(error)
    finally:
        store.dispose()
    raise AssertionError("there was room for everything")


def check_whole(path: Path, transactions: int) -> None:
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        keys = [key for (key,) in database.execute("SELECT key FROM candidate ORDER BY id")]
    assert keys == list(range(200 * transactions))


def test_a_full_disk_keeps_whole_transactions_and_goes_on_elsewhere(
    small_disk: Path, tmp_path: Path
) -> None:
    path = small_disk / "dse.db"
    done, message = fill(path)
    assert message == f"store {path} cannot be written: database or disk is full"
    assert done > 0
    check_whole(path, done)
    roomy = tmp_path / "dse.db"
    for file in ("dse.db", "dse.db-wal"):  # What had no room in the one still stands in the other.
        if (small_disk / file).exists():
            shutil.copy(small_disk / file, tmp_path / file)
    store = open_store(str(roomy))
    run = start_run(store, "dse sweep", {}, {})
    assert insert_candidates(store, run, rows(0, 200 * (done + 2))) == 400
    check_whole(roomy, done + 2)


def test_a_store_on_a_read_only_disk_is_read_and_not_written(small_disk: Path) -> None:
    path = small_disk / "dse.db"
    store = open_store(str(path))
    run = start_run(store, "dse sweep", {}, {})
    insert_candidates(store, run, rows(0, 20))
    store.dispose()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    before = path.read_bytes()
    assert len(ask(open_for_reading(str(path)), "macs >= 0")) == 20
    with pytest.raises(DseError, match=r"cannot be written: (attempt|unable to open)"):
        start_run(open_store(str(path)), "dse sweep", {}, {})
    assert path.read_bytes() == before
    with pytest.raises(DseError, match=r"new\.db"):
        open_store(str(small_disk / "new.db"))


def test_a_limit_of_the_size_of_files_keeps_whole_transactions(tmp_path: Path) -> None:
    script = f"""
import resource, signal
from pathlib import Path
from tests.store.test_faults import fill
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
done, message = fill(Path({str(tmp_path / "dse.db")!r}))
print(done, message)
"""
    ended = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=Path.cwd()
    )
    done, _, message = ended.stdout.strip().partition(" ")
    assert f"store {tmp_path / 'dse.db'} cannot be written: " in message
    assert "\n" not in message
    assert int(done) > 0
    check_whole(tmp_path / "dse.db", int(done))


@pytest.mark.parametrize("part", [0.01, 0.3, 0.6, 0.9, 0.99])
def test_a_store_cut_short_is_told_and_left_alone(
    example_file: Path, tmp_path: Path, part: float
) -> None:
    path = tmp_path / "cut.db"
    whole = example_file.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    before = path.read_bytes()
    expected = r"cut\.db cannot be read: .*(malformed|disk image|not a data)"
    with pytest.raises(DseError, match=expected):
        read_everything(path)
    assert path.read_bytes() == before


def read_everything(path: Path) -> None:
    engine = open_for_reading(str(path))
    ask(engine, "invalid is null or invalid is not null")
    answer_by_group(engine, "family")
    pareto(engine, [ParetoGoal("macs", "min"), ParetoGoal("accuracy", "max")])
    with engine.connect() as connection:
        # Every page of the file, those of the indexes included.
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    if found != "ok":
        raise DseError(f"{path} cannot be read: malformed")
