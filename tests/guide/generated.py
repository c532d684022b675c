"""The tables of the manual that follow from registries, as Markdown.

A page asks for one by `<!-- table: NAME -->`, and `<!-- end -->` where it ends.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Callable
from itertools import takewhile
from pathlib import Path
from typing import Any

import dse
from dse.catalogue import listed_blocks
from dse.cli.composition.hydra_help import documented_keys
from dse.cli.main import command_tree
from dse.configs.config_places import config_directory
from dse.costs.cost_conditions import COST_CHOICES, COST_KEYS
from dse.costs.cost_list import COSTS
from dse.counting.conventions.convention_registry import CONVENTIONS
from dse.counting.meta_device import attention_kernels
from dse.counting.training.losses import LOSSES
from dse.files.plain_yaml import parse_yaml
from dse.language import FUNCTIONS, GENERATORS, units_of
from dse.limits import LIMITS, variable_of
from dse.project import listed_families
from dse.space.blocks.named_layers import ACTIVATIONS, NORMS
from tests.guide.manual import ROOT
from tests.guide.markdown import code, table
from tests.guide.python_reference import exported_and_returned

_SECTION = re.compile(
    r"<!-- table: ([\w.-]+) -->\n.*?<!-- end -->\n", flags=re.DOTALL | re.MULTILINE
)


def with_tables(text: str) -> str:
    """Return a page with its tables as they are now."""

    def made(found: re.Match[str]) -> str:
        name, _, argument = found[1].partition(".")
        table = TABLES[name](argument) if argument else TABLES[name]()
        return f"<!-- table: {found[1]} -->\n{table}\n<!-- end -->\n"

    return _SECTION.sub(made, text)


def costs() -> str:
    return table(
        ["cost", "unit", "composes", "exact meaning"],
        (
            [f"`{cost.name}`", cost.unit, cost.formula or cost.composes, cost.meaning]
            for cost in COSTS.values()
        ),
    )


def blocks() -> str:
    def settings(block: Any) -> str:
        given = [f"`{name}`" for name in block.required]
        default = [f"`{name}={json.dumps(value)}`" for name, value in block.settings.items()]
        return " ".join(given + default)

    return table(
        ["block", "input", "settings", "what it is"],
        (
            [
                f"`{block.name}`",
                block.input,
                settings(block),
                f"{block.description} {block.detail}",
            ]
            for block in listed_blocks()
        ),
    )


def named_layers() -> str:
    rows = [["activations", code(ACTIVATIONS)], ["norms", code(NORMS)]]
    return table(["of a setting", "names"], rows)


def families() -> str:
    return table(
        ["family", "axes", "points of its grid", "what it is"],
        (
            [
                f"`{family.name}`",
                code(axis.name for axis in family.axes),
                f"{family.points:,}",
                family.description,
            ]
            for family in listed_families()
        ),
    )


def conventions() -> str:
    return table(
        ["convention", "counter", "what it counts", "what `--compare` lays beside our MACs"],
        (
            [f"`{c.name}`", c.tool, c.counts, c.compared.meaning if c.compared else "nothing"]
            for c in CONVENTIONS.values()
        ),
    )


def conditions() -> str:
    """The conditions of costs, as the default page of their group says them."""
    text = (config_directory() / "cost" / "default.yaml").read_text()
    lines = re.findall(r"^( *)(\w+): (\S+) +# (.+)$", text, flags=re.MULTILINE)
    # The only keys within a key are those of `shards`.
    stated = [(f"shards.{key}" if within else key, *told) for within, key, *told in lines]
    if [name for name, _, _ in stated] != [*COST_KEYS]:
        raise ValueError("the page of costs says something else than the conditions that there are")
    rows = (
        [f"`{name}`", f"`{default}`", code(COST_CHOICES.get(name, ())), meaning]
        for name, default, meaning in stated
    )
    return table(["condition", "default", "choices", "what it is"], rows)


def kernels() -> str:
    rules = attention_kernels.RULES
    return table(
        ["kernel", "dtypes", "what has to hold of a call"],
        (
            [
                f"`{name}`",
                ", ".join(
                    str(each).removeprefix("torch.") for each in attention_kernels.DTYPES[name]
                )
                if name in attention_kernels.DTYPES
                else "any",
                "; ".join(rules[name]),
            ]
            for name in rules
        ),
    )


def functions() -> str:
    return f"{code(FUNCTIONS)}; generators of stages: " + "; ".join(
        f"`{name}` gives {code(f'stage.{field}' for field in generator.fields)}"
        for name, generator in GENERATORS.items()
    )


def units() -> str:
    kinds = {"a count": "count", "bytes": "bytes", "a time": "time"}
    return table(
        ["of", "units"],
        ([of, code(unit for unit in units_of(kind) if unit)] for of, kind in kinds.items()),
    )


def limits() -> str:
    return table(
        ["variable", "at most", "of what"],
        (
            [f"`{variable_of(name)}`", f"{limit.value:,}", limit.meaning]
            for name, limit in LIMITS.items()
        ),
    )


def losses() -> str:
    return code(LOSSES)


def commands() -> str:
    """Every command with its arguments and options; those that all have are told once."""
    parts = []
    for name, command in sorted(every_command().items()):
        first = (command.help or "").strip().splitlines()[0]
        parts.append(f"### dse {name}\n\n{first}")
        rows = []
        for parameter in command.params:
            names = [word for word in (*parameter.opts, *parameter.secondary_opts) if word]
            if {"--help", "--quiet", "--debug"} & set(names):
                continue
            shown = names if parameter.param_type_name == "option" else [parameter.name]
            rows.append([code(shown), getattr(parameter, "help", None) or ""])
        page = name.replace(" ", "-")
        if rows:
            parts.append(table(["word", "meaning"], rows))
        elif page in documented_keys_of():
            parts.append(f"It takes `key=value`; see the [keys](#keys-of-dse-{page}) below.")
    return "\n\n".join(parts)


def every_command() -> dict[str, Any]:
    """Return every command by its words, those that stand below another one included."""
    found = {}
    for name, command in command_tree().commands.items():
        found[name] = command
        below = getattr(command, "commands", {})
        found |= {f"{name} {word}": each for word, each in below.items()}
    return found


def documented_keys_of() -> list[str]:
    return [page.stem for page in config_directory().glob("*.yaml")]


def keys(command: str) -> str:
    """The keys of a command that is a Hydra application."""
    rows = ([f"`{key.name}`", f"`{key.default}`", key.meaning] for key in documented_keys(command))
    return table(["key", "default", "meaning"], rows)


def pages(group: str) -> str:
    """The pages of a config group, with the keys that stand on them."""
    rows = []
    for page in sorted((config_directory() / group).glob("*.yaml")):
        text = page.read_text()
        content = parse_yaml(text, str(page)).content or {}
        shown = code(key for key in content if key != "_target_")
        rows.append([f"`{group}={page.stem}`", shown, _comment(text)])
    return table(["page", "keys", "what it is"], rows)


def options(group: str) -> str:
    """The keys of the pages of a config group that a comment explains, with their defaults."""
    rows = []
    for page in sorted((config_directory() / group).glob("*.yaml")):
        stated = re.findall(r"^(\w+): +(\S.*?) +# (.+)$", page.read_text(), flags=re.MULTILINE)
        rows += [
            [f"`{page.stem}`", f"`{group}.{key}`", f"`{default}`", meaning]
            for key, default, meaning in stated
        ]
    return table(["page", "key", "default", "meaning"], rows)


def _comment(text: str) -> str:
    """What the comment that a page begins with says, whole."""
    lines = takewhile(lambda line: line.startswith("#"), text.splitlines())
    return " ".join(line.lstrip("# ") for line in lines)


def extras() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    of, comment = {}, ""
    for line in (ROOT / "pyproject.toml").read_text().splitlines():
        name = re.match(r"([\w-]+) = \[", line)
        comment = line[2:] if line.startswith("# ") else comment
        of |= {name[1]: comment} if name else {}
    return table(
        ["extra", "what for"],
        (
            [f"`{name}`", of.get(name, "")]
            for name in project["optional-dependencies"]
            if name not in ("test",)
        ),
    )


def errors() -> str:
    tree = ast.parse((Path(dse.__file__).parent / "errors.py").read_text())
    rows = [
        [f"`{node.name}`", (ast.get_docstring(node) or "").partition("\n\n")[0]]
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    ]
    return table(["class", "what it tells"], rows)


TABLES: dict[str, Callable[..., str]] = {
    "blocks": blocks,
    "commands": commands,
    "conditions": conditions,
    "conventions": conventions,
    "costs": costs,
    "errors": errors,
    "extras": extras,
    "families": families,
    "functions": functions,
    "kernels": kernels,
    "keys": keys,
    "limits": limits,
    "losses": losses,
    "named-layers": named_layers,
    "options": options,
    "pages": pages,
    "python": exported_and_returned,
    "units": units,
}
"""By name; `keys`, `options` and `pages` are asked for with what of, as in `keys.sweep`."""
