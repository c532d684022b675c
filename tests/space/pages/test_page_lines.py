"""Every error of a page names its file, the line in it, the key and the nearest valid name."""

import pytest

from dse.errors import DseError
from dse.space import load_family
from dse.space.pages.catalogue import load_page
from dse.space.pages.problems import PageError

PAGE = """\
axes:
  resolution: 32
  width: 1.0
  depth: {per: stage, default: [2, 3]}
  op:
    per: layer
    default: wide

variants:
  deep: {depth: [4, 4]}

input: [3, resolution, resolution]

where:
  base: round_to(16 * width, 8)
  double: 2 * base

choices:
  op:
    none: {block: skip}
    wide: {block: conv_norm_act, kernel: 5}

blocks:
  - {block: conv_norm_act, channels: base, stride: 2}
  - block: op
    channels: base
    repeat: depth
  - {block: op, channels: double, repeat: depth, stride: 2}
  - {block: classifier, classes: 10}
"""


def test_the_page_itself_is_right(page):
    assert load_family(page()).columns("depth") == ("depth_1", "depth_2")


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("axes:", "axis: {}\naxes:", 1, "axis: unknown key 'axis'; did you mean 'axes'?"),
        ("  width: 1.0", "  widht: 1.0", 15, "where.base: unknown name 'width' in 'round_to(16 * "
         "width, 8)'; did you mean 'widht'?"),
        ("width: 1.0", "width: {defualt: 1.0}", 3, "axes.width.defualt: unknown key 'defualt'; did "
         "you mean 'default'?"),
        ("per: layer", "per: layers", 6, "axes.op.per: unknown 'layers'; did you mean 'layer'?"),
        ("default: wide", "default: wid", 5, "axes.op: unknown choice 'wid'; did you mean 'wide'?"),
        ("[2, 3]", "[2]", 4, "axes.depth: 1 default for 2 stages"),
        ("  width: 1.0", "  width: 1.0\n  spare: 3", 4, "axes.spare: nothing on the page uses it"),
        ("  double:", "  spare: 3\n  double:", 16, "where.spare: nothing on the page uses it"),
        ("  double:", "  width: 3\n  double:", 16, "where.width: the name is taken by an axis"),
        ("  width: 1.0", "  depth_1: 1.0", 15, "where.base: unknown name 'width'"),
        ("{depth:", "{dept:", 10, "variants.deep.dept: unknown axis 'dept'; did you mean 'depth'?"),
        ("[4, 4]", "[4]", 10, "variants.deep.depth: expected 2 values, one a stage"),
        ("[3, resolution,", "[3, depth,", 12, "input[1]: 'depth' has a value for each stage"),
        ("resolution]", "resolutoin]", 12, "input[2]: unknown name 'resolutoin' in 'resolutoin'; "
         "did you mean 'resolution'?"),
        ("  op:\n    none", "  opp:\n    none", 19, "choices.opp: no axis of that name; did you "
         "mean 'op'?"),
        ("block: skip", "block: skipp", 20, "choices.op.none.block: unknown block 'skipp'; did you "
         "mean 'skip'?"),
        ("kernel: 5}", "kernal: 5}", 21, "choices.op.wide.kernal: block 'conv_norm_act' has no "
         "setting 'kernal'; did you mean 'kernel'?"),
        ("    repeat: depth", "    repeat: dept", 27, "blocks[1].repeat: unknown name 'dept' in "
         "'dept'; did you mean 'depth'?"),
        ("    channels: base", "    chanels: base", 26, "blocks[1].chanels: "),
        ("{block: classifier", "{block: clasifier", 29, "blocks[3].block: unknown block "
         "'clasifier'; did you mean 'classifier'?"),
        ("classes: 10", "classes: 10 +", 29, "blocks[3].classes: '10 +' is not an expression"),
        ("classes: 10", "classes: rond(10)", 29, "unknown function 'rond' in 'rond(10)'; did you"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_line_and_key(page, old, new, line, message):
    path = page(old, new)
    with pytest.raises(PageError) as caught:
        load_family(path).resolve({})
    assert any(
        error.startswith(f"{path}:{line}: ") and message in error for error in caught.value.errors
    ), caught.value.errors
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("definitions", "line", "circle"),
    [
        ("base: double\n  double: 2 * base", 15, "base → double → base"),
        ("base: 2 * base\n  double: 2 * base", 15, "base → base"),
        ("base: a\n  a: b\n  b: 2 * a\n  double: base", 16, "a → b → a"),
    ],
)
def test_expressions_that_refer_to_each_other_in_a_circle(page, definitions, line, circle):
    path = page("base: round_to(16 * width, 8)\n  double: 2 * base", definitions)
    path.write_text(path.read_text().replace("channels: base", "channels: base * width"))
    with pytest.raises(DseError) as caught:
        load_family(path)
    name, _, rest = circle.partition(" → ")
    around = {circle, f"{rest.split(' → ')[0]} → {name} → {rest.split(' → ')[0]}"}
    message = str(caught.value)
    assert message.startswith(f"{path}:")
    assert message.partition("a circle: ")[2] in around


