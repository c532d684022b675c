"""Everything that can be named is named in the manual."""

import ast
import re
from pathlib import Path

import pytest

import dse
from dse.configs.config_places import config_directory
from dse.costs.cost_conditions import CONDITION_CHOICES, CONDITION_NAMES
from dse.costs.cost_list import COSTS, RATIOS
from dse.counting.conventions.convention_registry import CONVENTIONS
from dse.files.plain_yaml import read_yaml
from dse.guide import TOPICS
from dse.language import FUNCTIONS, GENERATORS
from dse.limits import LIMITS, variable_of
from dse.project.config_groups.search_config import OBJECTIVES
from dse.search import TRACKERS
from dse.space import BLOCKS
from dse.space.blocks.named_layers import ACTIVATIONS, NORMS
from dse.space.pages.family_page import PAGE_KEYS
from dse.space.pages.page_axes import AXIS_KEYS
from dse.space.pages.page_blocks import LINE_KEYS
from dse.space.pages.page_inputs import INPUT_KEYS
from tests.guide.generated import every_command
from tests.guide.manual import PAGES, README

MANUAL = "\n".join(page.read_text() for page in PAGES.values())


def keys_of_pages():
    """Return every key of the shipped pages of groups, but for those of families and grids."""
    for group in sorted(config_directory().iterdir()):
        if group.is_dir() and group.name not in ("family", "grid"):
            for page in sorted(group.glob("*.yaml")):
                yield from (f"{group.name}={page.stem}", *(read_yaml(page).content or {}))


def options():
    for command in every_command().values():
        yield from (word for each in command.params for word in each.opts if word[:2] == "--")


def keys_of_commands():
    for page in sorted(config_directory().glob("*.yaml")):
        yield from (key for key in read_yaml(page).content if key not in ("defaults", "hydra"))


def errors():
    tree = ast.parse((Path(dse.__file__).parent / "errors.py").read_text())
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef)]


REGISTRIES = {
    "commands": lambda: (f"dse {name}" for name in every_command()),
    "options": options,
    "keys of commands": keys_of_commands,
    "keys of pages": keys_of_pages,
    "keys of a family": lambda: [
        *(key for keys in PAGE_KEYS.values() for key in keys),
        *(*AXIS_KEYS, *LINE_KEYS, *INPUT_KEYS),
    ],
    "costs": lambda: [*COSTS, *RATIOS],
    "conditions": lambda: [
        *CONDITION_NAMES,
        *(value for choices in CONDITION_CHOICES.values() for value in choices),
    ],
    "blocks": lambda: BLOCKS,
    "activations and norms": lambda: [*ACTIVATIONS, *NORMS],
    "objectives": lambda: [path.rpartition(".")[2] for path in OBJECTIVES],
    "conventions": lambda: CONVENTIONS,
    "trackers": lambda: TRACKERS,
    "functions": lambda: [*FUNCTIONS, *GENERATORS],
    "limits": lambda: [variable_of(name) for name in LIMITS],
    "errors": errors,
    "kinds of pictures": lambda: [f"dse.plots.{name}" for name in dse.plots.__all__],
    "the package": lambda: [f"dse.{name}" for name in dse.__all__ if name[0] != "_"],
}
"""By what they hold: what gives the names."""


@pytest.mark.parametrize("registry", REGISTRIES)
def test_every_name_is_in_the_manual(registry):
    names = list(REGISTRIES[registry]())
    assert names
    missing = [
        name
        for name in dict.fromkeys(names)
        if not re.search(rf"(?<![\w-]){re.escape(str(name))}(?![\w-])", MANUAL)
    ]
    assert missing == []


def test_every_topic_has_a_page_and_every_page_a_topic():
    assert sorted(TOPICS) == sorted(PAGES)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_linked_from_the_readme_or_another_page(topic):
    others = [page.read_text() for name, page in PAGES.items() if name != topic]
    assert any(f"{topic}.md" in text for text in [README.read_text(), *others])


CONFIGS = [
    page
    for group in ("objective", "sampler", "executor", "cost", "budget", "store", ".")
    for page in sorted((config_directory() / group).glob("*.yaml"))
]


@pytest.mark.parametrize("page", CONFIGS, ids=lambda page: f"{page.parent.name}-{page.stem}")
def test_every_key_of_a_config_has_a_comment_at_its_line(page):
    keys = re.findall(r"^(\w+):(.*)$", page.read_text(), flags=re.MULTILINE)
    silent = [name for name, rest in keys if " # " not in rest]
    assert set(silent) <= {"_target_", "defaults", "hydra"}
