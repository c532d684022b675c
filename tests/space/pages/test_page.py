"""A mistake in a page is one line that names the key and the nearest valid choice."""

import copy

import pytest

from dse.configs.names import GRID_WORDS
from dse.costs.cost_conditions import CONDITION_NAMES
from dse.costs.cost_list import RATIOS
from dse.errors import DseError
from dse.space import read_family
from dse.store.expressions.vocabulary import BUILTIN_TYPES, FORMULAS

PAGE = {
    "axes": {"resolution": 32, "width": 1.0, "depth": {"per": "stage", "default": [2, 3]}},
    "variants": {"deep": {"depth": [4, 4]}},
    "where": {"base": "round_to(16 * width, 8)"},
    "input": [3, "resolution", "resolution"],
    "blocks": [
        {"block": "conv_norm_act", "channels": "base", "stride": 2},
        {"block": "basic", "channels": "base", "repeat": "depth"},
        {"block": "basic", "channels": "2 * base", "repeat": "depth", "stride": 2},
        {"block": "classifier", "classes": 10},
    ],
}


def read(*path_and_value):
    """Read the page with one value in another place."""
    page = copy.deepcopy(PAGE)
    if path_and_value:
        *path, last, value = path_and_value
        place = page
        for step in path:
            place = place[step]
        place[last] = value
    return read_family("example", page, "example.yaml")


def test_an_axis_per_stage_has_a_column_for_each_stage():
    family = read()
    assert family.defaults == {"resolution": 32, "width": 1.0, "depth_1": 2, "depth_2": 3}
    assert family.columns("depth") == ("depth_1", "depth_2")
    candidate = family.resolve(family.settings_of({"depth_2": 1}))
    assert [block.block for block in candidate.blocks] == [
        "conv_norm_act", "basic", "basic", "basic", "classifier"]  # fmt: skip


def test_only_the_first_of_repeated_blocks_has_the_stride():
    family = read()
    candidate = family.resolve(family.settings_of({"depth": 2}))
    assert [dict(block.settings).get("stride", 1) for block in candidate.blocks] == [
        2, 1, 1, 2, 1, 1]  # fmt: skip


def test_a_variant_changes_the_defaults():
    family = read().variant("deep")
    assert (family.defaults["depth_1"], family.defaults["depth_2"]) == (4, 4)


@pytest.mark.parametrize(("name", "short"), [("example_deep", "deep"), ("example2", "2")])
def test_a_variant_may_leave_out_the_name_of_the_family(name, short):
    page = copy.deepcopy(PAGE)
    page["variants"] = {name: {"depth": [4, 4]}, "other": {}}
    family = read_family("example", page, "example.yaml")
    assert family.variant(short).defaults == family.variant(name).defaults != family.defaults
    with pytest.raises(DseError, match="has no variant 'depe'"):
        family.variant("depe")


