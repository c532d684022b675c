"""To look what a file is disturbs no connection that there is to it."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from dse.errors import DseError
from dse.store import open_for_reading, open_store
from dse.store.opening.files import check_file

_TAKES_OVER = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1], timeout=0) as other:
    print(other.execute("pragma journal_mode = delete").fetchone()[0])
"""


def taken_over(path):
    """Whether another process may have the file for itself, as when nobody is connected."""
    command = [sys.executable, "-c", _TAKES_OVER, str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout == "delete\n"


@pytest.mark.parametrize(
    "look",
    [
        check_file,
        lambda path: open_store(f"sqlite:///{path}").dispose(),
        lambda path: open_for_reading(f"sqlite:///{path}").dispose(),
    ],
)
def test_locks_of_this_process_outlive_a_look(tmp_path, look):
    path = tmp_path / "dse.db"
    open_store(f"sqlite:///{path}").dispose()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select count(*) from run").fetchone() == (0,)
        look(path)
        assert not taken_over(path)
    assert taken_over(path)


@pytest.mark.parametrize("content", [b"text", b"text" * 1000, b"\0" * 5000])
def test_what_is_no_database(tmp_path, content):
    path = tmp_path / "dse.db"
    assert not check_file(path)
    path.write_bytes(b"")
    assert not check_file(path)
    path.write_bytes(content)
    with pytest.raises(DseError, match="is not a SQLite database; name another file"):
        check_file(path)
    with pytest.raises(DseError, match="cannot be opened: Is a directory"):
        check_file(tmp_path)
    assert path.read_bytes() == content
