"""Writes a stored candidate: as config, as Python, or as a network in a file."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import Tensor, nn

from dse.code import foreign_code
from dse.configs import within
from dse.errors import DseError, nearest
from dse.files import written_whole
from dse.project.config_groups import cost_words
from dse.project.exports.calibration_data import read_calibration
from dse.project.exports.executorch_export import write_executorch
from dse.project.exports.export_formats import DTYPES, FLOAT32, INT8, ExportFormat
from dse.project.exports.network_examples import example_of
from dse.project.exports.network_exports import write_onnx, write_torch
from dse.project.exports.python_export import python_source
from dse.project.exports.tflite_export import write_tflite
from dse.project.networks import find_candidate, rebuild
from dse.space import (
    Candidate,
    CostedPoint,
    Invalid,
    build_seeded,
    load_family,
    load_page,
    read_grid,
)
from dse.store import StoredCandidate
from dse.supernet import load_supernet, settled_network

DIRECTORY = Path("outputs/export")


@dataclass(frozen=True)
class Exported:
    """What was written of a candidate."""

    files: tuple[Path, ...]
    lines: tuple[str, ...]
    """What it is and how it is used, for people."""


def export_candidate(
    id: int,
    to: ExportFormat,
    output: Path | None,
    seed: int | None,
    store: str,
    allow: Iterable[str],
    dtype: str = FLOAT32,
    calibration: Path | None = None,
    weights: Path | None = None,
) -> Exported:
    """Write a candidate in a format; return what was written, and what to tell of it.

    Args:
        id: of the candidate.
        to: the format.
        output: where to; None for a place in `DIRECTORY`.
        seed: of the weights, in a format that holds them; None for 0.
        store: that has it.
        allow: modules of the user's own that its page may name.
        dtype: one of `DTYPES`, in a format that has it.
        calibration: what int8 is measured on; see `read_calibration`.
        weights: a file of `dse supernet`, whose weights the network gets in the place of those of
            `seed`.

    Raises:
        DseError: for an unknown id, a candidate that cannot be built, or a file that cannot be
            written.
    """
    allow = tuple(allow)
    _check_dtype(to, dtype, calibration)
    if seed is not None and (
        weights is not None or to in (ExportFormat.config, ExportFormat.python)
    ):
        instead = f"--weights {weights}" if weights else f"--to {to.value}"
        raise DseError(f"--seed {seed} is of weights that a file gets, and {instead} makes none")
    if weights is not None and to is ExportFormat.config:
        raise DseError(f"--weights {weights} is for a network, and --to config writes a page")
    stored, page = find_candidate(id, store)
    if stored.row.invalid is not None:
        raise DseError(f"candidate {id} cannot be built: {stored.row.invalid}")
    candidate = rebuild(stored, page, allow)
    name = f"{stored.row.family}_{id}"
    if output is not None:
        _check_output(output, to)
    try:
        if to is ExportFormat.config:
            return write_config(stored, page, output or within(DIRECTORY / name, DIRECTORY), allow)
    except OSError as error:
        raise DseError(f"{error.filename}: {error.strerror}") from error
    path = output or within(DIRECTORY / f"{name}{_SUFFIXES[to]}", DIRECTORY)
    if weights is not None:
        for written in (path, _state_beside(path)) if to is ExportFormat.python else (path,):
            if written.resolve() == weights.resolve():
                raise DseError(f"--output {path}: {written} is the file of --weights as well")
    if to is ExportFormat.python:
        family, key = stored.row.family, stored.row.key
        text = python_source(candidate, f"Candidate {id} of the family {family}, network {key}.")
        with written_whole(path) as part:
            part.write_text(text)
        of_source = (f"wrote {path}: `build(seed=0)` in it returns the network",)
        if weights is None:
            return Exported((path,), of_source)
        return _with_state(path, of_source, _inherited(candidate, weights, allow))
    network = (
        _inherited(candidate, weights, allow) if weights else build_seeded(candidate, seed or 0)
    )
    network.eval()
    if to in _OF_ANY_BATCH:
        told = _OF_ANY_BATCH[to](network, candidate, path)
        size = "any size"
    else:
        sample = _only_input(network, candidate, to)
        data = None if calibration is None else read_calibration(calibration, sample.shape[1:])
        with written_whole(path) as part:
            told = _OF_ONE[to](network, sample, data, part)
        size = "one"
    origin = f"of {weights}" if weights else f"of seed {seed or 0}"
    return Exported((path,), (f"wrote {path}: weights {origin}, a batch of {size}", *told))


def _inherited(candidate: Candidate, weights: Path, allow: tuple[str, ...]) -> nn.Module:
    """Return the network of a candidate with the weights of a supernet, its norms estimated."""
    supernet = load_supernet(weights, allow)
    point = CostedPoint(dict(candidate.settings), candidate.key, candidate, Invalid("not asked"))
    return settled_network(supernet, point)


def _with_state(path: Path, told: tuple[str, ...], network: nn.Module) -> Exported:
    """Write the weights of a network beside the source that builds it."""
    state = _state_beside(path)
    with written_whole(state) as part:
        torch.save(network.state_dict(), part)
    more = f"wrote {state}: `load_state_dict(torch.load({str(state)!r}))` gives it these weights"
    return Exported((path, state), (*told, more))


def _state_beside(path: Path) -> Path:
    """Return where weights are written beside a source file."""
    return path.with_suffix(".pt")


_SUFFIXES = {
    ExportFormat.python: ".py",
    ExportFormat.torch: ".pt2",
    ExportFormat.onnx: ".onnx",
    ExportFormat.tflite: ".tflite",
    ExportFormat.executorch: ".pte",
}
_OF_ANY_BATCH = {ExportFormat.torch: write_torch, ExportFormat.onnx: write_onnx}
_OF_ONE = {ExportFormat.tflite: write_tflite, ExportFormat.executorch: write_executorch}


def _check_dtype(to: ExportFormat, dtype: str, calibration: Path | None) -> None:
    """Refuse int8 without data to measure it on, and either where it has no meaning.

    Raises:
        DseError: naming the option that is missing or too much.
    """
    if dtype not in DTYPES:
        raise DseError(f"--dtype {dtype}: {nearest(dtype, DTYPES)}")
    if dtype == FLOAT32:
        if calibration is not None:
            raise DseError(f"--calibration {calibration} is for --dtype {INT8}")
        return
    if to not in _OF_ONE:
        raise DseError(f"--dtype {dtype} is for --to {' and '.join(_OF_ONE)}, not {to}")
    if calibration is None:
        raise DseError(
            f"--dtype {INT8} needs --calibration: a .npy, .npz or .pt of samples as the network "
            "takes them, or a folder of images"
        )


def _only_input(network: nn.Module, candidate: Candidate, to: ExportFormat) -> Tensor:
    """Return a sample of a network that makes one tensor of one tensor, with a batch of one.

    Raises:
        DseError: for any other network.
    """
    if candidate.named_inputs:
        names = ", ".join(each.name for each in candidate.named_inputs)
        raise DseError(f"--to {to} takes networks of one image or tensor; this takes {names}")
    (sample,) = example_of(candidate, 1).positional
    with torch.no_grad(), foreign_code(lambda reason: f"it cannot run on a batch of one: {reason}"):
        output = network(sample)
    if not isinstance(output, Tensor):
        raise DseError(f"--to {to} takes networks that return one tensor, not several")
    return sample


def _check_output(output: Path, to: ExportFormat) -> None:
    """Refuse what a format does not write.

    Raises:
        DseError: for a directory in place of a file, a file in place of a directory, and a name
            that ends as the files of another format do.
    """
    if to is not ExportFormat.config and output.is_dir():
        mend = output / f"network{_SUFFIXES[to]}"
        raise DseError(f"{output} is a directory; {to} writes a file, such as {mend}")
    if output.is_dir():
        return
    for other, suffix in _SUFFIXES.items():
        if output.suffix.lower() == suffix and other is not to:
            what = "a directory" if to is ExportFormat.config else f"a file *{_SUFFIXES[to]}"
            raise DseError(f"{output} is named as a file of --to {other}; {to} writes {what}")
    if to is ExportFormat.config and output.exists():
        raise DseError(f"{output} is a file; config writes a directory")


_WRITTEN = "# Written by dse export, which may write over it."


def write_config(
    stored: StoredCandidate, page: Mapping[str, Any], directory: Path, allow: tuple[str, ...]
) -> Exported:
    """Write a directory for `--config-dir`: the page, and a grid of this one candidate.

    Raises:
        DseError: where a page is there that no export wrote, or what was written resolves to
            another network.
    """
    row = stored.row
    files = {
        directory / "family" / f"{row.family}.yaml": page,
        directory / "grid" / f"{row.family}.yaml": dict(row.settings),
    }
    for path in files:
        if path.exists() and not path.read_text("utf-8", "replace").startswith(_WRITTEN):
            raise DseError(f"{path} is there already; write into another directory by --output")
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        within(path, directory)
        text = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True)
        path.write_text(f"{_WRITTEN}\n{text}", encoding="utf-8")
    page_file, grid_file = files
    family = load_family(page_file, allow)
    (settings,) = read_grid(family, load_page(grid_file, "grid"))
    if family.resolve(settings).key != row.key:
        raise DseError(f"candidate {stored.id} cannot be written as a page: its key would change")
    words = ["dse", "sweep", "--config-dir", str(directory), f"family={row.family}"]
    words += cost_words(row.conditions)
    words += [f"device={row.conditions.device}"] if row.conditions.device else []
    words += [f"allow=[{','.join(allow)}]"] if allow else []
    told = f"wrote {page_file} and {grid_file}; the same network:"
    return Exported((page_file, grid_file), (told, f"  {shlex.join(words)}"))
