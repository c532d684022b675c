"""Mutations of what people write: pages and the words of a command line, drawn with a seed."""

import copy
import math
import random

import yaml

from dse.configs.config_places import config_directory
from dse.costs.cost_list import COST_NAMES
from dse.errors import DseError
from tests.conftest import PAGES

VALUES = (
    *(0, -1, 1, 0.5, 1e-9, -0.0, 10**30, 96_000_000, math.inf, -math.inf, math.nan, 1e308),
    *("", "a", "relu", "width", "10**9", "9**9**9", "1/0", "width / 0", "-width", "'a' * 99"),
    *("${oc.env:HOME}", "${.axes}", "../x", "os.system", "layer", "stage.channels", "é\u202e\x1b["),
    *(None, True, False, [], {}, [1], [[]], {"a": 1}, [0, 0, 0], {"default": 1, "per": {}}),
    *({"from": 1, "to": 3, "step": 1}, {"per": "layer", "default": [1]}, "round_to(width, 0)"),
    *("max()", "min(width)", "sqrt(-1)", "1e400", "depth_1", "true", "3 if width else", "(" * 60),
)  # fmt: skip
"""What is put in the place of something else."""

CHARACTERS = ":-#{}[]&*!|>'\"%@`,?\n\t 0aé\x00$="


def outcome(function):
    """Return what a function returns, or the error that it raises as a text."""
    try:
        return function()
    except DseError as error:
        return str(error)


def paths(content, path=()):
    """Yield the path of every value."""
    pairs = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    for key, value in pairs:
        yield (*path, key)
        yield from paths(value, (*path, key))


def _parent(content, path):
    for key in path[:-1]:
        content = content[key]
    return content


def _changed_value(content, draw):
    path = draw.choice([*paths(content)])
    _parent(content, path)[path[-1]] = draw.choice(VALUES)


def _removed(content, draw):
    path = draw.choice([*paths(content)])
    del _parent(content, path)[path[-1]]


def _renamed(content, draw):
    path = draw.choice([path for path in paths(content) if isinstance(path[-1], str)])
    parent = _parent(content, path)
    names = [path[-1] for path in paths(content)]
    parent[draw.choice([*names, "a", 1, None, "${a}", "stage"])] = parent.pop(path[-1])


def _swapped(content, draw):
    one, other = (draw.choice([*paths(content)]) for _ in range(2))
    value = copy.deepcopy(_parent(content, other)[other[-1]])
    _parent(content, one)[one[-1]] = value


def _repeated(content, draw):
    lists = [path for path in paths(content) if isinstance(_parent(content, path), list)]
    if lists:
        path = draw.choice(lists)
        parent = _parent(content, path)
        parent.extend(copy.deepcopy(parent[path[-1]]) for _ in range(draw.choice((1, 2, 30))))


STRUCTURES = (*[_changed_value] * 3, _removed, _renamed, _swapped, _repeated)


def _mutated_text(text, draw):
    """Return a text with characters or lines changed."""
    lines = text.splitlines(keepends=True)
    place = draw.randrange(len(text))
    line = draw.randrange(len(lines))
    kind = draw.randrange(6)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + draw.choice(CHARACTERS) + text[place:]
    if kind == 2:
        return text[:place]
    if kind == 3:
        return "".join([*lines[: line + 1], *lines[line:]])
    if kind == 4:
        return "".join([*lines[:line], *lines[line + 1 :]])
    return "".join([*lines[:line], "  " + lines[line], *lines[line + 1 :]])


def mutated_page(draw: random.Random) -> tuple[str, str]:
    """Return the name of a shipped family, and its page with one to three mutations."""
    name = draw.choice(sorted(PAGES))
    return name, mutated(PAGES[name].read_text(), draw)


