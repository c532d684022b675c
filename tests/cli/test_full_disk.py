"""Output that finds no room is one line and a failure; a reader that has seen enough is none."""

import os
import subprocess

import pytest

from tests.cli.command import DSE

COMMANDS = (
    ("families",),
    ("families", "--format", "json"),
    ("count", "torchvision.models.squeezenet1_1"),
    ("guide", "count"),
    ("--help",),
    ("query", "--help"),
    ("sweep", "--help"),
    ("sweep", "family=mlp", "grid=none"),
    ("space", "family=mlp", "grid=none", "format=json"),
)


@pytest.fixture(params=["", "1"], ids=["buffered", "unbuffered"])
def environment(request):
    return os.environ | {"PYTHONUNBUFFERED": request.param}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_full_disk_is_told_in_one_line(tmp_path, words, environment):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*DSE, *words], cwd=tmp_path, env=environment, stdout=full, stderr=-1, text=True
        )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "error: the output cannot be written: No space left on device"
    )
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_reader_that_has_gone_is_not_complained_to(tmp_path, words, environment):
    read, written = os.pipe()
    os.close(read)
    with os.fdopen(written, "w") as pipe:
        done = subprocess.run(
            [*DSE, *words], cwd=tmp_path, env=environment, stdout=pipe, stderr=-1, text=True
        )
    assert done.returncode == 141
    assert not {"error", "Error", "Traceback"} & {*done.stderr.replace(":", " ").split()}
