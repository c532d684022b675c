"""The pages of the manual as what they are made of: prose, files, command lines and Python.

In a page, a fence of

- `console` holds command lines after `$ `, continued after `> `, and what they print;
- a language and a path, such as `yaml my_conf/family/mine.yaml`, is a file that is there then;
- `python` is run, and a fence of `text` right behind it holds what it prints.

All of a page happens in one directory, empty at first, from top to bottom.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dse.configs.config_places import config_directory
from dse.costs.cost_list import COSTS
from dse.counting import unregister
from dse.counting.operators.operator_costs import RULES
from dse.counting.operators.own_rules import forget_rule, own_rules
from tests.guide.stand_in import StandInShell

ROOT = Path(__file__).parent.parent.parent
README = ROOT / "README.md"
PAGES = {path.stem: path for path in sorted((ROOT / "dse" / "guide").glob("*.md"))}
LONGEST = 18
"""Lines of output that a page shows at most."""
_FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
_COMMAND = re.compile(r"^\$ .*(?:\n> .*)*", flags=re.MULTILINE)


@dataclass(frozen=True)
class Fence:
    """A fenced block of a page."""

    language: str
    path: str
    body: str
    start: int
    """Of the body, in the text of the page."""

    @property
    def commands(self) -> list[str]:
        """The command lines of a console, as they are pasted into a shell."""
        if self.language != "console":
            return []
        return [found[2:].replace("\n> ", "\n") for found in _COMMAND.findall(self.body)]


def fences(text: str) -> list[Fence]:
    """Return the fenced blocks of a page."""
    return [
        Fence(found[1], found[2] or "", found[3], found.start(3)) for found in _FENCE.finditer(text)
    ]


@dataclass(frozen=True)
class Step:
    """A command line or a piece of Python, what a page shows of it and what it printed."""

    fence: Fence
    source: str
    shown: list[str]
    printed: list[str]
    status: int = 0


@dataclass
class PageRun:
    """A page as it happens in a directory."""

    text: str
    directory: Path
    shell: StandInShell
    names: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})

    def steps(self) -> Iterator[Step]:
        """Do what the page says, and yield each step."""
        with _forgotten(self.directory):
            yield from self._steps()

    def _steps(self) -> Iterator[Step]:
        found = fences(self.text)
        for index, fence in enumerate(found):
            if fence.path:
                file = self.directory / fence.path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(fence.body)
            elif fence.language == "console":
                yield from self._commands(fence)
            elif fence.language == "python":
                following = found[index + 1 : index + 2]
                close = fence.start + len(fence.body) + len("```\n\n```text\n")
                behind = [one for one in following if (one.language, one.start) == ("text", close)]
                yield self._python(fence, behind[0] if behind else None)

    def _commands(self, fence: Fence) -> Iterator[Step]:
        shown = iter([*re.split(_COMMAND, fence.body)[1:]])
        for command in fence.commands:
            done = self.shell.run(command, self.directory)
            expected = next(shown).removeprefix("\n").rstrip("\n").splitlines()
            yield Step(fence, command, expected, printed(done.stdout, done.stderr), done.status)

    def _python(self, fence: Fence, output: Fence | None) -> Step:
        stdout = io.StringIO()
        with contextlib.chdir(self.directory), contextlib.redirect_stdout(stdout):
            exec(compile(fence.body, "a page", "exec"), self.names)
        lines = shortened(stdout.getvalue().splitlines())
        return Step(output or fence, fence.body, output.body.splitlines() if output else [], lines)


@contextlib.contextmanager
def _forgotten(directory: Path) -> Iterator[None]:
    """Take back, behind a page, what it has registered and imported."""
    path, costs, rules, told = [*sys.path], {**COSTS}, {**RULES}, {*own_rules()}
    try:
        yield
    finally:
        sys.path[:] = path
        # While a rule of a user's is there, nothing is taken from closed forms or earlier runs.
        for what in {*own_rules()} - told:
            unregister(what)
            forget_rule(what)
        for registry, before in ((COSTS, costs), (RULES, rules)):
            registry.clear()
            registry.update(before)
        for name, module in [*sys.modules.items()]:
            if Path(getattr(module, "__file__", None) or "/").is_relative_to(directory):
                del sys.modules[name]


def printed(stdout: str, stderr: str) -> list[str]:
    """Return the lines of a command's output as a page shows them."""
    lines = [line for line in stdout.splitlines() if "[HYDRA]" not in line]
    lines += [line for line in stderr.splitlines() if not re.search(r", [\d.,]+/s(, |$)", line)]
    return shortened([line.replace(str(config_directory()), "conf") for line in lines])


def shortened(lines: list[str]) -> list[str]:
    """Cut long output in the middle, the way a page shows it."""
    if len(lines) <= LONGEST:
        return lines
    return [*lines[: LONGEST // 2], "…", *lines[-(LONGEST // 2 - 1) :]]


def comparable(command: str, lines: list[str]) -> list[str]:
    """Leave out what depends on the processor's arithmetic, the machine or the time."""
    lines = [re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?", "DATE", line) for line in lines]
    if re.match(r"dse (runs|status|trials)", command):
        return [line.split()[0] for line in lines if line]
    if re.search(r"--time|dse measure|device=this", command):
        return [re.sub(r"[+-]?[\d.,]+\w*", "#", " ".join(line.split())) for line in lines]
    if not depends_on_rounding(command, lines):
        return lines
    lines = [" ".join(line.split()) for line in lines]
    heads = (i for i, line in enumerate(lines) if line.startswith(("id ", "naswot ", "budget ")))
    header = next(heads, 0)
    rows = [re.sub(r"(?<!\S)\d[\d.]*([kMG]|[KMG]iB)?(?!\S)", "#", line) for line in lines[header:]]
    return [*lines[:header], *rows]


def depends_on_rounding(command: str, lines: list[str]) -> bool:
    """Say whether a Gaussian process chose, or a score of a network ranks, what is printed."""
    evaluated_all = any("each was evaluated once" in line for line in lines)
    chosen = re.search(r"dse (search|compare)", command) is not None and not evaluated_all
    scores = ("naswot", "objective=latency", "latency_ms", "accuracy")
    said = [command, *(line for line in lines if line.startswith("best by "))]
    return chosen or any(score in line for score in scores for line in said)
