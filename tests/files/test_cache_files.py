"""Files of the cache tell what they were written for, and are never needed."""

import os

import pytest

from dse.files import cache_files


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return cache_files.cache_file("some", "file.json")


def test_what_was_kept_is_there_for_what_it_follows_from(file, tmp_path):
    assert file == tmp_path / "dse" / "some" / "file.json"
    assert cache_files.cached(file, ["code", 1]) is None
    cache_files.cache(file, ["code", 1], {"a": [1, 2]})
    assert cache_files.cached(file, ["code", 1]) == {"a": [1, 2]}
    assert cache_files.cached(file, ["code", 2]) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"content": 1}', "\x00"])
def test_a_damaged_file_is_as_good_as_none(file, text):
    file.parent.mkdir(parents=True)
    file.write_text(text)
    assert cache_files.cached(file, "code") is None
    cache_files.cache(file, "code", 3)
    assert cache_files.cached(file, "code") == 3


def test_a_cache_that_cannot_be_written_is_left(tmp_path, monkeypatch):
    (tmp_path / "a_file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a_file"))
    file = cache_files.cache_file("file.json")
    cache_files.cache(file, "code", 3)
    assert cache_files.cached(file, "code") is None
    assert os.listdir(tmp_path) == ["a_file"]
