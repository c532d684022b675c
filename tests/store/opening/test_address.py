"""The settings in a URL: what is not known is refused, before anything is opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from dse.errors import DseError
from dse.store import open_for_reading, open_store


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("mode=ro", "unknown setting 'mode' in the URL; a file takes none; give its plain path"),
        ("vfs=unix-none", "unknown setting 'vfs'"),
        ("mode=ro&vfs=unix-none&uri=true", "unknown setting"),
        ("check_same_thread=false", "unknown setting 'check_same_thread'"),
    ],
)
def test_a_file_takes_no_settings(tmp_path: Path, query: str, message: str) -> None:
    for opened in (open_store, open_for_reading):
        with pytest.raises(DseError, match=message):
            opened(f"sqlite:///{tmp_path}/x.db?{query}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("query", ["options=-c", "sslmod=require", "autocommit=1", "row_factory=x"])
def test_a_server_takes_those_that_say_where_it_is_and_how_to_speak_to_it(query: str) -> None:
    with pytest.raises(DseError, match=r"unknown setting '.*' in the URL") as refusal:
        open_store(f"postgresql://me@localhost/x?{query}")
    if query.startswith("sslmod="):
        assert "did you mean 'sslmode'?" in str(refusal.value)
