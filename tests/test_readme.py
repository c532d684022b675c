"""Every command of the README runs, and prints what the README shows."""

import re
import shutil
import subprocess
import sys

import pytest

from dse.cli.main import app
from dse.configs import config_directory
from tests.cli.command import dse
from tests.readme import README, blocks, commands, cost_table, files, shown, words

TEXT = README.read_text()


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """One directory, as the commands build on each other."""
    directory = tmp_path_factory.mktemp("tour")
    for name, content in files(TEXT).items():
        (directory / name).write_text(content)
    return directory


def comparable(command: str, lines: list[str]) -> list[str]:
    """Leave out what depends on the processor's arithmetic, the machine or the time."""
    if command.startswith("dse runs"):
        return [line.split()[0] for line in lines if line]
    if not depends_on_rounding(command, lines):
        return lines
    lines = [" ".join(line.split()) for line in lines]
    header = next(
        i for i, line in enumerate(lines) if line.startswith(("id ", "naswot ", "budget "))
    )
    rows = [re.sub(r"(?<!\S)\d[\d.]*([kMG]|[KMG]iB)?(?!\S)", "#", line) for line in lines[header:]]
    return [*lines[:header], *rows]


def depends_on_rounding(command: str, lines: list[str]) -> bool:
    """Say whether a Gaussian process chose, or a score of a network ranks, what is printed."""
    evaluated_all = any("each was evaluated once" in line for line in lines)
    chosen = command.startswith(("dse search", "dse compare")) and not evaluated_all
    return chosen or "naswot" in command


def test_the_tour_prints_what_the_readme_shows(directory):
    for block in blocks(TEXT):
        expected = block.splitlines()
        for command in commands(block):
            expected.pop(0)
            status = 1 if expected[0].startswith("error: ") else 0
            done = dse(directory, *words(command, directory), status=status)
            printed = shown(done.stdout, done.stderr)
            shown_lines, expected = expected[: len(printed)], expected[len(printed) :]
            assert comparable(command, printed) == comparable(command, shown_lines), command
        assert expected == []


def test_every_command_says_the_same_to_zsh(directory):
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed, so that its reading of the README is not known")
    shown = [command for block in blocks(TEXT) for command in commands(block)]
    helped = examples()
    assert len(helped) > 20
    for command in [*shown, *helped]:
        assert words(command, directory, "zsh") == words(command, directory), command


def examples() -> list[str]:
    """Return the command lines that the help of each command shows."""
    texts = [command.callback.__doc__ for command in app.registered_commands]
    texts += [page.read_text() for page in config_directory().glob("*.yaml")]
    joined = "\n".join(texts).replace("\n    --", " --")
    return re.findall(r"(?:: +|^ +)(dse [a-z]+ .*)$", joined, flags=re.MULTILINE)


def test_the_readme_shows_every_command():
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        assert f"$ dse {name} " in TEXT or f"$ dse {name}\n" in TEXT


def setup_commands() -> list[str]:
    return re.findall(r"```sh\n(.*?)\n```", TEXT, flags=re.DOTALL)


def test_continuous_integration_runs_the_test_command_word_for_word():
    _, tests = setup_commands()
    assert tests in (README.parent / ".ci" / "run").read_text().splitlines()


def test_the_main_job_is_the_tour(directory):
    main, _ = setup_commands()
    assert main.startswith("python3 -m venv .venv && .venv/bin/pip install . && ")
    tour = [command for block in blocks(TEXT) for command in commands(block)]
    for part in main.split(" && ")[2:]:
        assert part.removeprefix(".venv/bin/") in tour


def test_the_python_of_the_readme_runs():
    code = "\n".join(re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL))
    subprocess.run([sys.executable, "-c", code], check=True, cwd=README.parent)


def test_the_table_of_costs_is_that_of_the_declarations():
    assert f"{cost_table()}\n\n" in README.read_text()
