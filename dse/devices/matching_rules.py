"""Rules that say which block of ours a key of somebody's table means: a small page a format.

A key is a word and fields with values, as in `expanded_conv-input:56x56x24-kernel:5-stride:2`. The
rule of the word names blocks, and an expression over a block's settings and shapes for each field;
`input` and `output` are heights, widths and channels. Fields that a key does not have are of no
account, so that one rule reads tables of several ages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dse.counting import TensorSpec
from dse.errors import DseError, nearest
from dse.files import read_yaml
from dse.language import Expression, parse_expression
from dse.space import BLOCKS, BlockUse

_DIRECTORY = Path(__file__).parent / "rules"
_SHAPES = tuple(
    f"{end}_{size}" for end in ("in", "out") for size in ("channels", "height", "width")
)
_OF_A_KEY = ("blocks", "when")


@dataclass(frozen=True)
class KeyRule:
    """What the keys that begin with a word mean."""

    blocks: tuple[str, ...]
    when: Expression | None
    """What has to hold of a block besides."""
    fields: Mapping[str, Expression]


@dataclass(frozen=True)
class MatchingRule:
    """How a format of tables names blocks, and in which unit its numbers are."""

    name: str
    unit: str
    value: str
    """Which number of an entry with several."""
    keys: Mapping[str, KeyRule]

    def matches(self, text: str, use: BlockUse) -> bool:
        """Return whether a key means a block.

        Raises:
            DseError: for a key of another word, or with a field that the format has not.
        """
        word, *several = text.split("-")
        if word not in self.keys:
            raise DseError(f"key {text!r}: {self.name} has no {word!r}; {nearest(word, self.keys)}")
        rule = self.keys[word]
        if use.block.block not in rule.blocks:
            return False
        names = _names(use)
        if rule.when is not None and not rule.when.evaluate(names):
            return False
        return all(_holds(text, field, rule, names, use) for field in several)


def _holds(text: str, field: str, rule: KeyRule, names: Mapping[str, Any], use: BlockUse) -> bool:
    name, colon, value = field.partition(":")
    if name in ("input", "output"):
        return value in _sizes(use.input if name == "input" else use.output)
    if name not in rule.fields or not colon:
        raise DseError(f"key {text!r}: no field {name!r}; {nearest(name, rule.fields)}")
    found = rule.fields[name].evaluate(names)
    return str(int(found) if isinstance(found, bool | float) else found) == value


def _sizes(spec: TensorSpec) -> tuple[str, ...]:
    """Return the ways in which a key may write a shape: `56x56x24`, or 24 alone of one place."""
    channels, *places = spec.shape[1:]
    height, width = places if len(places) == 2 else (1, 1)
    whole = f"{height}x{width}x{channels}"
    return (whole, str(channels)) if height == width == 1 else (whole,)


def _names(use: BlockUse) -> dict[str, Any]:
    """Return what expressions may refer to: settings, those left out included, and shapes."""
    block = use.block
    defaults = BLOCKS[block.block].defaults if block.block in BLOCKS else {}
    # A setting that a block has not is one that it leaves out.
    found: dict[str, Any] = defaultdict(int, {**defaults, **dict(block.settings)})
    for end, spec in (("in", use.input), ("out", use.output)):
        channels, *places = spec.shape[1:]
        height, width = places if len(places) == 2 else (1, 1)
        found |= {f"{end}_channels": channels, f"{end}_height": height, f"{end}_width": width}
    return found


def shipped_rules() -> dict[str, Path]:
    """Return the pages of the formats that are known, by name."""
    return {path.stem: path for path in sorted(_DIRECTORY.glob("*.yaml"))}


def find_rule(name: str) -> MatchingRule:
    """Return the rule of a format that is known, or of a page.

    Args:
        name: of the format, or the path of a page of one's own.

    Raises:
        DseError: for an unknown format, or a page that is none.
    """
    shipped = shipped_rules()
    path = shipped.get(name, Path(name))
    if not path.is_file():
        raise DseError(f"rule: unknown format {name!r}; {nearest(name, shipped)}")
    return _read(path)


def _read(path: Path) -> MatchingRule:
    content = read_yaml(path).content
    keys = content.get("keys") if isinstance(content, Mapping) else None
    if not isinstance(content, Mapping) or not isinstance(keys, Mapping):
        raise DseError(f"{path}: expected unit, value and keys, as in {_DIRECTORY.name}/*.yaml")
    for key in content:
        if key not in ("unit", "value", "keys"):
            raise DseError(f"{path}: unknown key {key!r}; {nearest(str(key), ('unit', 'value'))}")
    rules = {str(word): _rule(f"{path}: keys.{word}", each) for word, each in keys.items()}
    unit, value = str(content.get("unit", "")), str(content.get("value", "value"))
    return MatchingRule(path.stem, unit, value, rules)


def _rule(where: str, content: Any) -> KeyRule:
    if not isinstance(content, Mapping) or not content.get("blocks"):
        raise DseError(f"{where}: expected blocks, and an expression for each field")
    blocks = tuple(map(str, content["blocks"]))
    names = set(_SHAPES)
    for block in blocks:
        if block not in BLOCKS:
            raise DseError(f"{where}: unknown block {block!r}; {nearest(block, BLOCKS)}")
        names |= set(BLOCKS[block].parameters)
    expressions = {
        str(field): parse_expression(text, f"{where}.{field}", names)
        for field, text in content.items()
        if field != "blocks"
    }
    when = expressions.pop("when", None)
    return KeyRule(blocks, when, expressions)
