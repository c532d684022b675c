"""What modules say and import, read from their sources: nothing is imported or run here."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from sysconfig import get_path
from typing import Any

from dse.errors import DseError

_INSTALLED = {Path(get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")}
MOST_MODULES = 1000
"""Modules that are followed: a store must not name a library to be read for minutes."""


def closure(entries: Iterable[str], within: Iterable[str]) -> dict[str, Path]:
    """Return the source file of each module that modules import, directly or not.

    Args:
        entries: dotted names of modules, or of what they define.
        within: packages and modules outside of which imports are not followed.

    Raises:
        DseError: for a source that is no Python, or more than `MOST_MODULES`.
    """
    within = tuple(within)
    found: dict[str, Path] = {}
    whole: set[str] = set()
    waiting = list(entries)
    while waiting:
        entry = waiting.pop()
        for name, path in _modules_of(entry, within):
            if name == entry and name not in whole:
                # What is imported as a whole may be asked for anything that it hands out.
                whole.add(name)
                waiting.extend(_handed_out(name, path).values())
            if name not in found:
                if len(found) == MOST_MODULES:
                    raise DseError(f"{', '.join(within)}: more than {MOST_MODULES} modules to read")
                found[name] = path
                handed = _handed_out(name, path).values()
                # A package may import modules for what they do; what it only hands out is followed
                # where it is asked for.
                if handed:
                    at_once = _read(path).at_once
                    waiting.extend(each for each in handed if each in at_once and is_found(each))
                else:
                    waiting.extend(_imports(name, path))
    return {name: path for name, path in sorted(found.items()) if not _handed_out(name, path)}


def trees_of(entries: Iterable[str], within: Iterable[str]) -> str:
    """Return a digest of the syntax trees of modules and of what they import; see `closure`."""
    digest = hashlib.blake2b(digest_size=16)
    for name, path in closure(entries, within).items():
        digest.update(f"{name} {_read(path).tree}\n".encode())
    return digest.hexdigest()


def is_within(name: str, modules: Iterable[str]) -> bool:
    """Return whether a dotted name is one of some modules, or within one."""
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def is_found(module: str) -> bool:
    """Return whether a module or package would be found by an import from here."""
    return _spec_of(module) is not None


def directories_of(modules: Iterable[str]) -> tuple[str, ...]:
    """Return the directories that modules lie in, but for those of what is installed."""
    specs = filter(None, map(_spec_of, (module.partition(".")[0] for module in modules)))
    return tuple(dict.fromkeys(str(place) for spec in specs for place in _own_directory(spec)))


def _own_directory(spec: ModuleSpec) -> Iterator[Path]:
    within = list(spec.submodule_search_locations or [])
    lies_in = Path(within[0] if within else str(spec.origin)).resolve().parent
    if not any(lies_in.is_relative_to(installed) for installed in _INSTALLED):
        yield lies_in


def _modules_of(name: str, within: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Yield the modules that importing a dotted name runs, as far as they count."""
    parts = name.split(".")
    if not any(module.partition(".")[0] == parts[0] for module in within):
        return
    for length in range(1, len(parts) + 1):
        module = ".".join(parts[:length])
        spec = _spec_of(module)
        if spec is None:
            return
        if not is_within(module, within) or not (spec.origin or "").endswith(".py"):
            continue
        path = Path(str(spec.origin))
        rest = parts[length:]
        yield module, path
        handed = _handed_out(module, path)
        if rest and rest[0] in handed and not is_found(f"{module}.{rest[0]}"):
            # What a package only hands out, another module defines.
            yield from _modules_of(handed[rest[0]], within)
            return


def _handed_out(module: str, path: Path) -> dict[str, str]:
    """Return where the names come from of a package of dse that only hands out names."""
    if path.name != "__init__.py" or not is_within(module, ("dse",)):
        return {}
    read = _read(path)
    return _homes(module, path, read.tree) if read.hands_out else {}


@cache
def _homes(module: str, path: Path, tree: str) -> dict[str, str]:
    """Return where the names come from that a package hands out; `tree` is what it says."""
    return {name.rpartition(".")[2]: name for name in _imports(module, path)}


