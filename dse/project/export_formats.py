"""The forms in which a candidate is written."""

from __future__ import annotations

import enum


class ExportFormat(enum.StrEnum):
    """What `dse export` writes."""

    config = "config"
    python = "python"
    torch = "torch"
    onnx = "onnx"
