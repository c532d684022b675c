"""A mistake in a page is one line that names the key and the nearest valid choice."""

import copy

import pytest

from dse.errors import DseError
from dse.space import read_family

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


def test_settings_that_resolve_to_the_same_network_have_one_key():
    family = read()
    keys = {family.resolve(family.settings_of({"width": w})).key for w in (1, 1.0, 1.01)}
    assert len(keys) == 1
    assert family.resolve(family.settings_of({"width": 2})).key not in keys


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("axis", {}), "example.yaml: unknown key 'axis'; did you mean 'axes'?"),
        (("axes", "depth", "per", "stages"), "axes.depth.per: unknown 'stages'; did you mean"),
        (("axes", "depth", "default", [1]), "axes.depth: 1 defaults for 2 stages"),
        (("blocks", 1, "block", "basik"), "blocks[1].block: unknown block 'basik'; did you mean"),
        (("blocks", 1, "chanels", 3), "blocks[1]: block 'basic' has no setting 'chanels'; did"),
        (("blocks", 3, "classes", "width2"), "unknown name 'width2' in 'width2'; did you mean"),
        (("blocks", 0, "channels", "rond_to(3, 8)"), "unknown function 'rond_to'"),
        (("blocks", 0, "channels", "width.real"), "reaches beyond the allowed functions"),
        (("blocks", 0, "channels", "__import__('os')"), "unknown function '__import__'"),
        (("blocks", 0, "channels", "(lambda: 1)()"), "reaches beyond the allowed functions"),
        (("blocks", 0, "channels", "3 +"), "is not an expression"),
        (("blocks", 0, "channels", None), "expected a number or an expression"),
        (("blocks", []), "blocks: expected a list"),
        (("input", 5), "input: expected a list"),
        (("variants", "deep", {"dept": 1}), "variants.deep: unknown axis 'dept'; did you mean"),
        (("variants", "deep", {"depth": [1]}), "variants.deep.depth: expected 2 values"),
        (("where", "width", "1"), "where.width: the name is taken"),
        (("axes", "round_to", 3), "an axis needs a plain name"),
    ],
)
def test_a_mistake_names_the_place_and_the_nearest_choice(change, message):
    with pytest.raises(DseError) as caught:
        read(*change)
    assert message in str(caught.value)
    assert str(caught.value).startswith("example.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "expression",
    ["9 ** 9 ** 9", "'a' * 10 ** 9", "[x for x in (1, 2)]", "width[0]", "f'{width}'", "1 / 0",
     "min()", "sqrt(-1)", "'x' + 1", "(1).__class__", "{}.keys()"],
)  # fmt: skip
def test_an_expression_that_reaches_out_or_fails_is_an_error(expression):
    with pytest.raises(DseError):
        read("blocks", 0, "channels", expression).resolve(PAGE_SETTINGS)


PAGE_SETTINGS = {"resolution": 32, "width": 1.0, "depth_1": 1, "depth_2": 1}


def test_a_variant_that_is_not_there():
    with pytest.raises(DseError, match="no variant 'deeep'; did you mean 'deep'"):
        read().variant("deeep")


def test_a_missing_setting():
    with pytest.raises(DseError, match=r"blocks\[0\]: block 'basic' needs channels"):
        read("blocks", 0, {"block": "basic"})