def test_definitions_may_stand_in_any_order(page):
    one = load_family(page())
    swapped = page("base: round_to(16 * width, 8)\n  double: 2 * base",
                   "double: 2 * base\n  base: round_to(16 * width, 8)")  # fmt: skip
    assert load_family(swapped).resolve({}).key == one.resolve({}).key


def test_conditions_of_axes_that_need_each_other(page):
    path = page(
        "  width: 1.0",
        "  width: {default: 1.0, when: resolution > 3}",
    )
    path.write_text(
        path.read_text().replace("resolution: 32", "resolution: {default: 32, when: width > 1}")
    )
    with pytest.raises(DseError, match=r"a circle: (width → resolution|resolution → width) → "):
        load_family(path)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("  width: 1.0", "  width: 1.0\n  width: 2.0", 4, "found duplicate key width"),
        ("variants:", "axes: {}\nvariants:", 9, "found duplicate key axes"),
        ("  deep:", "  deep: {}\n  deep:", 11, "found duplicate key deep"),
        ("[3, resolution,", "[[3, resolution", 14, "expected ',' or ']', but got"),
        ("axes:", "axes: @", 1, "cannot start any token"),
    ],
)
def test_broken_yaml_and_names_that_stand_twice(page, old, new, line, message):
    path = page(old, new)
    with pytest.raises(DseError) as caught:
        load_family(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert message in str(caught.value)


def test_an_axis_named_like_a_column_of_another(page):
    path = page("  width: 1.0", "  width: 1.0\n  depth_2: 3")
    path.write_text(path.read_text().replace("classes: 10", "classes: depth_2"))
    with pytest.raises(DseError) as caught:
        load_family(path)
    assert f"{path}:4: axes.depth_2: the name is taken by a column of axis 'depth'" in str(
        caught.value
    )


def test_all_mistakes_are_told_at_once(page):
    path = page("block: skip", "block: skipp")
    path.write_text(path.read_text().replace("resolution]", "resolutoin]"))
    with pytest.raises(PageError) as caught:
        load_family(path)
    assert [error.split(": ")[0] for error in caught.value.errors] == [f"{path}:20", f"{path}:12"]
    assert str(caught.value).endswith("(1 more: `dse check` lists them)")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- 1\n", "expected keys with values"),
        ("", "the page has no 'axes'"),
        (None, "No such file"),
    ],
)
def test_what_is_no_page(tmp_path, content, message):
    path = tmp_path / "mine.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(DseError) as caught:
        load_family(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_a_page_in_another_encoding(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes("# Größe\naxes: {}".encode("latin-1"))
    with pytest.raises(DseError, match=r"mine\.yaml: not a text in UTF-8"):
        load_page(path, "family")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "{per: layer, default: wide}\n",
            "{per: layer, default: wide}\n  op_1: {per: stage, default: 1}\n",
            "6: axes.op_1: axis 'op' has a column 'op_1_1' as well",
        ),
        ("  width: 1.0", "  width: 1.0\n  Width: 2.0", "4: axes.Width: axis 'width' has a column"),
        ("{depth: [4, 4]}", "{depth: ['4', 5]}", "variants.deep.depth: '4' is not a number, as ax"),
        ("{depth: [4, 4]}", "{width: false}", "variants.deep.width: False is not a number, as ax"),
        (
            "{block: conv_norm_act, kernel: 5}",
            "{block: conv_norm_act, repeat: 2}",
            "choices.op.wide.repeat: a choice is one block; the line that chooses says 'repeat'",
        ),
        (
            "{block: conv_norm_act, kernel: 5}",
            "{block: conv_norm_act, for_each: 3}",
            "choices.op.wide.for_each: a choice is one block",
        ),
    ],
)
def test_what_would_be_taken_for_something_else(page, old, new, told):
    text = PAGE.replace("\n    per: layer\n    default: wide", " {per: layer, default: wide}")
    text = text.replace(old, new)
    assert new in text
    for name, uses in (("op_1", "repeat: op_1, stride: 2"), ("Width", "stride: Width")):
        if name in new:
            text = text.replace("channels: base, stride: 2", f"channels: base, {uses}")
    path = page("axes:", "axes:")
    text = text.replace("default: [2, 3]", "default: 2").replace("depth: [4, 4]", "depth: 4")
    path.write_text(text)
    with pytest.raises(PageError) as caught:
        load_family(path)
    assert told in "; ".join(caught.value.errors)
