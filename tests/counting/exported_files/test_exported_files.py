"""Networks that others exported cost what they cost before."""

import contextlib
import json
import logging
import random
import warnings
import zipfile
from functools import partial
from itertools import pairwise

import onnx
import pytest
import torch
from onnx import TensorProto, helper
from torch import nn
from torchvision import models

import dse
from dse.counting import read_exported_file, run_on_allocator, time_layers, unregister
from dse.counting.exported_files.program_archive import NAMESPACES, _only_computes
from dse.devices import deployed_memory
from dse.errors import DseError, UnknownCostWarning

BATCH = {0: torch.export.Dim("batch")}
EQUAL = ("macs", "flops", "activations")


def randomised(network):
    """A network whose weights and statistics are all different, so that none are merged."""
    generator = torch.Generator().manual_seed(0)
    for tensor in (*network.parameters(), *network.buffers()):
        if tensor.is_floating_point():
            tensor.data.uniform_(0.5, 1.5, generator=generator)
    return network.eval()


InvertedResidual = models.mobilenetv3.InvertedResidualConfig
NETWORKS = {
    "mobilenet_v3": (
        partial(
            models.MobileNetV3,
            [InvertedResidual(16, 3, 16, 16, True, "RE", 2, 1, 1),
             InvertedResidual(16, 5, 40, 24, True, "HS", 1, 1, 1)],
            32),
        (3, 32, 32)),
    "vit": (
        partial(
            models.VisionTransformer, image_size=32, patch_size=16, num_layers=2, num_heads=2,
            hidden_dim=32, mlp_dim=64),
        (3, 32, 32)),
    "squeezenet": (partial(dse.build, "squeezenet", width=0.25, resolution=64), (3, 64, 64)),
    "densenet": (
        partial(dse.build, "densenet", growth=8, resolution=64, depth_1=2, depth_2=2, depth_3=2,
                depth_4=2),
        (3, 64, 64)),
    "convnext": (
        partial(models.ConvNeXt, [models.convnext.CNBlockConfig(16, None, 2)]), (3, 32, 32)),
    "mlp": (partial(dse.build, "mlp"), (1, 28, 28)),
}  # fmt: skip


def folded(network):
    """The parameters of norms that an exporter folds into the layer in front of them."""
    found = 0
    for parent in network.modules():
        for layer, norm in pairwise(parent.children()):
            if isinstance(norm, nn.BatchNorm2d) and isinstance(layer, nn.Conv2d):
                found += norm.num_features * (1 if layer.bias is None else 2)
    return found


def both(network, other, shape):
    ours, theirs = dse.count(network, shape), dse.count(other, shape)
    for name in EQUAL:
        assert getattr(ours, name) == getattr(theirs, name), name
    assert theirs.unknown == {}
    return ours, theirs


@pytest.mark.parametrize("name", NETWORKS)
def test_an_archive_of_torch_costs_what_the_network_does(name, tmp_path):
    build, shape = NETWORKS[name]
    network, path = build().eval(), tmp_path / "net.pt2"
    program = torch.export.export(network, (torch.randn(2, *shape),), dynamic_shapes=(BATCH,))
    torch.export.save(program, path)
    read = read_exported_file(path)
    assert read.inputs[0]["shape"] == list(shape)
    assert read.inputs[0]["batch"]
    for batch in (1, 3):
        ours, theirs = both(network, read.module, (batch, *shape))
        assert ours.params == theirs.params
        assert ours.trainable_params == theirs.trainable_params
        assert ours.weight_memory == theirs.weight_memory
        by_layer = [
            [(each.name, each.costs.macs) for each in count.layers if each.costs.macs]
            for count in (ours, theirs)
        ]
        # Attention runs as one operator of its module, or as those that it is made of.
        assert by_layer[0] == by_layer[1] or name == "vit"
    if name in ("mobilenet_v3", "squeezenet", "mlp"):
        assert ours.peak_memory == theirs.peak_memory
        assert ours.activation_memory == theirs.activation_memory


@pytest.mark.parametrize("name", NETWORKS)
def test_an_onnx_file_costs_what_the_network_does(name, tmp_path):
    build, shape = NETWORKS[name]
    network, path = randomised(build()), tmp_path / "net.onnx"
    logging.disable(logging.INFO)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, (torch.randn(2, *shape),), str(path), dynamo=True, dynamic_shapes=(BATCH,),
            external_data=False, verbose=False,
        )  # fmt: skip
    logging.disable(logging.NOTSET)
    read = read_exported_file(path)
    for batch in (1, 3):
        ours, theirs = both(network, read.module, (batch, *shape))
        assert ours.params - folded(network) == theirs.params
        assert theirs.trainable_params == 0


