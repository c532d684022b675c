"""Archives of `torch.export`, read as the JSON that they hold.

PyTorch's own reader unpickles weights, evaluates expressions and follows any name within `torch`;
this one takes operators by their registered names, and of weights their shapes.
"""

from __future__ import annotations

import json
import math
import operator
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dse.counting.exported_files.file_model import FileInput, FileModel
from dse.counting.modules import Call, FileGraph, GraphNode
from dse.counting.operators import operator_name, rule_of
from dse.counting.torch_internals import Operator, schema_of
from dse.errors import DseError

LARGEST_TEXT = 1 << 29
"""Bytes of the JSON of a graph; that of a large language model has 50 MB."""

DTYPES = {
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    9: torch.complex32,
    10: torch.complex64,
    11: torch.complex128,
    12: torch.bool,
    13: torch.bfloat16,
    29: torch.float8_e4m3fn,
    30: torch.float8_e5m2,
}
"""By their numbers in an archive."""
_FORMATS = {
    1: torch.contiguous_format,
    2: torch.channels_last,
    3: torch.channels_last_3d,
    4: torch.preserve_format,
}
_ON_NUMBERS: dict[str, Callable[..., Any]] = {
    **{
        f"_operator.{name}": getattr(operator, name)
        for name in (
            *("add", "sub", "mul", "floordiv", "truediv", "mod", "pow", "neg", "pos", "abs"),
            *("eq", "ne", "lt", "le", "gt", "ge", "and_", "or_", "not_", "getitem"),
        )
    },
    **{f"math.{name}": getattr(math, name) for name in ("floor", "ceil", "trunc", "sqrt")},
    **{
        f"torch.{name}": getattr(torch, name)
        for name in ("sym_int", "sym_float", "sym_max", "sym_min", "sym_not", "sym_ite")
    },
}
"""What graphs do with sizes."""

NAMESPACES = ("aten", "prims", "torchvision", "quantized", "quantized_decomposed")
"""Of operators that only compute."""
WORDS = frozenset(
    (
        *("UPLO", "activation", "algorithm", "api_name", "approximate", "assert_msg", "driver"),
        *("equation", "indexing", "interpolation", "mode", "norm", "ord", "p", "pad_mode"),
        *("padding", "padding_side", "reduce", "rounding_mode", "side"),
    )
)
"""Arguments that are texts and only choose how something is computed. An operator with another one
reaches further, as `aten.from_file` does, which makes a file."""

_Value = Callable[[Mapping[str, Any]], Any]


def read_program(path: Path) -> FileModel:
    """Return the network of an archive.

    Raises:
        DseError: for operators that are not PyTorch's, and graphs within graphs.
        Exception: whatever a damaged file leads to.
    """
    with zipfile.ZipFile(path) as archive:
        program = _json(archive, "models/model.json")
        tensors = {
            **_json(archive, "data/weights/model_weights_config.json")["config"],
            **_json(archive, "data/constants/model_constants_config.json")["config"],
        }
    graph, signature = program["graph_module"]["graph"], program["graph_module"]["signature"]
    weights: dict[str, tuple[str, Tensor]] = {}
    # Tied weights have several names, and lie in one place of the archive.
    made: dict[str, Tensor] = {}
    inputs: list[str] = []
    for spec in signature["input_specs"]:
        ((kind, content),) = spec.items()
        if kind in _HELD:
            name = content[_HELD[kind]]
            lies = json.dumps([kind, tensors[name].get("path_name", name), tensors[name]])
            if lies not in made:
                made[lies] = _tensor(tensors[name], kind == "parameter")
            weights[content["arg"]["name"]] = name, made[lies]
        elif kind == "user_input":
            if "as_tensor" in content["arg"]:
                inputs.append(content["arg"]["as_tensor"]["name"])
            elif "as_none" not in content["arg"]:
                raise DseError("it takes what is no tensor")
        else:
            raise DseError(f"it takes a {kind}")
    outputs = [
        spec["user_output"]["arg"]["as_tensor"]["name"]
        for spec in signature["output_specs"]
        if "as_tensor" in spec.get("user_output", {}).get("arg", {})
    ]
    nodes = [_node(each) for each in graph["nodes"]]
    values = graph["tensor_values"]
    said = tuple(_input(name, values[name]) for name in inputs)
    return FileModel(FileGraph(nodes, weights, inputs, outputs), said)


_HELD = {
    "parameter": "parameter_name",
    "buffer": "buffer_name",
    "tensor_constant": "tensor_constant_name",
}


def _json(archive: zipfile.ZipFile, ending: str) -> Any:
    found = [each for each in archive.infolist() if each.filename.endswith(f"/{ending}")]
    if len(found) != 1:
        raise DseError(f"it has {len(found)} {ending}")
    if found[0].file_size > LARGEST_TEXT:
        raise DseError(f"its {ending} has {found[0].file_size:,} bytes")
    return json.loads(archive.read(found[0]))


def _tensor(payload: Any, is_parameter: bool) -> Tensor:
    meta = payload["tensor_meta"]
    made = torch.empty([_size(each) for each in meta["sizes"]], dtype=DTYPES[meta["dtype"]],
                       device="meta")  # fmt: skip
    is_trained = bool(meta["requires_grad"]) and made.is_floating_point()
    return nn.Parameter(made, is_trained) if is_parameter else made


