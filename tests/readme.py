"""The README's console blocks: `python -m tests.readme` writes their real output into it."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from dse.configs import config_directory
from dse.costs import COSTS
from tests.cli.command import process

README = Path(__file__).parent.parent / "README.md"
LONGEST = 18
"""Lines of output that the README shows at most."""


def blocks(text: str) -> list[str]:
    """Return the content of each console block."""
    return re.findall(r"```console\n(.*?)```", text, flags=re.DOTALL)


def files(text: str) -> dict[str, str]:
    """Return the content of each file that the README shows, by its name."""
    return dict(re.findall(r"```csv (\S+)\n(.*?)```", text, flags=re.DOTALL))


def commands(block: str) -> list[str]:
    """Return the commands of a console block."""
    return [line[2:] for line in block.splitlines() if line.startswith("$ ")]


def words(command: str, directory: Path, shell: str = "bash") -> list[str]:
    """Return the words that `dse` gets when a command is pasted into a shell in a directory."""
    with tempfile.TemporaryDirectory() as place:
        stand_in, said = Path(place) / "dse", Path(place) / "words"
        stand_in.write_text(f"#!/bin/sh\nprintf '%s\\0' \"$@\" > {said}\n")
        stand_in.chmod(0o755)
        environment = {**os.environ, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}"}
        subprocess.run([shell, "-c", command], cwd=directory, env=environment, check=True)
        return said.read_text().split("\0")[:-1]


def shown(stdout: str, stderr: str) -> list[str]:
    """Return the lines of a command's output as the README shows them."""
    lines = [line for line in stdout.splitlines() if "[HYDRA]" not in line]
    lines += [line for line in stderr.splitlines() if not re.search(r", [\d.,]+/s(, |$)", line)]
    return shortened([line.replace(str(config_directory()), "conf") for line in lines])


def shortened(lines: list[str]) -> list[str]:
    """Cut long output in the middle, the way the README shows it."""
    if len(lines) <= LONGEST:
        return lines
    return [*lines[: LONGEST // 2], "…", *lines[-(LONGEST // 2 - 1) :]]


def cost_table() -> str:
    """Return the table of costs, a line for each declaration."""
    lines = [
        f"| `{cost.name}` | {cost.unit} | {cost.formula or cost.composes} | {cost.meaning} |"
        for cost in COSTS.values()
    ]
    return "\n".join(["| cost | unit | composes | exact meaning |", "|---|---|---|---|", *lines])


def main() -> None:
    """Run every command of the README in a directory of its own and paste what it prints."""
    text = re.sub(r"\| cost \|.*?\n\n", cost_table() + "\n\n", README.read_text(), flags=re.DOTALL)
    with tempfile.TemporaryDirectory() as directory:
        for name, content in files(text).items():
            (Path(directory) / name).write_text(content)
        for block in blocks(text):
            written = []
            for command in commands(block):
                done = process(Path(directory), *words(command, Path(directory)))
                written += [f"$ {command}", *shown(done.stdout, done.stderr)]
            text = text.replace(block, "\n".join(written) + "\n", 1)
    README.write_text(text)


if __name__ == "__main__":
    os.environ.pop("COLUMNS", None)
    sys.exit(main())
