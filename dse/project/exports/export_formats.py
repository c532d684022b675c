"""The forms in which a candidate is written."""

from __future__ import annotations

import enum


class ExportFormat(enum.StrEnum):
    """What `dse export` writes."""

    config = "config"
    python = "python"
    torch = "torch"
    onnx = "onnx"
    tflite = "tflite"
    executorch = "executorch"


FLOAT32, INT8 = "float32", "int8"
DTYPES = (FLOAT32, INT8)
"""Of weights and activations in a file."""
