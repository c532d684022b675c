"""Candidates as files: pages and plain PyTorch source, networks for PyTorch, ONNX and phones.

What is written is run or compared before it is left behind.
"""

from typing import TYPE_CHECKING

from dse.lazy_exports import lazily, names_of

if TYPE_CHECKING:
    from dse.project.exports.export_formats import FLOAT32 as FLOAT32
    from dse.project.exports.export_formats import ExportFormat as ExportFormat
    from dse.project.exports.exporting import Exported as Exported
    from dse.project.exports.exporting import export_candidate as export_candidate
    from dse.project.exports.network_exports import write_onnx as write_onnx
    from dse.project.exports.network_exports import write_torch as write_torch

_HOMES = {
    "dse.project.exports.export_formats": ("ExportFormat", "FLOAT32"),
    "dse.project.exports.exporting": ("Exported", "export_candidate"),
    "dse.project.exports.network_exports": ("write_onnx", "write_torch"),
}

__getattr__ = lazily(__name__, _HOMES)

__all__ = names_of(_HOMES)
