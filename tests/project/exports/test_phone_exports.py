"""Networks for phones and microcontrollers run there as they do here."""

import numpy
import pytest
import torch

from dse.errors import DseError
from dse.project.exports.calibration_data import MOST_SAMPLES, read_calibration
from dse.project.exports.executorch_export import write_executorch
from tests.project.exports.small_networks import SHAPE, small_network


@pytest.fixture
def calibration(tmp_path):
    numpy.save(tmp_path / "samples.npy", numpy.random.RandomState(0).randn(8, *SHAPE))
    return read_calibration(tmp_path / "samples.npy", SHAPE)


def test_an_executorch_file_computes_the_same_in_floats_and_nearly_in_int8(tmp_path, calibration):
    from executorch.runtime import Runtime

    network, sample = small_network(), calibration.samples[:1]
    (told,) = write_executorch(network, sample, None, tmp_path / "float.pte")
    assert told.startswith("input 1×3×8×8; checked with ExecuTorch: at most ")
    told = write_executorch(network, sample, calibration, tmp_path / "int8.pte")
    assert "inside int8 by 8 samples of " in told[0]
    with torch.no_grad():
        expected = network(sample)
    off = {}
    for name in ("float", "int8"):
        program = Runtime.get().load_program(tmp_path / f"{name}.pte")
        off[name] = float(
            (program.load_method("forward").execute([sample])[0] - expected).norm()
            / expected.norm()
        )
    assert off["float"] < 1e-5 < off["int8"] < 0.15


FILES = {
    "one.npy": lambda path: numpy.save(path, numpy.ones(SHAPE)),
    "many.npz": lambda path: numpy.savez(path, images=numpy.ones((4, *SHAPE), "float16")),
    "many.pt": lambda path: torch.save(torch.ones(4, *SHAPE), path),
    "named.pt": lambda path: torch.save({"images": torch.ones(4, *SHAPE)}, path),
}
WRONG = {
    "sizes.npy": (lambda path: numpy.save(path, numpy.ones((4, 3, 9, 9))),
                  "is of 4×3×9×9; the network takes N×3×8×8"),
    "none.npy": (lambda path: numpy.save(path, numpy.ones((0, *SHAPE))), "is of 0×3×8×8"),
    "bytes.npy": (lambda path: numpy.save(path, numpy.ones((4, *SHAPE), "uint8")), "holds uint8"),
    "nan.npy": (lambda path: numpy.save(path, numpy.full(SHAPE, numpy.nan)), "no finite numbers"),
    "two.npz": (lambda path: numpy.savez(path, a=numpy.ones(3), b=numpy.ones(3)), "has 2 arrays"),
    "code.npy": (lambda path: numpy.save(path, numpy.array([print], object), allow_pickle=True),
                 "cannot be read"),
    "code.pt": (lambda path: torch.save(print, path), "cannot be read"),
    "bad.npz": (lambda path: path.write_bytes(b"bad"), "is no archive of arrays"),
    "words.txt": (lambda path: path.write_text("1"), "calibration data is a .npy, .npz, .pt or"),
    "folder": (lambda path: path.mkdir(), "has no .png, .jpg, .jpeg"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_samples_are_read_as_the_network_takes_them(tmp_path, name):
    FILES[name](tmp_path / name)
    read = read_calibration(tmp_path / name, SHAPE)
    assert read.samples.dtype == torch.float32
    assert tuple(read.samples.shape[1:]) == SHAPE
    assert bool((read.samples == 1).all())


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_samples_is_told_in_a_line(tmp_path, name):
    make, expected = WRONG[name]
    make(tmp_path / name)
    with pytest.raises(DseError, match=expected) as caught:
        read_calibration(tmp_path / name, SHAPE)
    assert str(caught.value).startswith(f"{tmp_path / name}: ")
    assert "\n" not in str(caught.value)


def test_a_folder_of_images_is_cropped_and_normalised(tmp_path):
    from torchvision.io import write_png

    (tmp_path / "dogs").mkdir()
    for number in range(3):
        write_png(torch.full((3, 20, 30), 255, dtype=torch.uint8), tmp_path / f"dogs/{number}.png")
    samples = read_calibration(tmp_path, SHAPE).samples
    assert tuple(samples.shape) == (3, *SHAPE)
    white = [(1 - mean) / std for mean, std in ((0.485, 0.229), (0.456, 0.224), (0.406, 0.225))]
    assert samples[0, :, 0, 0].tolist() == pytest.approx(white)
    assert read_calibration(tmp_path, (1, 8, 8)).samples.unique().tolist() == [1]


def test_more_samples_than_are_of_use_are_left(tmp_path):
    numpy.save(tmp_path / "many.npy", numpy.zeros((MOST_SAMPLES + 9, 2), "float32"))
    read = read_calibration(tmp_path / "many.npy", (2,))
    assert str(read) == f"{MOST_SAMPLES} samples of {tmp_path / 'many.npy'}"