def onnx_file(path, nodes, inputs, outputs, weights=(), **values):
    def declared(name, sizes):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes)

    held = [
        helper.make_tensor(name, TensorProto.FLOAT, sizes, [0.5] * torch.Size(sizes).numel())
        for name, sizes in weights
    ]
    graph = helper.make_graph(
        nodes, "net", [declared(*each) for each in inputs.items()],
        [declared(each, None) for each in outputs], held)  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)]), path)
    return path


def test_padding_that_the_file_leaves_to_the_reader(tmp_path):
    node = helper.make_node("Conv", ["x", "w"], ["y"], auto_pad="SAME_UPPER", strides=[2, 2])
    path = onnx_file(
        tmp_path / "a.onnx", [node], {"x": ["n", 3, 9, 10]}, "y", [("w", [4, 3, 3, 3])]
    )
    assert dse.count(path, (2, 3, 9, 10)).macs == 2 * 4 * 5 * 5 * 27


@pytest.mark.filterwarnings("ignore::dse.UnknownCostWarning")
def test_operators_of_unknown_cost_are_told(tmp_path):
    node = helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=5)
    weights = [("w", [1, 20, 3]), ("r", [1, 20, 5])]
    path = onnx_file(tmp_path / "a.onnx", [node], {"x": [7, 2, 3]}, "y", weights)
    with pytest.warns(UnknownCostWarning, match=r"onnx_file\.LSTM"):
        assert dse.count(path, (7, 2, 3)).unknown == {"onnx_file.LSTM": 1}
    dse.register_operator(
        "onnx_file::LSTM", lambda args, made: made[0].numel() * args[0][0].shape[2]
    )
    try:
        assert dse.count(path, (7, 2, 3)).macs == 7 * 2 * 5 * 3
    finally:
        unregister("onnx_file::LSTM")


def test_an_operator_of_another_domain_has_no_shape(tmp_path):
    node = helper.make_node("Relu", ["x"], ["y"], domain="com.example")
    path = onnx_file(tmp_path / "a.onnx", [node], {"x": [2, 3]}, "y")
    with pytest.raises(DseError, match=r"No opset import for domain com\.example"):
        dse.count(path, (2, 3))


def test_sizes_that_the_file_leaves_open_are_asked_for(tmp_path):
    node = helper.make_node("Relu", ["x"], ["y"])
    path = onnx_file(tmp_path / "a.onnx", [node], {"x": ["n", 3, "h", "w"]}, "y")
    read = read_exported_file(path)
    with pytest.raises(DseError, match="axis 2 of its input 'x' may be of any size: say it"):
        read.usual_inputs()
    assert dse.count(read.module, (2, 3, 4, 4)).macs == 0
    with pytest.raises(DseError, match="axis 1 of its input 'x' is 3, not 4"):
        dse.count(read.module, (2, 4, 4, 4))


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    path = tmp_path_factory.mktemp("archive") / "net.pt2"
    network = nn.Sequential(nn.Linear(4, 3), nn.ReLU()).eval()
    torch.export.save(torch.export.export(network, (torch.randn(2, 4),)), path)
    return path


def changed(archive, path, change):
    """A copy of an archive whose graph is another one."""
    with zipfile.ZipFile(archive) as held, zipfile.ZipFile(path, "w") as made:
        for each in held.infolist():
            content = held.read(each)
            if each.filename.endswith("models/model.json"):
                program = json.loads(content)
                change(program["graph_module"]["graph"]["nodes"], program)
                content = json.dumps(program).encode()
            made.writestr(each, content)
    return path


@pytest.mark.parametrize(
    "target",
    [
        "torch.os.system", "torch.ops.load_library", "torch.ops.aten.linear", "os.system",
        "_operator.methodcaller", "torch.ops.aten.__class__.mro", "math.__loader__", "", 7, None],
)  # fmt: skip
def test_only_operators_are_run(archive, tmp_path, target):
    def change(nodes, program):
        nodes[0]["target"] = target

    path = changed(archive, tmp_path / "theirs.pt2", change)
    with pytest.raises(DseError, match=r"theirs\.pt2 .* is no operator that is known here"):
        read_exported_file(path)


