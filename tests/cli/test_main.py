import subprocess
import sys

import pytest

from tests.cli.command import DSE, dse, environment, refused

HEAVY = ("torch", "torchvision", "optuna", "hydra")
REPORT_IMPORTS = f"""
import sys
from dse.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("loaded:", [name for name in {HEAVY} if name in sys.modules])
"""


@pytest.mark.parametrize(
    "words",
    [["--help"], ["query", "--help"], ["query"], ["count", "--help"], ["runs"], ["status"]],
)
def test_help_and_query_load_nothing_heavy(tmp_path, words):
    if words == ["query"]:
        dse(tmp_path, "sweep", "grid=none")
    done = subprocess.run(
        [sys.executable, "-c", REPORT_IMPORTS, *words],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert "loaded: []" in done.stdout


def test_every_command_has_a_help_text_with_an_example(tmp_path):
    from dse.cli.main import app

    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        assert f"dse {name}" in (command.callback.__doc__ or ""), name


def test_an_unknown_command_or_option(tmp_path):
    assert "Did you mean 'sweep'?" in refused(tmp_path, "swep", status=2)
    assert "No such option: --inptu" in refused(tmp_path, "count", "x", "--inptu", status=2)


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    dse(tmp_path, "sweep", "grid=mobilenet_v2_published")
    process = subprocess.run(
        f"{' '.join(DSE)} query --format csv | head -n 1",
        shell=True,
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
    )
    assert process.stdout.startswith("id,")
    assert process.stderr == ""
