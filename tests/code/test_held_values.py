"""What a function of a notebook depends on: whatever it reads, wherever that stands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dse.code.fingerprints import code_of_function, untold_by

CELLS = {
    "a number": ("k = {}", "k * c", "3", "4"),
    "a number of another type": ("k = {}", "k * c", "1", "True"),
    "a text": ("k = {}", "k + c", "'a'", "'b'"),
    "within a list": ("k = [1, {}]", "k[1]", "3", "4"),
    "within a tuple of dicts": ("k = ({{'deep': {}}},)", "k[0]['deep']", "3", "4"),
    "within a set": ("k = {{1, {}}}", "c in k", "3", "4"),
    "of a function that it calls": ("k = {}\ndef g(c): return k", "g(c)", "3", "4"),
    "code of a function that it calls": ("def g(c): return c + {}", "g(c)", "3", "4"),
    "read by code within": ("k = {}", "[k for _ in c]", "3", "4"),
    "a default": ("d = {}\ndef g(c, k=d): return k", "g(c)", "3", "4"),
    "a default of a keyword": ("d = {}\ndef g(c, *, k=d): return k", "g(c)", "3", "4"),
    "enclosed": ("def h(k):\n def g(c): return k\n return g\ng = h({})", "g(c)", "3", "4"),
    "of an object": ("class A:\n def __init__(self): self.k = {}\na = A()", "a.k", "3", "4"),
    "a method of a class": ("class A:\n def g(self): return {}\na = A()", "a.g()", "3", "4"),
    "of a base": ("class B:\n k = {}\nclass A(B): pass", "A().k", "3", "4"),
    "of a dataclass": (
        "__name__ = 'builtins'\nimport dataclasses\n"
        "@dataclasses.dataclass(frozen=True, slots=True)\n"
        "class A:\n k: int\na = A({})",
        "a.k",
        "3",
        "4",
    ),
    "a bound method": (
        "class A:\n def g(self): return self.k\na = A(); a.k = {}; m = a.g",
        "m()",
        "3",
        "4",
    ),
    "of a partial": ("import functools\ng = functools.partial(max, {})", "g(c)", "3", "4"),
    "of what is remembered": (
        "import functools\n@functools.lru_cache\ndef g(c): return {}",
        "g(c)",
        "3",
        "4",
    ),
    "a member of an enumeration": (
        "import enum\nclass E(enum.Enum):\n A = 1\n B = 2\nk = E.{}",
        "k.value",
        "A",
        "B",
    ),
    "a path": ("from pathlib import Path\nk = Path('{}')", "k.stem", "a", "b"),
    "an array": ("import numpy\nk = numpy.array([{}])", "k[0]", "3", "4"),
    "another module": ("import {} as m", "m.pi", "math", "cmath"),
    "another function of a library": ("from math import {} as m", "m(c)", "sin", "cos"),
}  # fmt: skip
"""What stands in a cell, what a function returns, and two values that may stand there."""


def made(cell: str, body: str, name: str | None = "of_no_file") -> Any:
    """Return a function as a notebook makes it."""
    variables = {} if name is None else {"__name__": name}
    exec(f"{cell}\ndef f(c): return {body}", variables)
    return variables["f"]


@pytest.mark.parametrize("kind", CELLS)
def test_what_a_function_reads_is_part_of_its_fingerprint(kind: str) -> None:
    cell, body, *values = CELLS[kind]
    first, other = (made(cell.format(value), body) for value in values)
    assert code_of_function(first) == code_of_function(made(cell.format(values[0]), body))
    assert code_of_function(first) != code_of_function(other)
    assert untold_by(first) == ()


@pytest.mark.parametrize(
    ("cell", "body"),
    [
        ("k, unread = 3, {}", "k"),
        ("k, settings = 3, {}", "c.settings + k"),
        ("told = {}", "g(c)\ndef g(c):\n global told\n told = 1"),
        ("seen = {}", "g(c)\ndef g(c):\n global seen\n seen = seen + 1"),
    ],
)
def test_what_it_does_not_read_or_sets_itself_is_not(cell: str, body: str) -> None:
    first, other = (made(cell.format(value), body) for value in (3, 4))
    assert code_of_function(first) == code_of_function(other)


def test_a_variable_that_is_set_anew_is_seen() -> None:
    function = made("k = 3", "k * c")
    before = code_of_function(function)
    function.__globals__["k"] = 4
    assert code_of_function(function) != before
    function.__globals__["k"] = 3
    assert code_of_function(function) == before


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("import threading; k = [threading.Lock()]", ("`k` (lock)",)),
        ("k = {'deep': object()}", ("`k` (object)",)),
        ("import torch; k = torch.float32", ("`k` (dtype)",)),
    ],
)
def test_what_cannot_be_told_is_said(cell: str, said: tuple[str, ...]) -> None:
    first, other = made(cell, "k"), made(cell, "k")
    assert untold_by(first) == said
    assert code_of_function(first) == code_of_function(other), "not by where it lies in memory"


@pytest.mark.parametrize(
    "cell",
    [
        "k = []; k.append(k)",
        "k = {}; k['k'] = k",
        "def k(n): return k(n - 1)",
        "class A: pass\nA.k = A\nk = A()\nk.k = k",
    ],
)
def test_what_leads_to_itself_is_told(cell: str) -> None:
    assert code_of_function(made(cell, "k")) == code_of_function(made(cell, "k"))


def test_another_process_tells_the_same(tmp_path: Path) -> None:
    code = (
        "from dse.code.fingerprints import code_of_function\n"
        "k = {'b', 'a', 'c'}\n"
        "def f(c): return c in {'x', 'y', 'z'} and k\n"
        "print(code_of_function(f))"
    )
    run = [sys.executable, "-c", code]
    assert len({subprocess.check_output(run, cwd=tmp_path) for _ in range(3)}) == 1


def test_a_module_beside_a_notebook_is_read(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    module = tmp_path / "beside_notebook.py"
    codes = []
    for cell, body in (
        ("import beside_notebook", "beside_notebook.g(c)"),
        ("from beside_notebook import g", "g(c)"),
        ("", "__import__('math') and g(c)\ndef g(c):\n import beside_notebook"),
    ):
        for factor in (2, 3):
            module.write_text(f"def g(c): return {factor} * c\n")
            codes.append(code_of_function(made(cell, body)))
    assert len(set(codes)) == 6
