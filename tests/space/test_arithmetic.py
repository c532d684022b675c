"""No expression, page or grid of anybody stops the machine: all that they come to is bounded."""

import itertools
import math

import pytest

from dse.errors import DseError
from dse.files.plain_yaml import DEEPEST, LARGEST, MOST_VALUES, parse_yaml, read_yaml
from dse.language.arithmetic import FUNCTIONS, MOST_BITS, OPERATORS
from dse.language.expressions import parse_expression
from dse.space import cost_of, read_family, read_grid
from dse.space.costing.block_costs import Invalid
from dse.space.pages.page_blocks import MOST_LINES
from dse.space.pages.problems import MOST_ERRORS
from dse.space.pages.resolution import MOST_LAYERS
from tests.mutations import outcome
from tests.space.shipped import family

EXTREMES = (0, 1, -1, True, 2, 0.5, 10**18, -(10**18), 10**300, 1e300, -1e300, 2**1023, "a", "%d")


@pytest.mark.parametrize("operation", [*FUNCTIONS.values(), *OPERATORS.values()])
def test_every_operation_gives_a_small_result_or_none(operation):
    given = 0
    for number in (1, 2, 3):
        for values in itertools.product(EXTREMES, repeat=number):
            try:
                result = operation(*values)
            except (DseError, TypeError, ValueError, ArithmeticError):
                continue
            given += 1
            assert isinstance(result, int | float)
            assert result.bit_length() <= MOST_BITS if isinstance(result, int) else True
            assert math.isfinite(result)
    assert given


BOMBS = {
    "a great repeat": "10**9",
    "a great power": "9**3999999",
    "powers of powers": "9**9**9**9",
    "a product of powers": "*".join(["9**300"] * 50),
    "a shift": "1 << 10**9",
    "a far rounding": "round(width, -10**18)",
    "the rounding of a whole number": "round(10**200, -10**18)",
    "a formatted number": "int('%99999999999999d' % width)",
    "a repeated word": "'a' * 10**9",
    "a formatted word": "f'{width:99999999999}'",
    "a method": "'a'.ljust(10**9)",
    "a word as a number": "int('9' * 10**6)",
    "a list": "[0] * 10**9",
    "a comprehension": "[a for a in range(10**9)]",
    "a lambda": "(lambda: 1)()",
    "an assignment": "(a := 1)",
    "a keyword": "round(number=width)",
    "unpacked arguments": "max(*width)",
    "a complex number": "1j",
    "the root of a negative number": "(-8) ** 0.5",
    "infinity": "1e400",
    "infinity by multiplication": "1e300 * 1e300",
    "no number": "1e400 - 1e400",
    "many parentheses": "(" * 400 + "1" + ")" * 400,
    "many signs": "-" * 900 + "1",
    "a long sum": "+".join(["1"] * 400),
    "a very long text": "1 + " * 10_000 + "1",
    "a long number": "9" * 900,
    "bytes": "b'a' * 10**9",
    "nothing": "",
    "an ellipsis": "...",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_an_expression_is_refused_or_small(name):
    value = outcome(
        lambda: parse_expression(BOMBS[name], "where", ["width"]).evaluate({"width": 8})
    )
    if isinstance(value, str):
        assert value.startswith("where: ")
        assert len(value) < 2000
    else:
        # Small enough for arithmetic; as a number of layers it is refused all the same.
        assert MOST_LAYERS < value < 2**MOST_BITS


PAGE = {
    "axes": {"width": 8},
    "input": [3, 8, 8],
    "blocks": [{"block": "conv_norm_act", "channels": "width"}, {"block": "classifier"}],
}


def changed(**changes):
    return {**PAGE, **changes}


def line(**settings):
    return changed(blocks=[{"block": "conv_norm_act", "channels": "width", **settings}])


CHAIN = {"a0": "width", **{f"a{i}": f"a{i - 1} + a{i - 1}" for i in range(1, 400)}}

PAGES = {
    **{f"repeat: {name}": line(repeat=text) for name, text in BOMBS.items()},
    **{f"setting: {name}": line(kernel=text) for name, text in BOMBS.items()},
    **{f"input: {name}": changed(input=[3, text, "width"]) for name, text in BOMBS.items()},
    "more layers than a line has": line(repeat=MOST_LAYERS + 1),
    "more lines than a page has": changed(blocks=[PAGE["blocks"][0]] * (MOST_LINES + 1)),
    "a great input": changed(input=[2**20, 2**20, "width"]),
    "infinity as a default": changed(axes={"width": math.inf}),
    "no number as a default": changed(axes={"width": math.nan}),
    "a great number as a default": changed(axes={"width": 10**400}),
    "a long word as a default": changed(axes={"width": "a" * 10**6}),
    "a chain of definitions": changed(where=CHAIN, input=[3, "a399", 8]),
    "great stages": changed(blocks=[{"for_each": "regnet_stages(10**9, 8, 8, 2, 8)",
                                     "block": "regnet_residual", "channels": "stage.channels"}]),
    "a great classifier": changed(blocks=[{"block": "classifier", "hidden": "width",
                                           "hidden_layers": 10**9}]),
    "layers of a module of PyTorch": changed(blocks=[{
        "block": "torch.nn.LSTM", "input_size": 8, "hidden_size": 8, "num_layers": 10**9}]),
    "a real device": line(block="torch.nn.Conv2d", out_channels=8, kernel_size=1, device="'cpu'"),
    "a great network": changed(blocks=[
        {"block": "linear", "features": 10**18}, {"block": "linear", "features": 10**18}]),
    "a great map": changed(blocks=[{"block": "conv_norm_act", "channels": 10**17}]),
}  # fmt: skip
"""Pages that would keep a machine busy, or take all its memory."""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_refused_or_its_network_is_invalid(name):
    def resolved():
        page = read_family("page", PAGES[name], "page.yaml")
        return page.resolve(page.defaults)

    candidate = outcome(resolved)
    if isinstance(candidate, str):
        assert candidate.startswith("page.yaml")
        assert len(candidate) < 2000
    else:
        assert isinstance(cost_of(candidate), Invalid)


def test_a_page_of_mistakes_is_not_read_to_its_end():
    wrong = {f"axis{i}": {"defualt": 1} for i in range(10_000)}
    with pytest.raises(DseError) as caught:
        read_family("page", changed(axes=wrong), "page.yaml")
    assert len(caught.value.errors) == MOST_ERRORS


GRIDS = {
    "small steps": {"width": {"from": 0, "to": 1, "step": 1e-9}},
    "no end": {"width": {"from": 1, "to": math.inf, "step": 1}},
    "no beginning": {"width": {"from": -math.inf, "to": 1, "step": 1}},
    "no number": {"width": {"from": math.nan, "to": 1, "step": 1}},
    "no step": {"width": {"from": 0, "to": 1, "step": math.nan}},
    "a great number": {"width": {"from": 1, "to": 10**4000, "factor": 2}},
    "infinity": {"width": [math.inf]},
    "no number in a list": {"width": [math.nan]},
    "a great value": {"width": [10**400]},
    "a great value alone": {"width": 10**400},
    "a long word": {"norm": ["a" * 10**6]},
    "many values": {"width": list(range(200_000))},
    "many exclusions": {"exclude": ["width > 1"] * 10_000},
    "an exclusion that is a number": {"exclude": 5},
    "an exclusion that is a list": {"exclude": [[1]]},
    "an exclusion that grows": {"exclude": ["9**3999999 > width"]},
    "an exclusion without a name": {"exclude": "heigth > 1"},
    "exclusions by name": {"exclude": {"width": 1}},
    "an exclusion of a word": {"exclude": "norm > 1"},
    "a zip of numbers": {"zip": 5},
    "a zip of ranges without an end": {"zip": {"width": {"from": 0, "to": 1, "step": 1e-9}}},
    "a table that is a number": {"from": 5},
}


@pytest.mark.parametrize("name", GRIDS)
def test_a_grid_is_refused(name):
    with pytest.raises(DseError, match=r"grid|5: "):
        list(read_grid(family("mlp"), GRIDS[name]))


LAUGH = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in itertools.pairwise("abcdefghijklm")
)
MERGED = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name}\n  <<: [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in itertools.pairwise("abcdefghijklm")
)

