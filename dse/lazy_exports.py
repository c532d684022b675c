"""Names that a package hands out without importing what defines them before they are asked for.

So a reader of a store, or `--help`, never loads PyTorch (see PEP 562).
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

# What is handed out may load Optuna, whose bars ask for widgets in a notebook; nothing shows them.
warnings.filterwarnings("ignore", "IProgress not found")


def lazily(
    package: str, homes: Mapping[str, Sequence[str]], modules: Sequence[str] = ()
) -> Callable[[str], Any]:
    """Return a `__getattr__` for a package.

    Args:
        package: its dotted name.
        homes: by the dotted name of each module, the names that are defined there.
        modules: of the package itself, which are handed out as they are.
    """
    home_of = {name: module for module, names in homes.items() for name in names}

    def imported(name: str) -> Any:
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(home_of[name]), name)

    return imported


class ImportedPaths(Mapping[str, Any]):
    """What stands under dotted paths, each imported when it is asked for.

    Args:
        paths: such as `dse.search.objectives.naswot`.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = dict.fromkeys(paths)

    def __getitem__(self, path: str) -> Any:
        """Return what stands under a path."""
        if path not in self._paths:
            raise KeyError(path)
        return at_path(path)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the paths."""
        return iter(self._paths)

    def __len__(self) -> int:
        """Number of paths."""
        return len(self._paths)


def at_path(path: str) -> Any:
    """Return what stands under a dotted path of this package."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def names_of(homes: Mapping[str, Sequence[str]]) -> list[str]:
    """Return all names that a package hands out, sorted."""
    return sorted(name for names in homes.values() for name in names)


def listing(names: Sequence[str]) -> Callable[[], list[str]]:
    """Return a `__dir__` for a package: what there is to complete, also before it is loaded."""
    return lambda: sorted(names)