def test_an_operator_that_makes_a_file_is_not_run(archive, tmp_path):
    def change(nodes, program):
        nodes[0]["target"] = "torch.ops.aten.from_file.default"
        said = {"filename": {"as_string": f"{tmp_path}/made"}, "shared": {"as_bool": True}}
        said["size"] = {"as_int": 3}
        nodes[0]["inputs"] = [{"name": n, "arg": arg, "kind": 1} for n, arg in said.items()]

    path = changed(archive, tmp_path / "theirs.pt2", change)
    with pytest.raises(DseError, match=r"from_file\.default is no operator that is known here"):
        dse.count(path, (2, 4))
    assert not (tmp_path / "made").exists()


def test_every_registered_operator_that_a_file_may_name_only_computes():
    """Those that read or write files, print or talk to others take a text, or stand apart."""
    refused, taken = set(), 0
    for full in torch._C._dispatch_get_all_op_names():
        base, _, overload = full.partition(".")
        space, _, name = base.partition("::")
        try:
            found = getattr(getattr(getattr(torch.ops, space), name), overload or "default")
        except (AttributeError, RuntimeError):
            continue
        if _only_computes(found):
            taken += 1
            assert space in NAMESPACES
            texts = {a.name for a in found._schema.arguments if "str" in str(a.type)}
            assert not texts & {"filename", "path", "s", "message", "group_name"}
        else:
            refused.add(f"{space}::{name}")
    assert taken > 2000
    assert {"aten::from_file", "aten::_print", "image::write_file", "image::read_file"} <= refused


def test_what_a_file_makes_has_no_data(archive, tmp_path):
    """Nor is there room for it."""

    def change(nodes, program):
        nodes[-1]["target"] = "torch.ops.aten.zeros.default"
        sizes = {"name": "size", "arg": {"as_ints": [10**6, 10**6]}, "kind": 1}
        device = {"name": "device", "arg": {"as_device": {"type": "cpu", "index": None}}, "kind": 2}
        nodes[-1]["inputs"] = [sizes, device]

    path = changed(archive, tmp_path / "theirs.pt2", change)
    assert dse.count(path, (2, 4)).activation_memory >= 4 * 10**12


def test_nothing_in_an_archive_is_evaluated_or_unpickled(archive, tmp_path):
    code = f"__import__('pathlib').Path({str(tmp_path / 'ran')!r}).touch()"

    def change(nodes, program):
        program["guards_code"] = [code]
        values = program["graph_module"]["graph"]["tensor_values"]
        for value in values.values():
            value["sizes"][0] = {"as_expr": {"expr_str": code, "hint": {"as_int": 2}}}

    path = changed(archive, tmp_path / "theirs.pt2", change)
    read = read_exported_file(path)
    assert dse.count(read.module, (2, 4)).macs == 24
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("kind", ["pt2", "onnx"])
def test_damaged_files_are_told_in_one_line(archive, tmp_path, kind):
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    good = onnx_file(tmp_path / "good.onnx", [node], {"x": [2, 4]}, "y", [("w", [4, 3])])
    content, chosen = (archive if kind == "pt2" else good).read_bytes(), random.Random(0)
    path = tmp_path / f"bad.{kind}"
    for _ in range(60):
        damaged = bytearray(content[: chosen.randrange(len(content))])
        for _ in range(chosen.randrange(4)):
            if damaged:
                damaged[chosen.randrange(len(damaged))] = chosen.randrange(256)
        path.write_bytes(damaged)
        with contextlib.suppress(DseError):
            dse.count(path, (2, 4))
    path.write_bytes(b"no such thing")
    with pytest.raises(DseError, match=f"bad.{kind} is not an"):
        read_exported_file(path)
    with pytest.raises(DseError, match="no such file"):
        read_exported_file(tmp_path / f"none.{kind}")


def test_weights_elsewhere_are_not_looked_for(tmp_path):
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    path = onnx_file(tmp_path / "a.onnx", [node], {"x": [2, 4]}, "y", [("w", [4, 3])])
    model = onnx.load(path)
    model.graph.initializer[0].raw_data = b"here"
    onnx.external_data_helper.set_external_data(model.graph.initializer[0], "../../etc/passwd")
    model.graph.initializer[0].ClearField("float_data")
    model.graph.initializer[0].ClearField("raw_data")
    path.write_bytes(model.SerializeToString())
    assert dse.count(str(path), (2, 4)).macs == 24


