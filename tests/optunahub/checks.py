"""What the registry asks of a package, as its own workflows and its guide check it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

SECTIONS = ("Abstract", "Class or Function Names", "Installation", "Example")

TYPED = (
    *("--disallow-untyped-calls", "--disallow-untyped-defs", "--disallow-incomplete-defs"),
    *("--check-untyped-defs", "--no-implicit-optional", "--warn-redundant-casts"),
    *("--strict-equality", "--extra-checks", "--no-implicit-reexport", "--ignore-missing-imports"),
)
"""What the registry's mypy is strict about."""


def faults(place: Path) -> list[str]:
    """Return what the registry would refuse in a package, its types apart."""
    return [*_of_header(place), *_of_readme(place), *_of_files(place)]


def header(place: Path) -> dict[str, Any]:
    """Return the front matter of the package's page."""
    opening, matter, _ = (place / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    assert opening == "", "the page begins with its front matter"
    return dict(yaml.safe_load(matter))


def type_faults(place: Path) -> str:
    """Return what mypy says of the package; empty where nothing is wrong.

    As in the registry's checks, it finds neither NumPy nor Optuna.
    """
    alone = ("--config-file=", "--no-site-packages", "--explicit-package-bases")
    words = [sys.executable, "-m", "mypy", *alone, *TYPED, str(place)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=place.parents[2], check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _of_header(place: Path) -> Iterator[str]:
    found = header(place)
    for key in ("author", "title", "description", "license"):
        if not isinstance(found.get(key), str):
            yield f"{key} is no text"
    for key in ("tags", "optuna_versions"):
        value = found.get(key)
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            yield f"{key} is no list of texts"
    if found.get("license") != "MIT License":
        yield "the license is not 'MIT License'"
    if "sampler" not in found.get("tags", []):
        yield "a package of samplers has the tag 'sampler'"


def _of_readme(place: Path) -> Iterator[str]:
    lines = (place / "README.md").read_text(encoding="utf-8").splitlines()
    for section in SECTIONS:
        if f"## {section}" not in lines:
            yield f"README.md has no section {section}"
    for name in exported(place):
        if f"- {name}" not in lines:
            yield f"README.md does not list {name}"


def _of_files(place: Path) -> Iterator[str]:
    if not (place / "LICENSE").read_text(encoding="utf-8").startswith("MIT License"):
        yield "LICENSE is not that of the MIT"
    if not place.name.isidentifier():
        yield f"{place.name} is no name of a module"
    if not exported(place):
        yield "__init__.py exports nothing"


def exported(place: Path) -> list[str]:
    """Return what the package says it exports."""
    for node in ast.parse((place / "__init__.py").read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return []
