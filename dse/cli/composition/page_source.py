"""How Hydra reads pages: every file that it composes comes through here."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Self

from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra._internal.core_plugins.importlib_resources_config_source import (
    ImportlibResourcesConfigSource,
)
from hydra._internal.core_plugins.structured_config_source import StructuredConfigSource
from hydra._internal.hydra import Hydra
from hydra._internal.sources_registry import SourcesRegistry
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import OmegaConf

from dse.configs import NAMING_CODE, config_directory, groups, is_dotted, read_page, within
from dse.errors import DseError
from dse.files import read_yaml


class _SharedSource:
    """A source that copies of a repository share; Hydra copies all that it holds to compose."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class PageSource(_SharedSource, FileConfigSource):
    """A directory of pages, all of which are held to what a page may say.

    In place of Hydra's own source of files, whatever way a directory comes to be searched. Only the
    shipped pages of the commands themselves say more. Pages of `hydra/` are never taken from a
    directory.
    """

    def is_group(self, config_path: str) -> bool:
        """Return whether there is a directory of a config group."""
        return config_path in ("", *groups()) and super().is_group(config_path)

    def is_config(self, config_path: str) -> bool:
        """Return whether there is a page, or a path of code that stands for one."""
        group, _, name = config_path.rpartition("/")
        if self._is_shipped and group in NAMING_CODE and is_dotted(name):
            return True
        return super().is_config(config_path)

    def load_config(self, config_path: str) -> ConfigResult:
        """Return a page as Hydra composes it.

        Raises:
            DseError: for a page that says more than a page may.
        """
        group, _, name = config_path.rpartition("/")
        file = Path(self.path) / self._normalize_file_name(config_path)
        content: dict[str, object]
        if self._is_shipped and not group and "/" not in config_path:
            content = read_yaml(file).content
        elif self._is_shipped and group in NAMING_CODE and is_dotted(name) and not file.is_file():
            content = {"_target_": name}
        else:
            content = self._read(file, group or None)
        return ConfigResult(
            config=OmegaConf.create(content),
            path=f"{self.scheme()}://{self.path}",
            provider=self.provider,
            header={"package": None},
        )

    @property
    def _is_shipped(self) -> bool:
        return Path(self.path).resolve() == config_directory().resolve()

    def _read(self, file: Path, group: str | None) -> dict[str, object]:
        shown = relative(file)
        if group is not None and group not in groups():
            raise DseError(
                f"{shown}: a directory has pages of {', '.join(groups())}, and none of {group!r}"
            )
        within(file, Path(self.path))
        return read_page(shown, group).content


class StoredConfigs(_SharedSource, StructuredConfigSource):
    """What is declared by dataclasses."""


class PackagedConfigs(_SharedSource, ImportlibResourcesConfigSource):
    """Hydra's own pages, each read once: they stay as they are installed."""

    def load_config(self, config_path: str) -> ConfigResult:
        """Return a page as Hydra composes it, which changes it."""
        read = _packaged(self.provider, self.path, config_path)
        return replace(read, config=copy.deepcopy(read.config))


@cache
def _packaged(provider: str, path: str, config_path: str) -> ConfigResult:
    return ImportlibResourcesConfigSource(provider, f"pkg://{path}").load_config(config_path)


SOURCES: dict[Any, type] = {
    PageSource: FileConfigSource,
    StoredConfigs: StructuredConfigSource,
    PackagedConfigs: ImportlibResourcesConfigSource,
}
"""What is searched in place of which source of Hydra's own."""

# A launcher's process finds the sources of this one, and registers Hydra's own as well: one of the
# same name it leaves in place, and another it refuses. Of what is declared Hydra asks the name.
for _source, _replaced in SOURCES.items():
    _source.__name__ = _replaced.__name__


class OwnConfigs(SearchPathPlugin):
    """Puts the directory of `--config-dir` before the shipped configs; Hydra puts it behind."""

    directory: ClassVar[Path | None] = None

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Let a page of the user's own hide the shipped one of its name."""
        if self.directory is not None:
            search_path.prepend("own", f"file://{self.directory.resolve()}", anchor="main")


def search_pages(directory: Path | None) -> None:
    """Have Hydra read pages of files as pages may be, those of a directory of one's own first."""
    # The plugins register Hydra's own source of files, once.
    Plugins.instance().register(OwnConfigs)
    OwnConfigs.directory = directory
    SourcesRegistry.instance().types.update({source.scheme(): source for source in SOURCES})


@contextlib.contextmanager
def composed_once() -> Iterator[None]:
    """Have Hydra compose a config once; it does so twice, the first time for `hydra.mode` alone.

    Only an override says that key: pages of `hydra/` are never taken, and no shipped one has it.
    """
    composed_for_mode = Hydra.get_mode

    def mode(self: Hydra, config_name: str | None, overrides: list[str]) -> Any:
        is_said = any("hydra.mode" in word for word in overrides)
        return composed_for_mode(self, config_name, overrides) if is_said else None

    Hydra.get_mode = mode  # type: ignore[method-assign]
    try:
        yield
    finally:
        Hydra.get_mode = composed_for_mode  # type: ignore[method-assign]


def relative(path: Path) -> Path:
    """Return a path as it is shown: from the working directory, if it lies in there."""
    working = Path.cwd()
    return path.relative_to(working) if path.is_relative_to(working) else path
