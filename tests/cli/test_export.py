"""A candidate leaves the store as settings, as Python, or as a network in a file."""

import importlib.util
import json
import sqlite3
import subprocess
import sys

import numpy
import onnx
import onnxruntime
import pytest
import torch

import dse as dse_library
from dse.errors import DseError
from tests.cli.command import dse, environment, query, refused

SWEEPS = {
    "regnet": ("family=regnet", "grid=none", "grid.resolution=[32]", "grid.depth=[8]"),
    "variant": ("family=resnet", "variant=resnet18", "grid=none", "grid.resolution=[32]"),
    "ofa_mobilenet_v3": (
        "family=ofa_mobilenet_v3", "grid=none", "grid.resolution=[32]", "grid.depth=[2]",
        "grid.kernel_2_1=[3]"),
    "nas_bench_macro": ("family=nas_bench_macro", "grid=none", "grid.op_2_3=[identity]"),
    "mlp": ("family=mlp", "grid=none", "grid.norm=[batch]", "cost.batch=4"),
    "torchvision_model": (
        "family=torchvision_model", "grid=none", "grid.name=[shufflenet_v2_x0_5]",
        "grid.resolution=[64]"),
}  # fmt: skip
"""Axes a stage, a layer, of words, of a variant, and a callable's."""


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("export")
    for words in SWEEPS.values():
        dse(directory, "sweep", *words)
    # The last one cannot be built.
    dse(directory, "sweep", "family=resnet", "grid=none", "grid.resolution=[8]", status=1)
    return directory


def keys(directory):
    with sqlite3.connect(directory / "outputs" / "dse.db") as connection:
        return dict(connection.execute("select id, key from candidate").fetchall())


IDS = dict(zip(SWEEPS, range(1, 99), strict=False))


@pytest.mark.parametrize("name", SWEEPS)
def test_the_exported_page_and_grid_are_the_same_network_again(directory, tmp_path, name):
    number = IDS[name]
    words = ("export", str(number), "--store", str(directory / "outputs" / "dse.db"))
    printed = dse(tmp_path, *words, "--output", "mine").stdout.splitlines()
    command = printed[-1].split()
    assert command[:4] == ["dse", "sweep", "--config-dir", "mine"]
    swept = dse(tmp_path, *command[1:]).stdout
    assert "1 candidate, 0 present, 1 stored" in swept
    assert list(keys(tmp_path).values()) == [keys(directory)[number]]
    (row,) = query(tmp_path)
    (original,) = query(directory, f"id = {number}")
    assert {k: v for k, v in row.items() if k != "id"} == {k: original[k] for k in row if k != "id"}


def test_a_page_that_no_export_wrote_is_left(directory, tmp_path):
    first, second = sorted(IDS.values())[:2]
    store = ("--store", str(directory / "outputs" / "dse.db"), "--output", "mine")
    dse(tmp_path, "export", str(first), *store)
    dse(tmp_path, "export", str(first), *store)
    (page,) = (tmp_path / "mine" / "family").glob("*.yaml")
    own = "# Mine.\n" + page.read_text()
    page.write_text(own)
    line = refused(tmp_path, "export", str(first), *store)
    assert f"mine/family/{page.name} is there already; write into another directory" in line
    assert page.read_text() == own
    dse(tmp_path, "export", str(second), *store[:2], "--output", "others")


@pytest.mark.parametrize("name", ["regnet", "torchvision_model"])
def test_the_exported_python_file_builds_the_network(directory, tmp_path, name):
    words = ("export", str(IDS[name]), "--to", "python", "--output", str(tmp_path / "net.py"))
    dse(directory, *words)
    spec = importlib.util.spec_from_file_location("net", tmp_path / "net.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network = module.build(seed=0)
    (row,) = query(directory, f"id = {IDS[name]}")
    assert network.training
    assert sum(parameter.numel() for parameter in network.parameters()) == row["params"]


def network_of(directory, number, seed):
    """The network that a file should hold, built from the store's own settings."""
    content = json.loads(dse(directory, "show", str(number), "--format", "json").stdout)
    family = content["family"]
    return dse_library.build(family, content["settings"], seed=seed).eval()


@pytest.mark.parametrize("to", ["config", "python"])
def test_a_seed_is_refused_where_no_weights_are_written(directory, tmp_path, to):
    words = ("export", str(IDS["mlp"]), "--to", to, "--seed", "0", "--output", str(tmp_path / "it"))
    line = refused(directory, *words)
    assert f"--seed 0 is of weights that a file gets, and --to {to} makes none" in line
    assert not any(tmp_path.iterdir())


LOAD = """
import sys, torch
network = torch.export.load(sys.argv[1]).module()
torch.save(network(torch.load(sys.argv[2])), sys.argv[3])
print([name for name in sys.modules if name.split(".")[0] in ("dse", "torchvision")])
"""


@pytest.mark.parametrize("name", ["regnet", "torchvision_model"])
def test_the_exported_torch_file_computes_the_same_without_our_code(directory, tmp_path, name):
    path = tmp_path / "net.pt2"
    dse(directory, "export", str(IDS[name]), "--to", "torch", "--seed", "5", "--output", str(path))
    network = network_of(directory, IDS[name], 5)
    size = 32 if name == "regnet" else 64
    images = torch.randn(3, 3, size, size)
    torch.save(images, tmp_path / "images.pt")
    words = [sys.executable, "-c", LOAD, path, tmp_path / "images.pt", tmp_path / "scores.pt"]
    done = subprocess.run(
        words, cwd=tmp_path, env=environment(), check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]"
    with torch.no_grad():
        # Another process may share the work among other threads, which rounds differently.
        torch.testing.assert_close(torch.load(tmp_path / "scores.pt"), network(images))


@pytest.mark.parametrize("name", ["mlp", "torchvision_model"])
def test_the_exported_onnx_file_computes_the_same(directory, tmp_path, name):
    path = tmp_path / "net.onnx"
    words = ("export", str(IDS[name]), "--to", "onnx", "--output", str(path))
    printed = dse(directory, *words).stdout
    assert "checked with onnxruntime on batches of 1, 2 and 5: at most " in printed
    onnx.checker.check_model(str(path), full_check=True)
    network = network_of(directory, IDS[name], 0)
    shape = (5, 1, 28, 28) if name == "mlp" else (3, 3, 64, 64)
    images = torch.randn(shape)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (scores,) = session.run(["output"], {"input": images.numpy()})
    with torch.no_grad():
        expected = network(images).numpy()
    numpy.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-5)
    assert expected.std() > 0


