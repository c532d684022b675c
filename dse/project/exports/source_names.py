"""The names that a file of Python source uses: what it imports, and what of dse it repeats."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable
from types import ModuleType
from typing import Any

from dse.errors import DseError

_OWN = "dse"
_IMPORTED_WHOLE = "torch.nn"
"""Its classes are known by it: `nn.Conv2d`."""


class SourceNames:
    """Gives each class or function a name in a file, and the lines that the name needs."""

    def __init__(self) -> None:
        self._whole: dict[str, str] = {}
        self._taken: dict[tuple[str, str], str] = {}
        self._repeated: dict[str, str] = {}

    @property
    def packages(self) -> list[str]:
        """The packages besides Python's own library that the file needs."""
        found = {name.partition(".")[0] for name in self._whole}
        found |= {module.partition(".")[0] for module, _ in self._taken}
        return sorted(found - set(sys.stdlib_module_names))

    @property
    def imports(self) -> str:
        """The import statements, sorted: Python's own library first."""
        own: list[str] = []
        others: list[str] = []
        froms: dict[str, list[str]] = {}
        for (module, name), known_as in self._taken.items():
            froms.setdefault(module, []).append(
                name if name == known_as else f"{name} as {known_as}"
            )
        whole = [(name, f"import {name}") for name in sorted(self._whole)]
        parts = [
            (module, _from(module, sorted(names, key=_sorts_as)))
            for module, names in sorted(froms.items())
        ]
        for module, line in (*whole, *parts):
            is_own = module.partition(".")[0] in sys.stdlib_module_names
            (own if is_own else others).append(line)
        return "\n\n".join("\n".join(each) for each in (own, others) if each)

    @property
    def repeated(self) -> list[str]:
        """The source of what dse itself defines, in an order in which it can be read."""
        return list(self._repeated.values())

    def module(self, name: str) -> str:
        """Import a module whole."""
        self._whole[name] = name
        return name

    def name(self, target: Callable[..., Any]) -> str:
        """Return what a class or function is called in the file.

        Raises:
            DseError: for one that a file cannot import.
        """
        module, name = target.__module__, getattr(target, "__qualname__", "?")
        if module == "builtins":
            return name
        if module.partition(".")[0] == _OWN:
            return self._repeat(target)
        if not name.isidentifier() or getattr(sys.modules.get(module), name, None) is not target:
            raise DseError(f"{module}.{name} cannot be imported by its name")
        if module == "__main__":
            raise DseError(f"{name} is defined in a script or notebook, which no file can import")
        handed_out = _handed_out(target, module, name)
        if handed_out == _IMPORTED_WHOLE:
            return f"{self._take(*handed_out.split('.'))}.{name}"
        return self._take(handed_out, name)

    def _take(self, module: str, name: str) -> str:
        """Import a name; one that stands for something else already gets its module's in front."""
        if (module, name) not in self._taken:
            known = {*self._taken.values(), *map(_public, self._repeated)}
            last = module.rpartition(".")[2]
            self._taken[module, name] = f"{last}_{name.lstrip('_')}" if name in known else name
        return self._taken[module, name]

    def _repeat(self, target: Callable[..., Any]) -> str:
        """Copy what dse defines, with all that it uses."""
        name = target.__name__
        if name in self._repeated:
            return _public(name)
        source = textwrap.dedent(inspect.getsource(target))
        around = vars(sys.modules[target.__module__])
        used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
        for each in sorted(used - {name}):
            if each in around:
                self._use(each, around[each])
        source = re.sub(r"  # type: ignore.*", "", source)
        for each in (name, *self._repeated):
            source = re.sub(rf"\b{each}\b", _public(each), source)
        self._repeated[name] = source.rstrip()
        return _public(name)

    def _use(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType):
            package, _, short = value.__name__.rpartition(".")
            self._take(package, short) if package else self.module(value.__name__)
        elif name == "Callable":
            self._take("collections.abc", name)
        elif self.name(value) not in (name, _public(name)):
            raise DseError(f"{name} is called otherwise in a file of its own")


def _handed_out(target: Callable[..., Any], module: str, name: str) -> str:
    """Return the shortest package that hands out what a module defines."""
    parts = module.split(".")
    packages = [".".join(parts[:length]) for length in range(1, len(parts))]
    found = (each for each in packages if getattr(sys.modules.get(each), name, None) is target)
    return next(found, module)


def _public(name: str) -> str:
    return name.lstrip("_")


def _sorts_as(name: str) -> tuple[int, str]:
    plain = name.lstrip("_")
    return (1 if name[:1] == "_" or plain[:1].isupper() else 2, name)


def _from(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= 88:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])