def test_settings_that_resolve_to_the_same_network_have_one_key():
    family = read()
    keys = {family.resolve(family.settings_of({"width": w})).key for w in (1, 1.0, 1.01)}
    assert len(keys) == 1
    assert family.resolve(family.settings_of({"width": 2})).key not in keys


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("axis", {}), "example.yaml: axis: unknown key 'axis'; did you mean 'axes'?"),
        (("axes", "depth", "per", "stages"), "axes.depth.per: unknown 'stages'; did you mean"),
        (("axes", "depth", "default", [1]), "axes.depth: 1 default for 2 stages"),
        (("axes", "spare", 3), "axes.spare: nothing on the page uses it"),
        (("axes", "layer", 3), "axes.layer: an axis needs a plain name of its own"),
        (("axes", "width", {"default": 1.0, "when": "depht > 2"}), "axes.width.when: unknown name"),
        (("axes", "width", {"default": [1.0, 2.0]}), "only an axis 'per: stage' or 'per: layer'"),
        (("axes", "width", {"default": 1.0, "only": 1}), "axes.width.only: unknown key 'only'"),
        (("input", [3, "depth", 32]), "input[1]: 'depth' has a value for each stage, not for all"),
        (("choices", {"opp": {}}), "choices.opp: no axis of that name"),
        (("blocks", 1, "for_each", "regnet_stage(1)"), "for_each: unknown function 'regnet_stage'"),
        (("blocks", 1, "for_each", "width"), "for_each: 'width' calls no generator"),
        (("blocks", 1, "block", "basik"), "blocks[1].block: unknown block 'basik'; did you mean"),
        (("blocks", 1, "chanels", 3), "blocks[1].chanels: block 'basic' has no setting 'chanels'"),
        (("blocks", 3, "classes", "width2"), "unknown name 'width2' in 'width2'; did you mean"),
        (("blocks", 0, "channels", "rond_to(3, 8)"), "unknown function 'rond_to'"),
        (("blocks", 0, "channels", "width.real"), "reaches beyond the allowed functions"),
        (("blocks", 0, "channels", "__import__('os')"), "unknown function '__import__'"),
        (("blocks", 0, "channels", "(lambda: 1)()"), "reaches beyond the allowed functions"),
        (("blocks", 0, "channels", "3 +"), "is not an expression"),
        (("blocks", 0, "channels", None), "expected a number or an expression"),
        (("blocks", []), "blocks: expected a list"),
        (("input", 5), "input: expected a list"),
        (("variants", "deep", {"dept": 1}), "variants.deep.dept: unknown axis 'dept'; did"),
        (("variants", "deep", {"depth": [1]}), "variants.deep.depth: expected 2 values"),
        (("where", "width", "1"), "where.width: the name is taken"),
        (("axes", "round_to", 3), "an axis needs a plain name"),
        *((("axes", word, 3), f"axes.{word}: {word!r} is a word of grids") for word in GRID_WORDS),
    ],
)
def test_a_mistake_names_the_place_and_the_nearest_choice(change, message):
    with pytest.raises(DseError) as caught:
        read(*change)
    assert message in str(caught.value)
    assert str(caught.value).startswith("example.yaml")
    assert "\n" not in str(caught.value)


OF_CANDIDATES = {*BUILTIN_TYPES, *FORMULAS, *RATIOS} - {*CONDITION_NAMES}
"""Columns of what a candidate is and costs. A block may well have an axis `dtype`."""


@pytest.mark.parametrize("name", [*sorted(OF_CANDIDATES), "größe", "Macs"])
@pytest.mark.parametrize("axis", [3, {"default": 3, "of": "training"}], ids=["shaping", "training"])
def test_an_axis_is_not_named_like_a_column_of_every_candidate(name, axis):
    """A question would answer with the other; what is not ASCII can be written in no override."""
    with pytest.raises(DseError, match=f"^example.yaml: axes.{name}: ") as caught:
        read("axes", name, axis)
    is_taken = name.isascii()
    assert ("every candidate has" if is_taken else "of letters, digits and _") in str(caught.value)


@pytest.mark.parametrize(
    "expression",
    ["9 ** 9 ** 9", "'a' * 10 ** 9", "[x for x in (1, 2)]", "width[0]", "f'{width}'", "1 / 0",
     "min()", "sqrt(-1)", "'x' + 1", "(1).__class__", "{}.keys()"],
)  # fmt: skip
def test_an_expression_that_reaches_out_or_fails_is_an_error(expression):
    with pytest.raises(DseError):
        read("blocks", 0, "channels", expression).resolve(PAGE_SETTINGS)


LAYERS = {
    "axes": {
        "depth": {"per": "stage", "default": [2, 3]},
        "op": {"per": "layer", "default": "wide"},
        "kernel": {"per": "layer", "default": [[3, 5], 7]},
        "groups": {"default": 2, "when": "style == 'grouped'"},
        "style": "grouped",
    },
    "input": [3, 32, 32],
    "choices": {
        "op": {
            "none": {"block": "skip"},
            "wide": {"block": "conv_norm_act", "kernel": "kernel"},
        }
    },
    "blocks": [
        {"block": "op", "channels": 8, "repeat": "depth", "stride": 2},
        {"block": "op", "channels": 16, "repeat": "depth"},
        {"block": "conv_norm_act", "channels": 16, "groups": "groups", "activation": "relu6"},
        {"block": "classifier", "classes": 4},
    ],
}


def layered(**axes):
    page = copy.deepcopy(LAYERS)
    page["axes"] = {"style": page["axes"].pop("style"), **page["axes"], **axes}
    return read_family("layered", page, "layered.yaml")


def kernels(family, chosen):
    candidate = family.resolve(family.settings_of(chosen))
    return [(block.block, dict(block.settings).get("kernel", 3)) for block in candidate.blocks[:-2]]


