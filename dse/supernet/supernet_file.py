"""A supernet in a file: its page and grid, its plan, its tensors, and how it was trained."""

from __future__ import annotations

import os
import pickle
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch

from dse.errors import DseError
from dse.files import written_whole
from dse.space import Candidate, CostedPoint, Family, read_family
from dse.supernet.layouts import Layout, SharedFactor
from dse.supernet.shared_tensors import SharedNetwork, SharedWeights
from dse.supernet.supernet_plan import ShareRules, StoredLayer, SupernetPlan

FORMAT = 2

_SHOWN = 8
"""Values that a message names at most."""


@dataclass
class Supernet:
    """Shared weights with what they were trained on."""

    shared: SharedWeights
    page: Mapping[str, Any]
    """What stands on the page of the family."""
    grid: Mapping[str, Any]
    training: Mapping[str, Any]
    """The settings of its training, as plain values."""
    axes: Mapping[str, Sequence[Any]]
    """The values of each axis that it was trained on; empty where settings are only drawn."""
    accuracies: list[dict[str, Any]] = field(default_factory=list)
    """Of fixed candidates, epoch by epoch."""

    @property
    def family(self) -> Family:
        """The family of its candidates."""
        return self.shared.family

    def network(self, point: CostedPoint | Candidate) -> SharedNetwork:
        """Return the network of a candidate on views of the shared weights.

        Raises:
            DseError: for a candidate of another family or page, or with a value of an axis that
                the weights were not trained on.
        """
        candidate = point.candidate if isinstance(point, CostedPoint) else point
        assert candidate is not None
        self.check_family(candidate.family)
        for name, value in candidate.settings.items():
            self.check_value(name, value)
        if self.family.resolve(candidate.settings).key != candidate.key:
            raise DseError(
                f"the page of {candidate.family} has changed since the supernet was trained: it "
                "makes another network of the same settings"
            )
        return self.shared.network(candidate)

    def check_family(self, name: str) -> None:
        """Refuse candidates of another family.

        Raises:
            DseError: naming both.
        """
        if name != self.family.name:
            raise DseError(f"the supernet is of {self.family.name}, not of {name}")

    def check_value(self, axis: str, value: Any) -> None:
        """Refuse a value of an axis whose weights were not trained.

        Raises:
            DseError: naming those that were.
        """
        trained = self.axes.get(axis)
        if trained is not None and value not in trained:
            shown = ", ".join(map(str, trained[:_SHOWN])) + (", …" if trained[_SHOWN:] else "")
            raise DseError(f"the supernet was not trained on {axis}={value}, only on {shown}")


def save_supernet(supernet: Supernet, path: Path) -> None:
    """Write a supernet to a file, which is whole or not there.

    Raises:
        DseError: where it cannot be written.
    """
    content = supernet_content(supernet)
    with written_whole(path) as part:
        torch.save(content, part)


def supernet_content(supernet: Supernet) -> dict[str, Any]:
    """Return a supernet as plain values and tensors."""
    shared = supernet.shared
    return {
        "format": FORMAT,
        "family": supernet.family.name,
        "page": _plain(supernet.page),
        "grid": _plain(supernet.grid),
        "allow": list(supernet.family.allow),
        "training": _plain(supernet.training),
        "axes": _plain(supernet.axes),
        "accuracies": _plain(supernet.accuracies),
        "plan": plan_content(shared.plan),
        "tensors": {name: tensor.detach().cpu() for name, tensor in shared.tensors.items()},
    }


def load_supernet(path: str | Path, allow: tuple[str, ...] = ()) -> Supernet:
    """Return the supernet of a file; one that was read before is not read again.

    Args:
        path: of the file.
        allow: modules of the user's own that its page may name.

    Raises:
        DseError: for a file that is not there, or holds something else.
    """
    place = Path(path)
    if not place.is_file():
        raise DseError(f"{path}: there is no such file; dse supernet writes one")
    stat = place.stat()
    return _loaded(os.path.abspath(place), stat.st_mtime_ns, stat.st_size, allow)


@lru_cache(maxsize=2)
def _loaded(path: str, changed: int, size: int, allow: tuple[str, ...]) -> Supernet:
    return supernet_of(read_content(Path(path)), path, allow)


