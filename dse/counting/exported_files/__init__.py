"""Networks that others exported, read as graphs of operators: neither code nor weights are run.

Holds the readers of `torch.export`'s archives and of ONNX files.
"""

from dse.counting.exported_files.exported_file import is_exported_file, read_exported_file
from dse.counting.exported_files.file_model import FileModel
from dse.counting.exported_files.onnx_graph import OnnxGraph

__all__ = ["FileModel", "OnnxGraph", "is_exported_file", "read_exported_file"]