def test_a_torch_file_says_what_can_be_trained(directory, tmp_path):
    path = tmp_path / "net.pt2"
    words = ("export", str(IDS["mlp"]), "--to", "torch", "--output", str(path))
    printed = dse(directory, *words).stdout
    assert "is for inference and for gradients: its batch norms keep their statistics;" in printed
    assert "load its state_dict() into `build()` of --to python" in printed
    network, images = torch.export.load(path).module(), torch.randn(8, 1, 28, 28)
    with pytest.raises(NotImplementedError):
        network.train()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    network(images).square().sum().backward()
    optimizer.step()
    after = network.state_dict()
    still = {name for name in after if torch.equal(before[name], after[name])}
    assert still == {name for name, _ in network.named_buffers()}
    assert torch.equal(network(images), network(images))
    network_of(directory, IDS["mlp"], 0).load_state_dict(after, strict=True)


def test_onnxruntime_that_disagrees_leaves_nothing_behind(directory, tmp_path, monkeypatch):
    def wrong(session, names, inputs):
        return [1 + output for output in run(session, names, inputs)]

    run = onnxruntime.InferenceSession.run
    monkeypatch.setattr(onnxruntime.InferenceSession, "run", wrong)
    project = dse_library.open(directory / "outputs" / "dse.db")
    with pytest.raises(DseError, match="onnxruntime disagrees with PyTorch: outputs differ by"):
        project.export(IDS["mlp"], "onnx", tmp_path / "net.onnx")
    assert list(tmp_path.iterdir()) == []


def test_int8_is_of_some_formats_and_measured_on_data(directory, tmp_path):
    words = ("export", "1", "--to", "tflite", "--dtype")
    assert "--dtype int8 needs --calibration: a .npy" in refused(directory, *words, "int8")
    assert "--dtype int4: " in refused(directory, *words, "int4")
    line = refused(directory, *words, "float32", "--calibration", "mine.npy")
    assert "--calibration mine.npy is for --dtype int8" in line
    line = refused(directory, "export", "1", "--to", "onnx", "--dtype", "int8")
    assert "--dtype int8 is for --to tflite and executorch, not onnx" in line
    words = (*words, "int8", "--calibration", str(tmp_path / "none.npy"))
    assert f"{tmp_path / 'none.npy'}: no such file" in refused(directory, *words)


def test_where_files_go_by_themselves(directory):
    printed = dse(directory, "export", str(IDS["mlp"])).stdout
    assert "outputs/export/mlp_5/family/mlp.yaml" in printed
    assert "cost.batch=4" in printed


SUFFIXES = {
    "config": "",
    "python": ".py",
    "torch": ".pt2",
    "onnx": ".onnx",
    "tflite": ".tflite",
    "executorch": ".pte",
}


@pytest.mark.parametrize("to", SUFFIXES)
def test_a_format_is_written_under_no_name_of_another(directory, tmp_path, to):
    for other, suffix in SUFFIXES.items():
        if other not in ("config", to):
            path = tmp_path / f"net{suffix}"
            line = refused(directory, "export", "1", "--to", to, "--output", str(path))
            assert f"{path} is named as a file of --to {other}; {to} writes a" in line
            assert not path.exists()


@pytest.mark.parametrize("to", SUFFIXES)
def test_a_file_takes_no_place_of_a_directory_and_none_of_a_file(directory, tmp_path, to):
    path = tmp_path / f"net{SUFFIXES[to]}"
    if to == "config":
        path.write_text("mine")
        expected = f"{path} is a file; config writes a directory"
    else:
        path.mkdir()
        expected = f"{path} is a directory; {to} writes a file, such as {path}/network"
    assert expected in refused(directory, "export", "1", "--to", to, "--output", str(path))


@pytest.mark.parametrize("to", SUFFIXES)
def test_a_place_that_cannot_be_written_is_named(directory, to):
    path = f"/proc/net{SUFFIXES[to]}"
    line = refused(directory, "export", "1", "--to", to, "--output", path)
    assert line.startswith(f"error: {path}")
    assert line.endswith(": No such file or directory")


def test_a_directory_that_is_there_may_have_any_name(directory, tmp_path):
    (tmp_path / "net.py").mkdir()
    assert "wrote" in dse(directory, "export", "1", "--output", str(tmp_path / "net.py")).stdout


def test_what_cannot_be_exported(directory, tmp_path):
    invalid = str(len(SWEEPS) + 1)
    assert "cannot be built: block" in refused(directory, "export", invalid, "--to", "onnx")
    assert "there is no candidate 99" in refused(directory, "export", "99")
    (tmp_path / "file").write_text("")
    line = refused(directory, "export", "1", "--output", str(tmp_path / "file" / "mine"))
    assert "Not a directory" in line
    assert "Invalid value for '--to'" in refused(directory, "export", "1", "--to", "onx", status=2)
