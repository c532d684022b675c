"""The blocks of a space as files, to be timed by the maker's own tool on a device."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from pathlib import Path

from dse.devices import block_digest
from dse.errors import DseError, nearest
from dse.project.design_spaces import Space, design_of_blocks
from dse.project.exports import write_onnx, write_torch
from dse.project.measurements.block_imports import OF_BLOCKS
from dse.space import BlockUse, Candidate, block_uses, build_seeded, networks_without

FORMATS = {"pt2": write_torch, "onnx": write_onnx}
"""By the ending of the files: what writes a network as one."""
COLUMNS = ("id", "file", "block", "settings", "input", "networks")
"""Of the manifest; whoever times the blocks adds one with the numbers."""


def export_blocks(space: Space, path: Path, to: str = "pt2") -> int:
    """Write each distinct block of a space once into an archive, beside `manifest.csv`.

    Its rows are what `import_blocks` takes back, with a column of numbers.

    Args:
        space: of a family of blocks.
        path: of the archive, which ends in `.zip`.
        to: the format of each block: `pt2` for `torch.export.load`, or `onnx`.

    Returns:
        The number of blocks.

    Raises:
        DseError: for another ending or format, and a block that cannot be exported.
    """
    if to not in FORMATS:
        raise DseError(f"to: unknown format {to!r}; {nearest(to, FORMATS)}")
    if path.suffix.lower() != ".zip":
        raise DseError(f"export: {path} is no archive; name it like blocks.zip")
    design = design_of_blocks(space, OF_BLOCKS)
    manifest = io.StringIO()
    writer = csv.writer(manifest, lineterminator="\n")
    writer.writerow(COLUMNS)
    uses: dict[str, list[BlockUse]] = {}
    for use in block_uses(design.graph):
        digest = f"{block_digest(use.block, use.input, design.conditions.dtype):016x}"
        uses.setdefault(digest, []).append(use)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for digest, same in uses.items():
                use = same[0]
                shape = tuple(use.input.shape[1:])
                name = f"{use.block.block.rpartition('.')[2]}-{digest}.{to}"
                block = Candidate(space.family, {}, shape, (use.block,))
                archive.writestr(f"blocks/{name}", _written(block, to, digest))
                settings = json.dumps(dict(use.block.settings))
                size = "x".join(map(str, use.input.shape))
                networks = design.graph.count() - networks_without(design.graph, same)
                row = (digest, f"blocks/{name}", use.block.block, settings, size, networks)
                writer.writerow(row)
            archive.writestr("manifest.csv", manifest.getvalue())
    except OSError as error:
        raise DseError(f"{error.filename or path}: {error.strerror}") from error
    return len(uses)


def _written(block: Candidate, to: str, digest: str) -> bytes:
    """Return a block as the content of a file."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / f"{digest}.{to}"
        FORMATS[to](build_seeded(block, 0).eval(), block, path)
        return path.read_bytes()