def _spec_of(module: str) -> ModuleSpec | None:
    """Return where a module would be imported from."""
    # Where the user stands comes last, as when a page's own modules are imported.
    places = [*sys.path, ""]
    spec = None
    parts = module.split(".")
    # A name may come from a store, and must not lead out of where modules lie.
    if not all(map(str.isidentifier, parts)):
        return None
    for part in parts:
        spec = PathFinder.find_spec(part, places)
        if spec is None:
            return None
        places = list(spec.submodule_search_locations or [])
    return spec


@dataclass(frozen=True)
class _Module:
    """What a source file says."""

    imports: tuple[str, ...]
    """Dotted names, wherever in it they are imported; relative ones begin with dots."""
    tree: str
    hands_out: bool
    at_once: frozenset[str] = frozenset()
    """The imports that are run with it, and are not for type checkers alone."""
    """Whether it only imports names and lists them."""


def _read(path: Path) -> _Module:
    try:
        return _parsed(path, path.stat().st_mtime_ns)
    except (OSError, SyntaxError, ValueError) as error:
        raise DseError(f"{path}: cannot be read as Python: {error}") from error


@cache
def _parsed(path: Path, changed: int) -> _Module:
    """Return what a file says; `changed` is when it was written last."""
    tree = ast.parse(path.read_bytes())
    imports = [name for node in ast.walk(tree) for name in _named(node)]
    at_once = frozenset(name for node in tree.body for name in _named(node))
    text = "".join(_dumped(tree)).encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(text, digest_size=16).hexdigest()
    return _Module(tuple(imports), digest, all(map(_is_handing_out, tree.body)), at_once)


def _named(node: ast.AST) -> list[str]:
    """Return the dotted names that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = "." * node.level + (f"{node.module}." if node.module else "")
        # What is imported from a package may be a module of it.
        return [f"{base}{alias.name}" for alias in node.names]
    return []


def _is_handing_out(statement: ast.stmt) -> bool:
    """Return whether a statement only imports names, or says which."""
    if isinstance(statement, ast.If):
        named = isinstance(statement.test, ast.Name) and statement.test.id == "TYPE_CHECKING"
        return named and all(map(_is_handing_out, statement.body))
    if isinstance(statement, ast.Assign):
        names = {target.id for target in statement.targets if isinstance(target, ast.Name)}
        return bool(names) and names <= _OF_HANDING_OUT
    return isinstance(statement, ast.Import | ast.ImportFrom) or _is_text(statement)


def _imports(module: str, path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, relative ones made absolute."""
    is_package = path.name == "__init__.py"
    for name in _read(path).imports:
        inner = name.lstrip(".")
        level = len(name) - len(inner)
        parents = module.split(".")
        kept = len(parents) - level + is_package if level else 0
        yield ".".join([*parents[:kept], inner])


def _dumped(node: Any) -> Iterator[str]:
    """Yield a syntax tree as text; empty fields are left out, as versions of Python add some."""
    if isinstance(node, ast.AST):
        yield type(node).__name__
        for name, value in ast.iter_fields(node):
            if name in ("ctx", "kind", "type_comment", "type_ignores") or value in (None, []):
                continue
            yield f"({name}="
            yield from _dumped(_without_docstring(node, value) if name == "body" else value)
            yield ")"
    elif isinstance(node, list):
        for item in node:
            yield from _dumped(item)
            yield ","
    else:
        yield repr(node)


_OF_HANDING_OUT = {"__all__", "__dir__", "__getattr__", "_HOMES"}
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def _without_docstring(node: ast.AST, body: Any) -> Any:
    """Return the statements of a body that are more than a text, as docstrings are."""
    if not isinstance(node, _DOCUMENTED):
        return body
    return [statement for statement in body if not _is_text(statement)]


def _is_text(statement: ast.stmt) -> bool:
    is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_constant and isinstance(statement.value.value, str)  # type: ignore[attr-defined]