def _size(size: Any) -> int:
    """Return a size; one that may be any is that of the example that it was exported on."""
    found = size["as_int"] if "as_int" in size else size["as_expr"]["hint"]["as_int"]
    if not isinstance(found, int) or found < 0:
        raise DseError(f"a size is {found!r:.20}")
    return found


def _input(name: str, meta: Any) -> FileInput:
    sizes, dtype = meta["sizes"], DTYPES[meta["dtype"]]
    has_batch = bool(sizes) and "as_expr" in sizes[0]
    named = {} if dtype is torch.float32 else {"dtype": str(dtype).removeprefix("torch.")}
    shape = [_size(each) for each in sizes[has_batch:]]
    return {"name": name, "shape": shape, **named, "batch": has_batch}


def _node(node: Any) -> GraphNode:
    target = _operator(node["target"])
    positional = [_value(each["arg"]) for each in node["inputs"] if each.get("kind") != 2]
    named = {e["name"]: _value(e["arg"]) for e in node["inputs"] if e.get("kind") == 2}
    makes = tuple(name for each in node["outputs"] for name in _made(each))
    is_single = len(makes) == 1 and "as_tensors" not in node["outputs"][0]

    def run(values: Mapping[str, Any]) -> Sequence[Any]:
        made = target(
            *(each(values) for each in positional),
            **{name: each(values) for name, each in named.items()},
        )
        return (made,) if is_single else tuple(made) if makes else ()

    takes = [name for each in node["inputs"] for name in _taken(each["arg"])]
    within = _calls(node.get("metadata", {}).get("nn_module_stack", ""))
    return GraphNode(run, tuple(dict.fromkeys(takes)), makes, within)


def _operator(name: Any) -> Callable[..., Any]:
    """Return an operator by its registered name, and nothing else that a name may lead to."""
    if name in _ON_NUMBERS:
        return _ON_NUMBERS[name]
    parts = str(name).split(".")
    if parts[:2] == ["torch", "ops"] and len(parts) == 5 and all(map(str.isidentifier, parts)):
        if parts[2] == "torchvision":
            import torchvision  # noqa: F401
        packet: Any = getattr(getattr(torch.ops, parts[2]), parts[3], None)
        found = getattr(packet, parts[4], None)
        if isinstance(found, Operator) and _only_computes(found):
            return found
    raise DseError(f"{name!s:.80} is no operator that is known here")


def _only_computes(found: Operator) -> bool:
    """Return whether an operator may run because a file says so."""
    name, arguments = operator_name(found), schema_of(found).arguments
    texts = {each.name for each in arguments if "str" in str(each.type)}
    return texts <= WORDS and (found.namespace in NAMESPACES or rule_of(name) is not None)


def _calls(stack: str) -> tuple[Call, ...]:
    """Return the calls of modules that an operator ran in, without that of the network."""
    found = []
    for entry in filter(None, stack.split(";")):
        key, name, kind = entry.split(",", 2)
        # PyTorch marks what it could not place by a name of its own.
        if name and not name.startswith("_empty_nn_module_stack"):
            found.append((key, name.partition("@")[0], kind))
    return tuple(found)


def _value(argument: Any) -> _Value:
    """Return what gives an argument, from the values by name."""
    ((kind, content),) = argument.items()
    if kind in ("as_tensor", "as_sym_int", "as_sym_float", "as_sym_bool") and "as_name" in content:
        return operator.itemgetter(content["as_name"])
    if kind == "as_tensor":
        return operator.itemgetter(content["name"])
    if kind in _SYMBOLIC:
        (plain,) = content.values()
        return lambda values: plain
    if kind in _LISTS:
        each_kind = _LISTS[kind]
        inner = [_value(each if each_kind is None else {each_kind: each}) for each in content]
        return lambda values: [each(values) for each in inner]
    if kind not in _PLAIN:
        raise DseError(f"an argument is {kind.removeprefix('as_')}")
    made = _PLAIN[kind](content)
    return lambda values: made


_SYMBOLIC = ("as_sym_int", "as_sym_float", "as_sym_bool")
_LISTS = {
    "as_tensors": "as_tensor",
    "as_optional_tensors": None,
    "as_sym_ints": "as_sym_int",
    "as_sym_floats": "as_sym_float",
    "as_sym_bools": "as_sym_bool",
    "as_nested_tensors": "as_tensors",
}
_PLAIN: dict[str, Callable[[Any], Any]] = {
    "as_none": lambda content: None,
    "as_int": int,
    "as_ints": list,
    "as_float": float,
    "as_floats": list,
    "as_bool": bool,
    "as_bools": list,
    "as_string": str,
    "as_strings": list,
    "as_int_lists": list,
    "as_float_lists": list,
    "as_complex": lambda content: complex(content["real"], content["imag"]),
    "as_scalar_type": DTYPES.__getitem__,
    "as_memory_format": _FORMATS.__getitem__,
    "as_layout": {7: torch.strided}.__getitem__,
    # Nothing that a file makes has data, wherever it was exported.
    "as_device": lambda content: torch.device("meta"),
}


def _taken(argument: Any) -> list[str]:
    ((kind, content),) = argument.items()
    if kind in _LISTS:
        inner = _LISTS[kind]
        return [
            name for each in content for name in _taken(each if inner is None else {inner: each})
        ]
    if kind == "as_tensor":
        return [content["name"]]
    if kind in _SYMBOLIC and "as_name" in content:
        return [content["as_name"]]
    return []


def _made(output: Any) -> list[str]:
    if "as_none" in output:
        return []
    return _taken(output)
