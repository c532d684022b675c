import csv
import io
import json
import re
import shlex
import subprocess
import sys

import polars
import pytest

import dse as package
from dse import __version__
from dse.cli.main import command_tree, tree_of_words
from tests.cli.command import DSE, dse, environment, on_terminal, refused, run_words

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
    [
        *([], ["--help"], ["--version"], ["query"], ["runs"], ["status"]),
        *([name, "--help"] for name in command_tree().commands),
        *(["families"], ["families", "resnet"], ["blocks"], ["blocks", "mbconv"]),
        *(["guide"], ["guide", "tour"], ["completion", "bash"]),
    ],
    ids=" ".join,
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


@pytest.mark.parametrize("name", command_tree().commands)
def test_help_fits_a_terminal_and_begins_with_what_the_command_does(tmp_path, name):
    shown = on_terminal(tmp_path, 80, name, "--help").splitlines()
    assert max(map(len, shown)) <= 80
    assert shown[0].startswith(f"Usage: dse {name}")
    assert any("--quiet" in line for line in shown)
    assert any(f"dse {name} " in line for line in shown[1:])


HYDRA_COMMANDS = [
    name
    for name, command in command_tree().commands.items()
    if command.context_settings.get("ignore_unknown_options")
]


@pytest.mark.parametrize("name", HYDRA_COMMANDS)
def test_options_end_with_two_dashes_for_hydra_as_well(tmp_path, name):
    told = dse(tmp_path, name, "--", "--help").stdout
    assert told == dse(tmp_path, name, "--help").stdout
    assert told.startswith(f"Usage: dse {name}")


def test_what_to_do_first_is_shown_where_nothing_is_asked(tmp_path):
    shown = dse(tmp_path).stdout
    commands = re.findall(r"^  (dse .*)$", shown, flags=re.MULTILINE)
    assert len(commands) >= 5
    assert max(map(len, shown.splitlines())) <= 80
    for command in commands:
        dse(tmp_path, *shlex.split(command)[1:])


def test_the_version_is_told(tmp_path):
    assert dse(tmp_path, "--version").stdout == f"dse {__version__}\n"
    module = [sys.executable, "-m", "dse", "--version"]
    done = subprocess.run(module, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == f"dse {__version__}\n"


def test_quiet_leaves_out_remarks_and_errors_stay(tmp_path):
    words = ("sweep", "family=mlp", "grid=none", "grid.resolution=8")
    assert dse(tmp_path, *words).stdout.startswith("mlp: ")
    quiet = dse(tmp_path, *words, "--quiet")
    assert not quiet.stdout.startswith("mlp: ")
    assert quiet.stderr == ""
    assert dse(tmp_path, "query", "macs < 1", "--quiet").stderr == ""
    assert "unknown column" in refused(tmp_path, "query", "mcas < 1", "--quiet")


def test_a_traceback_is_for_who_asks_for_it(tmp_path):
    done = dse(tmp_path, "query", "--debug", status=1)
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert "Traceback" not in dse(tmp_path, "query", status=1).stderr
    assert "Traceback" in dse(tmp_path, "sweep", "family=nix", "--debug", status=1).stderr


STORED = {
    "sweep": ("family=mlp", "grid=none", "grid.resolution=8"),
    "search": ("family=mlp", "grid=none", "grid.resolution=8", "objective=params"),
    "query": (),
    "runs": (),
    "status": (),
    "show": ("1",),
}


def test_modules_are_allowed_the_same_way_everywhere(tmp_path):
    for name in ("my_layers", "your_layers"):
        (tmp_path / f"{name}.py").write_text("from torch import nn\nclass Wide(nn.Linear): ...\n")
        (tmp_path / "family").mkdir(exist_ok=True)
        (tmp_path / "family" / f"of_{name}.yaml").write_text(
            "axes: {width: 8}\ninput: [width]\nblocks:\n"
            f"  - {{block: {name}.Wide, out_features: 3}}\n"
        )
    own = ("--config-dir", ".")
    for name in ("sweep", "space"):
        for word in ("family=of_my_layers", "family=of_your_layers"):
            assert "allow its module" in refused(tmp_path, name, *own, word)
            dse(tmp_path, name, *own, word, "--allow", "my_layers", "--allow=your_layers")
            dse(tmp_path, name, *own, word, "allow=[my_layers,your_layers]")
    assert "two ways" in refused(
        tmp_path, "sweep", *own, "--allow", "my_layers", "allow=[your_layers]"
    )
    for family in ("of_my_layers", "of_your_layers"):
        assert "allow its module" in refused(tmp_path, "check", family, *own)
        dse(tmp_path, "check", family, *own, "--allow", "my_layers", "--allow", "your_layers")


def test_the_store_is_named_the_same_way_everywhere(tmp_path, monkeypatch):
    for name, words in STORED.items():
        dse(tmp_path, name, *words, "--store", "typed.db")
    monkeypatch.setenv("DSE_STORE", "meant.db")
    for name, words in STORED.items():
        dse(tmp_path, name, *words)
    assert {path.name.partition("-")[0] for path in tmp_path.iterdir()} == {"meant.db", "typed.db"}
    dse(tmp_path, "query", "--store", "typed.db")
    monkeypatch.chdir(tmp_path)
    assert package.open().url == "meant.db"


FORMATS = ["table", "csv", "json", "jsonl", "markdown", "parquet"]
SMALL = ("family=mlp", "grid=none", "grid.resolution=8", "grid.depth=[1,2]", "grid.norm=none")
PRINTING = {
    "sweep": SMALL,
    "search": (*SMALL, "objective=params"),
    "space": SMALL,
    "families": (),
    "blocks": (),
    "query": (),
    "pareto": ("--min", "macs"),
    "correlate": ("macs", "params"),
    "runs": (),
    "status": (),
    "trials": ("1",),
}


@pytest.mark.parametrize("format", FORMATS)
def test_formats_are_the_same_everywhere(tmp_path, format):
    rows = {}
    for name, words in PRINTING.items():
        status, printed, told = run_words(tmp_path, name, *words, "--format", format)
        assert (status, b"Traceback" in told) == (0, False), told
        if format == "json":
            rows[name] = json.loads(printed)
        elif format == "jsonl":
            rows[name] = [json.loads(line) for line in printed.splitlines()]
        elif format == "csv":
            rows[name] = list(csv.DictReader(io.StringIO(printed.decode())))
        elif format == "parquet":
            rows[name] = polars.read_parquet(io.BytesIO(printed)).to_dicts()
    assert all(rows.values())
    for name in ("sweep", "search", "space"):
        assert "unknown 'jsn'; did you mean 'json'?" in refused(tmp_path, name, "--format", "jsn")


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


def test_a_command_alone_is_what_it_is_among_all():
    assert tree_of_words([]) is tree_of_words(["qurey"]) is command_tree()
    for name, command in command_tree().commands.items():
        (alone,) = tree_of_words([name, "--help"]).commands.values()
        assert alone.help == command.help
        assert [each.opts for each in alone.params] == [each.opts for each in command.params]
