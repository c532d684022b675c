"""Output that finds no room is one line and a failure; a reader that has seen enough is none."""

import os
import subprocess

import pytest

from tests.cli.command import DSE

COMMANDS = {
    "data": ("families", "--format", "json"),
    "help": ("query", "--help"),
    "help of Hydra": ("sweep", "--help"),
    "a page": ("guide", "count"),
    "a job": ("sweep", "family=mlp", "grid=none"),
}
"""One of each way in which commands print."""
WAYS = [(kind, "") for kind in COMMANDS] + [("data", "1"), ("a job", "1")]
"""Each with whether Python writes at once what is printed."""


def run(directory, kind, unbuffered, output):
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    words = [*DSE, *COMMANDS[kind]]
    return subprocess.run(
        words, cwd=directory, env=environment, stdout=output, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize(("kind", "unbuffered"), WAYS)
def test_a_full_disk_is_told_in_one_line(tmp_path, kind, unbuffered):
    with open("/dev/full", "w") as full:
        done = run(tmp_path, kind, unbuffered, full)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "error: the output cannot be written: No space left on device"
    )
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


@pytest.mark.parametrize(("kind", "unbuffered"), WAYS)
def test_a_reader_that_has_gone_is_not_complained_to(tmp_path, kind, unbuffered):
    read, written = os.pipe()
    os.close(read)
    with os.fdopen(written, "w") as pipe:
        done = run(tmp_path, kind, unbuffered, pipe)
    assert done.returncode == 141
    assert not {"error", "Error", "Traceback"} & {*done.stderr.replace(":", " ").split()}