@pytest.mark.parametrize("dynamo", [False, True])
@pytest.mark.parametrize("options", [{}, {"padding": 1}, {"output_padding": 1}, {"groups": 2}])
def test_a_transposed_convolution_however_it_was_exported(tmp_path, options, dynamo):
    layer = nn.ConvTranspose2d(8, 4, 3, 2, **options).eval()
    file = tmp_path / "transposed.onnx"
    torch.onnx.export(layer, (torch.zeros(1, 8, 5, 5),), file, dynamo=dynamo)
    assert dse.count(file, (1, 8, 5, 5)).macs == dse.count(layer, (1, 8, 5, 5)).macs


class Resized(nn.Module):
    """A layer before and behind what resizes an image."""

    def __init__(self, options):
        super().__init__()
        self.before, self.behind = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 3)
        self.options = options

    def forward(self, x):
        return self.behind(nn.functional.interpolate(self.before(x), **self.options))


RESIZED = {
    "nearest": {"scale_factor": 2},
    "bilinear": {"scale_factor": 2.0, "mode": "bilinear"},
    "of two factors": {"scale_factor": (2, 1.5), "mode": "bilinear", "align_corners": True},
    "bicubic": {"scale_factor": 1.5, "mode": "bicubic"},
    "of sizes": {"size": (9, 11), "mode": "bilinear"},
}


@pytest.mark.parametrize("dynamo", [False, True])
@pytest.mark.parametrize("options", RESIZED.values(), ids=RESIZED)
def test_sizes_that_follow_from_factors(tmp_path, options, dynamo):
    network, given = Resized(options).eval(), torch.zeros(1, 3, 9, 9)
    file = tmp_path / "resized.onnx"
    torch.onnx.export(network, (given,), file, dynamo=dynamo)
    counted, plain = dse.count(file, given.shape), dse.count(network, given.shape)
    assert (counted.macs, counted.activations) == (plain.macs, plain.activations)


def test_whole_numbers_elsewhere_are_not_looked_for(tmp_path):
    """Those of `mode="area"` are many, which the exporter puts into a file of their own."""
    network, given = Resized({"scale_factor": 0.5, "mode": "area"}).eval(), (1, 3, 9, 9)
    file = tmp_path / "area.onnx"
    torch.onnx.export(network, (torch.zeros(given),), file, dynamo=True)
    constants = onnx.load(file, load_external_data=False).graph.initializer
    assert any(each.data_type == TensorProto.INT64 and each.data_location for each in constants)
    assert dse.count(file, given).macs == dse.count(network, given).macs


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(50, 8), nn.Linear(8, 50, bias=False)
        self.head.weight = self.embedding.weight

    def forward(self, tokens):
        return self.head(self.embedding(tokens))


def test_tied_weights_of_a_program_are_one(tmp_path):
    file, given = tmp_path / "tied.pt2", torch.zeros(1, 4, dtype=torch.long)
    torch.export.save(torch.export.export(Tied(), (given,)), file)
    counted, plain = dse.count(file, given), dse.count(Tied(), given)
    assert (counted.params, counted.weight_memory) == (plain.params, plain.weight_memory)
    assert counted.params == 400


@pytest.mark.parametrize("how", ["count", "time", "memory"])
def test_what_an_onnx_file_holds_is_not_run_on_data(tmp_path, how):
    file = tmp_path / "layer.onnx"
    torch.onnx.export(nn.Hardswish(), (torch.zeros(1, 8),), file, dynamo=False)
    module = read_exported_file(file).module
    ways = {
        "count": lambda: dse.count(module, (1, 8), real=True),
        "time": lambda: time_layers(module, (1, 8)),
        "memory": lambda: run_on_allocator(module, (1, 8)),
    }
    with pytest.raises(DseError, match="what an ONNX file holds runs without data alone"):
        ways[how]()


def test_under_a_runtime_a_program_takes_what_the_network_does_and_an_onnx_file_is_refused(
    tmp_path,
):
    """Nothing would be folded of operators that are not PyTorch's."""
    network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2)).eval()
    images = torch.randn(1, 3, 16, 16)
    program, graph = tmp_path / "net.pt2", tmp_path / "net.onnx"
    torch.export.save(torch.export.export(network, (images,)), program)
    torch.onnx.export(network, (images,), graph, verbose=False)
    found = deployed_memory(read_exported_file(program).module, (1, 3, 16, 16), "tflm")
    assert found.costs == deployed_memory(network, (1, 3, 16, 16), "tflm").costs
    with pytest.raises(DseError, match=r"not of those of an \.onnx file"):
        deployed_memory(read_exported_file(graph).module, (1, 3, 16, 16), "tflm")
