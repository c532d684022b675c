"""The modules that a class needs, found by walking their imports, and made independent of dse."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "dse"


@dataclass(frozen=True)
class Taken:
    """An import of names that the package defines."""

    node: ast.ImportFrom
    homes: dict[str, str]
    """By name: the module that defines it."""


def source(module: str) -> Path:
    """Return the file of a module."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise LookupError(f"no module {module}")
    return Path(spec.origin)


def home(module: str, name: str) -> str:
    """Return the module that defines a name, behind packages that only hand it out.

    Raises:
        LookupError: for a package that hands out no such name in an import.
    """
    file = source(module)
    if file.name != "__init__.py":
        return module
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return home(node.module, alias.name)
    raise LookupError(f"{module} does not say where {name} is defined")


def taken(text: str) -> Iterator[Taken]:
    """Yield the imports of the package in a module's text.

    Raises:
        LookupError: for an import that cannot be made relative.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            if any(alias.name.split(".")[0] == PACKAGE for alias in node.names):
                raise LookupError(f"line {node.lineno}: import names, not {ast.unparse(node)!r}")
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE:
            names = [alias.name for alias in node.names]
            yield Taken(node, {name: home(str(node.module), name) for name in names})


def needed(module: str) -> list[str]:
    """Return a module and all of the package that it needs, directly or not."""
    found: dict[str, None] = {}
    left = [module]
    while left:
        each = left.pop()
        if each not in found:
            found[each] = None
            text = source(each).read_text(encoding="utf-8")
            left += [other for some in taken(text) for other in some.homes.values()]
    names = [name.rpartition(".")[2] for name in found]
    if len({*names}) < len(names):
        raise LookupError(f"two modules of one name in {', '.join(sorted(found))}")
    return sorted(found)


def independent(text: str) -> str:
    """Return a module's text as it can stand in a folder of its own."""
    return with_aliases(relative(text))


def with_aliases(text: str) -> str:
    """Return a module's text in which names of types say that they are such.

    A type checker that does not find NumPy takes `Floats = NDArray[np.float64]` for a variable.
    """
    tree = ast.parse(text)
    aliases = [node for node in tree.body if isinstance(node, ast.Assign) and _is_type(node.value)]
    if not aliases:
        return text
    lines = text.splitlines()
    for node in aliases:
        name = ast.unparse(node.targets[0])
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line.replace(f"{name} =", f"{name}: TypeAlias =", 1)
    future = next(node for node in tree.body if isinstance(node, ast.ImportFrom))
    lines.insert(future.lineno, "from typing import TypeAlias")
    return "\n".join(lines) + "\n"


def _is_type(value: ast.expr) -> bool:
    """Return whether a value is a generic type with its parameters, such as `NDArray[np.int64]`."""
    if not isinstance(value, ast.Subscript):
        return False
    generic = ast.unparse(value.value).rpartition(".")[2]
    return generic in ("NDArray", "ndarray", "Callable", "tuple", "dict", "list", "Mapping")


def relative(text: str) -> str:
    """Return a module's text with its imports of the package from its own folder instead."""
    lines = text.splitlines()
    # From the last to the first: the numbers of the lines before stay.
    for some in sorted(taken(text), key=lambda each: -each.node.lineno):
        written = [
            f"{' ' * some.node.col_offset}from .{some.homes[alias.name].rpartition('.')[2]} import "
            + (f"{alias.name} as {alias.asname}" if alias.asname else alias.name)
            for alias in some.node.names
        ]
        lines[some.node.lineno - 1 : some.node.end_lineno] = written
    return "\n".join(lines) + "\n"
