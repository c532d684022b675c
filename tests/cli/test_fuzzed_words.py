"""No mutation of a target or of a question ends in anything but an answer or one line."""

import shutil
from pathlib import Path

import pytest

from tests.cli.command import run_words
from tests.cli.fuzzed_targets import CONTENT, FILE, mutations_of_count_targets
from tests.store.conftest import fill_example
from tests.store.fuzzed_texts import mutations_of_query_texts

NUMBER, SEED, SLICES = 200, 12, 4


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("fuzzed")
    (directory / FILE).write_text(CONTENT)
    (directory / "outputs").mkdir()
    fill_example(str(directory / "outputs" / "dse.db"))
    return directory


@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize("mutations", [mutations_of_count_targets, mutations_of_query_texts])
def test_a_mutation_is_answered_or_refused(directory, tmp_path, mutations, part):
    shutil.copytree(directory, tmp_path, dirs_exist_ok=True)
    lines = list(mutations(NUMBER, SEED))[part::SLICES]
    assert len(lines) == NUMBER // SLICES
    endings = [_ending(tmp_path, words) for words in lines]
    assert {0, 1} <= {*endings}, "some are answered, some are refused"


def _ending(directory: Path, words: list[str]) -> int:
    status, _, stderr = run_words(directory, *words)
    told = stderr.decode()
    assert status in (0, 1, 2), (words, told)
    assert "Traceback" not in told, words
    if status:
        assert [line[:7] for line in told.splitlines()].count("error: ") == 1, (words, told)
    return status
