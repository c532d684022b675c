"""Networks for microcontrollers run under LiteRT as they do here.

LiteRT's pins exclude packages that other tests need, so that this has an environment of its own:

    python3 -m venv .venv-tflite && .venv-tflite/bin/pip install -e '.[tflite]' pytest pytest-xdist
    .venv-tflite/bin/python -m pytest tests/project/exports/test_tflite_export.py
"""

import numpy
import pytest
import torch

from dse.project.exports.calibration_data import read_calibration
from dse.project.exports.tflite_export import float_operators, run_tflite, write_tflite
from tests.project.exports.small_networks import SHAPE, small_network

litert = pytest.importorskip(
    "ai_edge_litert.interpreter", reason="in an environment of its own: pip install -e '.[tflite]'"
)


@pytest.fixture
def calibration(tmp_path):
    numpy.save(tmp_path / "samples.npy", numpy.random.RandomState(0).randn(8, *SHAPE))
    return read_calibration(tmp_path / "samples.npy", SHAPE)


def test_a_tflite_file_computes_the_same_in_floats_and_nearly_in_int8(tmp_path, calibration):
    network, sample = small_network(), torch.randn(1, *SHAPE)
    (told,) = write_tflite(network, sample, None, tmp_path / "float.tflite")
    assert told.startswith("input 1×8×8×3, channels last; checked with LiteRT: at most ")
    with torch.no_grad():
        expected = network(calibration.samples)
    content = (tmp_path / "float.tflite").read_bytes()
    torch.testing.assert_close(run_tflite(content, calibration.samples), expected)
    told = write_tflite(network, sample, calibration, tmp_path / "int8.tflite")
    assert "int8 by 8 samples of " in told[0]
    content = (tmp_path / "int8.tflite").read_bytes()
    assert float_operators(content) == []
    interpreter = litert.Interpreter(model_content=content)
    ends = (*interpreter.get_input_details(), *interpreter.get_output_details())
    assert [each["dtype"] for each in ends] == [numpy.int8, numpy.int8]
    apart = run_tflite(content, calibration.samples) - expected
    assert 0 < apart.norm() < 0.15 * expected.norm()