def test_an_axis_per_layer_has_a_column_for_each_layer():
    family = layered()
    assert family.columns("kernel") == (
        "kernel_1_1", "kernel_1_2", "kernel_2_1", "kernel_2_2", "kernel_2_3")  # fmt: skip
    assert [family.defaults[column] for column in family.columns("kernel")] == [3, 5, 7, 7, 7]
    assert family.columns_of("kernel_1") == ("kernel_1_1", "kernel_1_2")
    assert [kernel for _, kernel in kernels(family, {})] == [3, 5, 7, 7, 7]


def test_layers_deeper_than_any_column_go_on_with_the_last():
    assert [kernel for _, kernel in kernels(layered(), {"depth_1": 4, "kernel_1_2": 1})] == [
        3, 1, 1, 1, 7, 7, 7]  # fmt: skip


def test_columns_that_make_no_difference_are_dropped():
    family = layered()
    chosen = {"depth_1": 1, "depth_2": 2, "op_2_1": "none", "op_2_2": "none"}
    candidate = family.resolve(family.settings_of(chosen))
    kept = "style depth_1 depth_2 op_1_1 op_2_1 op_2_2 kernel_1_1 groups"
    assert list(candidate.settings) == kept.split()
    assert family.resolve(candidate.settings).key == candidate.key


def test_an_axis_exists_only_under_its_condition():
    family = layered()
    plain = family.resolve(family.settings_of({"style": "plain", "groups": 4}))
    assert "groups" not in plain.settings
    assert plain.key == family.resolve(family.settings_of({"style": "plain"})).key
    grouped = family.resolve(family.settings_of({"groups": 4}))
    assert grouped.settings["groups"] == 4
    assert dict(grouped.blocks[-2].settings)["groups"] == 4


def test_an_identity_is_left_out_where_it_does_nothing():
    family = layered()
    one = family.resolve(family.settings_of({"op_2_2": "none"}))
    other = family.resolve(family.settings_of({"op_2_3": "none"}))
    first = family.resolve(family.settings_of({"op_2_1": "none"}))
    assert one.key == other.key != first.key
    assert (len(one.blocks), len(first.blocks)) == (6, 7)


def test_a_choice_that_is_not_there():
    with pytest.raises(DseError, match=r"axes\.op: unknown choice 'wid'; did you mean 'wide'"):
        layered(op={"per": "layer", "default": "wid"})


GENERATED = {
    "axes": {"depth": 6, "w0": 8},
    "input": [3, 64, 64],
    "blocks": [
        {"block": "conv_norm_act", "for_each": "regnet_stages(depth, w0, 8, 2.0, 8)",
         "channels": "stage.channels", "repeat": "stage.depth", "stride": 2},
        {"block": "classifier"},
    ],
}  # fmt: skip


def test_a_line_may_run_over_generated_stages():
    family = read_family("generated", GENERATED, "generated.yaml")
    blocks = [dict(block.settings) for block in family.resolve({}).blocks[:-1]]
    assert [(block["channels"], block.get("stride", 1)) for block in blocks] == [
        (8, 2), (16, 2), (32, 2), (32, 1), (32, 1), (64, 2)]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"channels": "stage.width"}, "unknown name 'stage.width' in 'stage.width'"),
        ({"channels": "stage"}, "unknown name 'stage'"),
        ({"channels": "depth.real"}, "reaches beyond the allowed functions"),
        ({"for_each": "regnet_stages(depth, 7, 8, 2.0, 8)"}, "no RegNet has depth=6, w0=7"),
        ({"for_each": "regnet_stages(depth, w0, 8)"}, "cannot evaluate"),
    ],
)
def test_a_mistake_in_a_generated_line(change, message):
    page = copy.deepcopy(GENERATED)
    page["blocks"][0].update(change)
    if "w0" not in page["blocks"][0]["for_each"]:
        del page["axes"]["w0"]
    with pytest.raises(DseError) as caught:
        read_family("generated", page, "generated.yaml").resolve({})
    assert message in str(caught.value)


PAGE_SETTINGS = {"resolution": 32, "width": 1.0, "depth_1": 1, "depth_2": 1}


def test_a_variant_that_is_not_there():
    with pytest.raises(DseError, match="no variant 'deeep'; did you mean 'deep'"):
        read().variant("deeep")


def test_a_missing_setting():
    with pytest.raises(DseError, match=r"blocks\[0\]: block 'basic' needs channels"):
        read("blocks", 0, {"block": "basic"})
