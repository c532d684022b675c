"""A file of an exported network as a module, by the ending of its name."""

from __future__ import annotations

from pathlib import Path

from dse.code import foreign_code
from dse.counting.exported_files.file_model import FileModel
from dse.counting.exported_files.onnx_graph import read_onnx
from dse.counting.exported_files.program_archive import read_program
from dse.errors import DseError

ENDINGS = (".onnx", ".pt2")


def is_exported_file(target: str) -> bool:
    """Return whether a word names a file of an exported network."""
    return Path(target).suffix.lower() in ENDINGS


def read_exported_file(path: Path) -> FileModel:
    """Read the graph of a `.pt2` file of `torch.export`, or of an `.onnx` file.

    Nothing in it is unpickled, evaluated or imported, and its weights are not read.

    Raises:
        DseError: for no such file, one that is damaged or something else, and a `.pt2` with
            operators that are not PyTorch's.
    """
    if not path.is_file():
        raise DseError(f"{path} is a directory" if path.is_dir() else f"{path}: no such file")
    kind = path.suffix.lower()
    if kind not in ENDINGS:
        raise DseError(f"{path}: a network is read from {' and '.join(ENDINGS)} files")
    what = "an ONNX file" if kind == ".onnx" else "an archive of torch.export"

    def describe(reason: str) -> str:
        return f"{path} is not {what} that can be read: {reason}"

    try:
        with foreign_code(str):
            return read_onnx(path) if kind == ".onnx" else read_program(path)
    except DseError as error:
        raise DseError(describe(str(error))) from error
