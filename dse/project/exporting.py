"""Writes a stored candidate as config, Python, PyTorch or ONNX file."""

from __future__ import annotations

import logging
import pprint
import shlex
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import yaml
from torch import nn

from dse.configs import within
from dse.cost_conditions import Conditions
from dse.counting import real_tensor
from dse.errors import DseError
from dse.extras import install
from dse.project.cost_group import cost_page
from dse.project.export_formats import ExportFormat
from dse.project.model_inputs import CONSTANT
from dse.project.rebuilding import find_candidate, rebuild
from dse.space import Candidate, build_seeded, load_family, load_page, network_inputs, read_grid
from dse.store import StoredCandidate

DIRECTORY = Path("outputs/export")


@dataclass(frozen=True)
class Exported:
    """What was written of a candidate."""

    files: tuple[Path, ...]
    lines: tuple[str, ...]
    """What it is and how it is used, for people."""


def export_candidate(
    id: int, to: ExportFormat, output: Path | None, seed: int, store: str, allow: Iterable[str]
) -> Exported:
    """Write a candidate in a format; return what was written, and what to tell of it.

    Raises:
        DseError: for an unknown id, a candidate that cannot be built, or a file that cannot be
            written.
    """
    allow = tuple(allow)
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
        path = output or within(DIRECTORY / f"{name}{_SUFFIXES[to]}", DIRECTORY)
        path.parent.mkdir(parents=True, exist_ok=True)
        if to is ExportFormat.python:
            path.write_text(python_source(stored, page, allow, candidate))
            told = f"wrote {path}: `build(seed=0)` in it returns the network"
            return Exported((path,), (told,))
        network = build_seeded(candidate, seed).eval()
        write = write_torch if to is ExportFormat.torch else write_onnx
        write(network, candidate, path)
    except OSError as error:
        raise DseError(f"{error.filename}: {error.strerror}") from error
    return Exported((path,), (f"wrote {path}: weights of seed {seed}, a batch of any size",))


_SUFFIXES = {ExportFormat.python: ".py", ExportFormat.torch: ".pt2", ExportFormat.onnx: ".onnx"}


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


def write_config(
    stored: StoredCandidate, page: Mapping[str, Any], directory: Path, allow: tuple[str, ...]
) -> Exported:
    """Write a directory for `--config-dir`: the page, and a grid of this one candidate.

    Raises:
        DseError: where what was written resolves to another network.
    """
    row = stored.row
    files = {
        directory / "family" / f"{row.family}.yaml": page,
        directory / "grid" / f"{row.family}.yaml": dict(row.settings),
    }
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        within(path, directory)
        path.write_text(yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True))
    page_file, grid_file = files
    family = load_family(page_file, allow)
    (settings,) = read_grid(family, load_page(grid_file, "grid"))
    if family.resolve(settings).key != row.key:
        raise DseError(f"candidate {stored.id} cannot be written as a page: its key would change")
    words = ["dse", "sweep", "--config-dir", str(directory), f"family={row.family}"]
    usual = cost_page(Conditions())
    words += [f"cost.{k}={v}" for k, v in cost_page(row.conditions).items() if v != usual[k]]
    words += [f"device={row.conditions.device}"] if row.conditions.device else []
    words += [f"allow=[{','.join(allow)}]"] if allow else []
    told = f"wrote {page_file} and {grid_file}; the same network:"
    return Exported((page_file, grid_file), (told, f"  {shlex.join(words)}"))


def python_source(
    stored: StoredCandidate, page: Mapping[str, Any], allow: tuple[str, ...], candidate: Candidate
) -> str:
    """Return a Python file that builds a candidate's network with `dse.build`."""
    row = stored.row
    written = {
        "PAGE": dict(page),
        "SETTINGS": dict(row.settings),
        CONSTANT: _written_input(candidate),
    }
    constants = "\n".join(
        f"{name} = {pprint.pformat(value, width=98, sort_dicts=False)}\n"
        for name, value in written.items()
    )
    return f'''"""Candidate {stored.id} of family {row.family}, network {row.key}."""

import dse

{constants}

def build(seed=None):
    """Return the network with weights of a seed, ready to train."""
    return dse.build(PAGE, SETTINGS, seed=seed, allow={list(allow)!r})
'''


def _written_input(candidate: Candidate) -> Any:
    """Return the input of a network as the file of a model says it."""
    if not candidate.named_inputs:
        return tuple(candidate.input_shape)
    return {
        each.name: {
            "shape": list(each.shape),
            **({} if each.dtype is None else {"dtype": each.dtype}),
            **({} if each.values is None else {"values": each.values}),
            **({} if each.has_batch else {"batch": False}),
        }
        for each in candidate.named_inputs
    }


@dataclass(frozen=True)
class _Example:
    """What a network is exported on."""

    positional: tuple[torch.Tensor, ...]
    named: dict[str, torch.Tensor]
    axes: Any
    """The axes of each that may be of any size."""


def _example(candidate: Candidate) -> _Example:
    make, batch = real_tensor(torch.device("cpu")), {0: torch.export.Dim("batch")}
    # A batch of one would be taken for a constant.
    inputs, named = network_inputs(candidate, 2)
    return _Example(
        tuple(make(each, torch.float32) for each in inputs),
        {name: make(each, torch.float32) for name, each in named.items()},
        {each.name: batch if each.has_batch else None for each in candidate.named_inputs}
        or (batch,),
    )


def write_torch(network: nn.Module, candidate: Candidate, path: Path) -> None:
    """Write a network for `torch.export.load`, which needs no code of it.

    Raises:
        DseError: where PyTorch cannot export it.
    """
    example = _example(candidate)
    try:
        program = torch.export.export(
            network, example.positional, example.named, dynamic_shapes=example.axes
        )
    except (RuntimeError, ValueError, TypeError, AssertionError, AttributeError) as error:
        raise DseError(f"torch.export cannot export it: {_first_line(error)}") from error
    # Of a path that cannot be written, PyTorch tells neither its name nor an `OSError`.
    with path.open("wb") as file:
        torch.export.save(program, file)


def write_onnx(network: nn.Module, candidate: Candidate, path: Path) -> None:
    """Write a network as ONNX; its output is `output`, its input `input` where it has no name.

    Raises:
        DseError: where the extra is missing, or PyTorch cannot export the network.
    """
    try:
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise DseError(f"--to onnx needs onnx: {install('onnx')}") from error
    example = _example(candidate)
    try:
        with warnings.catch_warnings(), _without_remarks():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                network,
                example.positional,
                str(path),
                kwargs=example.named,
                dynamo=True,
                input_names=list(example.named) or ["input"],
                output_names=["output"],
                dynamic_shapes=example.axes,
                external_data=False,
                verbose=False,
            )
    except (RuntimeError, ValueError, TypeError, AssertionError, AttributeError) as error:
        raise DseError(f"torch.onnx cannot export it: {_first_line(error)}") from error


@contextmanager
def _without_remarks() -> Iterator[None]:
    """Leave out what libraries log of their steps, which Hydra would print."""
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    try:
        yield
    finally:
        logging.disable(before)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