def mutated(text: str, draw: random.Random) -> str:
    """Return a page with one to three mutations, of what it says or of its text."""
    for _ in range(draw.choice((1, 1, 2, 3))):
        content = None
        if draw.random() < 0.7:
            try:
                content = yaml.safe_load(text)
            except yaml.YAMLError:
                content = None
        if isinstance(content, dict) and content:
            try:
                draw.choice(STRUCTURES)(content, draw)
            except (KeyError, IndexError, TypeError):
                # Two mutations may not go together.
                continue
            text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
        elif text:
            text = _mutated_text(text, draw)
    return text


def mutated_group_page(draw: random.Random) -> tuple[str, str]:
    """Return the path and the text of any shipped page, mutated."""
    root = config_directory()
    page = draw.choice(sorted(root.rglob("*.yaml")))
    return str(page.relative_to(root)), mutated(page.read_text(), draw)


KEYS = {
    "sweep": (
        *("keep", "min", "max", "limit", "sample", "seed", "stratify", "strata", "variant"),
        *("grid.width", "grid.depth", "grid.exclude", "grid.zip", "grid.from", "grid.nothing"),
        *(f"budget.{name}" for name in (*COST_NAMES[:4], "peak_memory", "nothing")),
        *("cost.batch", "cost.dtype", "cost.precision", "cost.optimizer", "cost.nothing", "cost"),
        *("family", "grid", "budget", "store", "store.url", "family.axes.width", "family.input"),
        *("family.blocks", "family.where", "nothing", "hydra.nothing", "hydra.job.name"),
    ),
    "space": ("histogram", "bars", "seed", "format", "variant", "grid.width", "budget.macs"),
    "search": (
        *("trials", "workers", "time_limit", "best", "device", "exact", "to_optuna", "seed"),
        *("objective", "objective._target_", "objective.direction", "objective.name"),
        *("objective.nothing", "objective.sum", "objective.goals", "sampler", "sampler._target_"),
        *("sampler.initial", "sampler.nothing", "pruner", "pruner._target_", "pruner.nothing"),
        *("budget.macs", "budget.params", "grid.width", "grid.depth", "family.axes.depth"),
    ),
}
"""The keys of each command that has them."""

WORDS = (
    *("0", "-1", "1", "2", "0.5", "1e400", "inf", "nan", "null", "true", "abc", "''", '"', "[]"),
    *("{}", "[1,2]", "[8,16]", "[[1]]", "{a:1}", "[", "{", "{a:", "8,16", "${oc.env:HOME}", "${x}"),
    *("99999999999999999999", "96000000", "[96000000]", "[0]", "[-1]", "[nan]", "[relu]", "300M"),
    *("{from:1,to:3,step:1}", "{from:0,to:1,step:1e-9}", "{max:1}", "[1,2,3]", "[3,1]", "5%"),
    *("os.system", "a.b", "dse.search.objectives.params", "optuna.samplers.TPESampler", "../x"),
    *("optuna.pruners.MedianPruner", "range(1,3)", "glob(*)", "choice(a)", "\\", "a b", "macs"),
    *("width > 8", "[width > 8]", "width >", "sqlite:///x.db", "postgres://", "naswot", "mlp"),
    *("json", "cuda", "cpu", "feasible", "pareto", "resnet", "timm_model", "params", "default"),
)  # fmt: skip

SMALL = ("family=mlp", "grid=none", "grid.resolution=[8]")


def drawn_words(draw: random.Random) -> list[str]:
    """Return a command with words of which some are wrong."""
    command = draw.choice(sorted(KEYS))
    words = []
    for _ in range(draw.choice((1, 1, 2, 3))):
        prefix = draw.choice(("", "", "", "", "+", "++", "~"))
        word = prefix + draw.choice(KEYS[command])
        words.append(word if prefix == "~" and draw.random() < 0.7 else f"{word}={_word(draw)}")
    few = ("trials=2", "objective=params") if command == "search" else ()
    return [command, *SMALL, *few, *words]


def _word(draw):
    word = draw.choice(WORDS)
    if draw.random() < 0.1:
        place = draw.randrange(len(word) + 1)
        word = word[:place] + draw.choice(CHARACTERS.replace("\x00", "")) + word[place:]
    return word
