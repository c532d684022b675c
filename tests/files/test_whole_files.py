from pathlib import Path

import pytest

from dse.errors import DseError
from dse.files.whole_files import written_whole


def test_a_file_takes_its_place_at_the_end(tmp_path):
    path = tmp_path / "made" / "a.txt"
    with written_whole(path) as part:
        part.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert list(path.parent.iterdir()) == [path]


def test_what_fails_leaves_what_was_there(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("before")

    def write():
        with written_whole(path) as part:
            part.write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        write()
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named():
    path = Path("/proc/made/a.txt")
    with pytest.raises(DseError, match=rf"^{path}: "), written_whole(path):
        pass