TEXTS = {
    "aliases of aliases": LAUGH,
    "merges of merges": MERGED,
    "an alias of itself": "a: &a [*a]",
    "an alias of itself in a key": "&a {? *a : 1}",
    "an unknown alias": "a: *b",
    "many values": "[" + "1, " * (MOST_VALUES + 1) + "]",
    "many brackets": "[" * 100_000,
    "many dashes": "- " * 100_000,
    "many questions": "? " * 100_000,
    "many levels": "".join(f"{'  ' * level}a:\n" for level in range(DEEPEST + 2)),
    "a long number": "a: " + "9" * 5000,
    "a long number of base 16": "a: 0x" + "f" * 50_000,
    "a long number of base 2": "a: 0b" + "1" * 50_000,
    "a tag": "a: !!python/object/apply:os.system [ls]",
    "a tag of one's own": "a: !own 1",
    "a declared tag": "%TAG ! tag:own,1\n---\na: !own 1",
    "two documents": "a: 1\n---\nb: 2",
    "a key twice": "a: 1\na: 2",
    "a list as a key": "? [1]\n: 2",
    "a control character": "a: \x00",
    "an equals sign": "a: =",
    "a tab": "a:\n\t- b",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_of_yaml_is_refused(name):
    with pytest.raises(DseError, match=r"page\.yaml:"):
        parse_yaml(TEXTS[name], "page.yaml")


def test_a_large_file_is_not_read(tmp_path):
    (tmp_path / "page.yaml").write_text("a: " + "b" * LARGEST)
    with pytest.raises(DseError, match="at most 262,144 bytes"):
        read_yaml(tmp_path / "page.yaml")


def test_what_is_no_file_is_not_read(tmp_path):
    (tmp_path / "page.yaml").symlink_to("/dev/zero")
    with pytest.raises(DseError, match="not a file"):
        read_yaml(tmp_path / "page.yaml")