def supernet_of(content: Mapping[str, Any], source: str, allow: tuple[str, ...]) -> Supernet:
    """Return the supernet that `supernet_content` wrote.

    Args:
        content: plain values and tensors.
        source: where it comes from, as messages say it.
        allow: modules of the user's own that its page may name.

    Raises:
        DseError: for content that is something else.
    """
    if "tensors" not in content or content.get("format") != FORMAT:
        raise DseError(f"{source}: it is no file of dse supernet, or of another version of it")
    check_content(content, _KINDS, source)
    family = read_family(content["family"], content["page"], f"{source}: the family", allow)
    try:
        plan = plan_of(content["plan"], ShareRules(family.share))
        shapes = plan.storages()
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise DseError(f"{source}: it is damaged: its plan cannot be read") from error
    tensors = content["tensors"]
    for name, shape in shapes.items():
        if getattr(tensors.get(name), "shape", None) != shape:
            raise DseError(f"{source}: it is damaged: the tensor {name} is not of its plan")
    return Supernet(
        SharedWeights(family, plan, tensors),
        content["page"],
        content["grid"],
        content["training"],
        content["axes"],
        content["accuracies"],
    )


_KINDS: Mapping[str, type] = {
    **dict.fromkeys(("page", "grid", "training", "axes", "plan", "tensors"), dict),
    "family": str,
    "accuracies": list,
}
"""What is in a file besides its format."""


def check_content(content: Mapping[str, Any], kinds: Mapping[str, type], source: str) -> None:
    """Refuse a file that lacks something, or holds something else in its place.

    Raises:
        DseError: naming it.
    """
    for name, kind in kinds.items():
        if not isinstance(content.get(name), kind):
            raise DseError(f"{source}: it is damaged: it has no {name}")


def read_content(path: Path) -> dict[str, Any]:
    """Return what `torch.save` wrote of plain values and tensors.

    Raises:
        DseError: for a file that holds anything else, or whose bytes are not those written.
    """
    # Files of PyTorch before 1.6 are no archives; of those that are it checks no sums.
    is_archive = zipfile.is_zipfile(path)
    try:
        damaged = zipfile.ZipFile(path).testzip() if is_archive else None
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise DseError(f"{path}: it holds more than tensors and plain values") from error
    except (RuntimeError, ValueError, EOFError, OSError, LookupError, AttributeError) as error:
        what = "it is damaged" if is_archive else "it is no file of tensors, or was cut short"
        raise DseError(f"{path}: {what}") from error
    except zipfile.BadZipFile as error:
        raise DseError(f"{path}: it is damaged") from error
    if damaged is not None:
        raise DseError(f"{path}: it is damaged: {damaged} is not as it was written")
    if not isinstance(content, dict):
        raise DseError(f"{path}: it holds no names with values")
    return content


def _plain(value: Any) -> Any:
    """Return mappings and sequences as dictionaries and lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value


def plan_content(plan: SupernetPlan) -> dict[str, Any]:
    """Return a plan as plain values."""
    return {
        role: [
            [layer.id, layer.path, layer.token, {n: _written(k) for n, k in layer.layouts.items()}]
            for layer in layers
        ]
        for role, layers in plan.roles.items()
    }


def _written(layouts: Mapping[str, Layout]) -> dict[str, Any]:
    return {
        key: [[[[each.size, each.kind] for each in part] for part in extent] for extent in layout]
        for key, layout in layouts.items()
    }


def plan_of(content: Mapping[str, Any], rules: ShareRules) -> SupernetPlan:
    """Return the plan that `plan_content` wrote."""
    plan = SupernetPlan(rules)
    for role, layers in content.items():
        plan.roles[role] = [
            StoredLayer(id, path, token, {n: _read(k) for n, k in layouts.items()})
            for id, path, token, layouts in layers
        ]
    return plan


def _read(content: Mapping[str, Any]) -> dict[str, Layout]:
    return {
        key: tuple(
            tuple(tuple(SharedFactor(size, kind) for size, kind in part) for part in extent)
            for extent in layout
        )
        for key, layout in content.items()
    }
