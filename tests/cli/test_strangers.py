"""A page of somebody else's runs no code, reads no secret and writes nowhere but its own group."""

import pytest

from dse.configs.config_places import config_directory
from dse.configs.own_pages import TARGETS, groups, read_page
from dse.errors import DseError
from tests.cli.command import dse, refused

TRAP = "{_target_: pathlib.Path.touch, self: caught}"
"""What leaves a file behind where anything instantiates it."""

SHIPPED_CHOICE = {
    "budget": "none", "cost": "default", "family": "mlp", "grid": "none",
    "objective": "params", "sampler": "random", "store": "sqlite", "executor": "local",
    "device": "none",
}  # fmt: skip

START = {
    "budget": "macs: 100M\n", "cost": "batch: 2\n", "grid": "width: [8]\n",
    "family": "axes: {width: 4}\ninput: [1, 8, 8]\nblocks:\n"
    "  - {block: flatten}\n  - {block: linear, features: width}\n",
    "objective": "_target_: dse.search.objectives.params\n",
    "sampler": "_target_: optuna.samplers.RandomSampler\n", "store": "url: own.db\n",
    "executor": "devices: cpu\n", "device": "memory: 1GiB\n",
}  # fmt: skip
"""A right page of each group."""

HEADERS = {
    "plain": "# @package _global_\n",
    "closer": "#@package _global_\n",
    "spaced": "  #   @package   hydra.callbacks\n",
    "after blank lines": "\n\n# @package _global_\n",
    "after another header": "# @group own\n# @package _global_\n",
    "byte order mark": "\ufeff# @package _global_\n",
    "carriage returns": "# @package _global_\r\n",
    "behind a document's start": "---\n# @package _global_\n",
}

DEFAULTS = {
    "override of Hydra": "[{override /hydra/launcher: basic}]",
    "another group": "[{/budget: none}]",
    "into Hydra": "[{/objective@hydra.callbacks: params}]",
    "globally": "[/objective/params@_global_]",
    "out of the directory": "[../../elsewhere]",
    "an absolute path": "[/etc/page]",
    "of Hydra": "[/hydra/config]",
    "no list": "{family: mlp}",
    "a resolver": "['${oc.env:HOME}']",
}

REFERENCES = {
    "environment": "${oc.env:SECRET}",
    "nested": "${.${oc.env:SECRET}}",
    "within a text": "a ${oc.env:SECRET} b",
    "escaped": "\\\\${oc.env:SECRET}",
    "Hydra": "${hydra:runtime.cwd}",
    "Hydra's node": "${hydra.runtime.cwd}",
    "another group": "${trials}",
    "out of its group": "${....trials}",
    "itself": "${.own}",
    "brackets": "${trials[url]}",
    "code": "${oc.decode:'1'}",
    "blanks": "${ oc.env:SECRET }",
}

WAYS = {
    **{f"header {name}": lambda page, header=text: header + page for name, text in HEADERS.items()},
    **{
        f"defaults {name}": lambda page, text=text: f"defaults: {text}\n{page}"
        for name, text in DEFAULTS.items()
    },
    **{
        f"reference {name}": lambda page, text=text: f'{page}own: "{text}"\n'
        for name, text in REFERENCES.items()
    },
    "reference in a key": lambda page: f"{page}'${{oc.env:SECRET}}': 1\n",
    "a node of Hydra": lambda page: f"{page}hydra: {{callbacks: {{own: {TRAP}}}}}\n",
    "a key of Hydra": lambda page: f"{page}hydra.callbacks.own: {TRAP}\n",
    "a trap": lambda page: f"{page}own: {TRAP}\n",
    "a tag": lambda page: f"{page}own: !!python/object/apply:os.system [touch caught]\n",
    "a path by a tag": lambda page: f"{page}own: !!python/object/apply:pathlib.Path [a]\n",
    "an alias of itself": lambda page: f"{page}own: &own [*own]\n",
}  # fmt: skip
"""How a page may try to be more than values of its group."""


@pytest.fixture
def directory(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "s3cr3t")
    (tmp_path / "mine").mkdir()
    return tmp_path


def write(directory, path, text):
    file = directory / "mine" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return file


def nothing_happened(directory):
    stored = [p for p in directory.rglob("*") if p.is_file() and "mine" not in p.parts]
    assert not list(directory.rglob("caught"))
    assert not any(b"s3cr3t" in path.read_bytes() for path in stored)
    return True


def test_every_group_has_a_right_page_here(directory):
    assert {*START} == {*SHIPPED_CHOICE} == {*groups()}
    for group, right in START.items():
        write(directory, f"{group}/own.yaml", right)
    words = [f"{group}=own" for group in START]
    assert "1 evaluated" in dse(directory, "search", "--config-dir", "mine", *words).stdout


@pytest.mark.parametrize("group", START)
@pytest.mark.parametrize("way", WAYS)
def test_a_page_of_any_group_keeps_to_it(directory, group, way):
    file = write(directory, f"{group}/own.yaml", WAYS[way](START[group]))
    if way == "a trap" and group in TARGETS:
        # There it is an option like any other, which the callable has not.
        return
    with pytest.raises(DseError) as caught:
        read_page(file, group)
    assert str(caught.value).startswith(f"{file}:"), caught.value


COMMANDS = {
    "budget": "space", "cost": "sweep", "family": "space", "grid": "sweep",
    "objective": "search", "sampler": "search", "store": "sweep", "executor": "search",
    "device": "space",
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_commands_refuse_such_a_page(directory, way):
    """Each way once, the groups in turn."""
    group = [*COMMANDS][[*WAYS].index(way) % len(COMMANDS)]
    write(directory, f"{group}/own.yaml", WAYS[way](START[group]))
    words = [COMMANDS[group], "--config-dir", "mine", "family=mlp", f"{group}=own"]
    assert "mine/" in refused(directory, *words) or group in TARGETS
    assert nothing_happened(directory)


COMMAND_PAGES = {
    "Hydra": f"hydra: {{callbacks: {{own: {TRAP}}}}}\n",
    "a path into Hydra": f"hydra.callbacks.own: {TRAP}\n",
    "more search path": "hydra: {searchpath: [file:///tmp]}\n",
    "trust": "allow: [pathlib]\n",
    "a secret": "variant: ${oc.env:SECRET}\n",
    "Hydra's secret": "variant: ${hydra.job.name}\n",
    "a trap": f"variant: {TRAP}\n",
    "a header": "# @package hydra.callbacks.own\n_target_: pathlib.Path.touch\n",
    "an unknown key": "surprise: 1\n",
    "a value of another type": "seed: [1]\n",
    "a group of another type": "family: 5\n",
    "Hydra's groups": "defaults: [{override hydra/launcher: basic}]\n",
    "a page of Hydra": "defaults: [hydra/config]\n",
    "a group into Hydra": "defaults: [{budget@hydra.callbacks: none}]\n",
    "a page elsewhere": "defaults: [{family: ../../elsewhere}]\n",
    "a resolved choice": "defaults: [{family: '${oc.env:SECRET}'}]\n",
    "many choices": "defaults: [{family: [mlp, resnet]}]\n",
    "itself": "defaults: [sweep]\n",
}


@pytest.mark.parametrize("way", COMMAND_PAGES)
def test_a_page_of_a_command_of_ones_own_keeps_to_its_values(directory, way):
    """Each way once, the commands in turn."""
    command = ("sweep", "search", "space")[[*COMMAND_PAGES].index(way) % 3]
    text = COMMAND_PAGES[way]
    if "defaults" not in text:
        shipped = (config_directory() / f"{command}.yaml").read_text()
        defaults = shipped[shipped.index("defaults:") : shipped.index("\n\n")]
        text = f"{text}{defaults}\n"
    write(directory, f"{command}.yaml", text)
    refused(directory, command, "--config-dir", "mine", "family=mlp")
    assert nothing_happened(directory)


def test_a_page_of_a_command_of_ones_own_is_taken(directory):
    shipped = (config_directory() / "space.yaml").read_text()
    own = shipped[: shipped.index("hydra:")].replace("allow: []", "").replace("mobilenet_v2", "mlp")
    write(directory, "space.yaml", own)
    assert "mlp: " in dse(directory, "space", "--config-dir", "mine").stdout


def elsewhere(directory):
    page = directory / "elsewhere.yaml"
    page.write_text(f"# @package _global_\nhydra: {{callbacks: {{own: {TRAP}}}}}\n")
    write(directory, "hydra/callbacks/own.yaml", f"own: {TRAP}\n")
    write(directory, "hydra/launcher/own.yaml", "_target_: pathlib.Path.touch\nself: caught\n")
    (directory / "mine" / "family").mkdir()
    (directory / "mine" / "family" / "linked.yaml").symlink_to(page)
    return directory


@pytest.mark.parametrize(
    "words",
    [
        ("--config-dir", "mine", "hydra/callbacks=own"),
        ("--config-dir", "mine", "+hydra/callbacks=own"),
        ("--config-dir", "mine", "hydra/launcher=own", "-m"),
        ("--config-dir", "mine", "family=linked"),
        ("--config-dir", "mine", "family=../../elsewhere"),
        ("family=../../elsewhere",),
        ("--config-name", "../elsewhere"),
        ("--config-dir", "mine", "--config-name", "../elsewhere"),
        ("--config-path", "DIR", "--config-name", "elsewhere"),
        ("hydra.searchpath=[file://DIR]", "+family=../elsewhere"),
        ("hydra.searchpath=[file://DIR/mine]", "+hydra/callbacks=own"),
        ("--experimental-rerun", "job.pickle"),
    ],
)
def test_no_way_leads_around_the_door(directory, words):
    elsewhere(directory)
    given = [word.replace("DIR", str(directory)) for word in words]
    refused(directory, "space", *given)
    assert nothing_happened(directory)


@pytest.mark.parametrize(
    "words",
    [
        ("check", "mine/family/own.yaml"),
        ("check", "own", "--config-dir", "mine"),
        ("families", "own", "--config-dir", "mine"),
        ("families", "--config-dir", "mine"),
        ("import", "table.csv", "--family", "own", "--config-dir", "mine"),
        ("count", "torchvision.models.alexnet", "--cost", "mine/cost/own.yaml"),
        (
            "compare",
            "table.csv",
            "--value",
            "top1",
            "--axes",
            "width",
            "--samplers",
            "own",
            "--config-dir",
            "mine",
        ),
    ],
)
def test_commands_that_read_a_page_themselves(directory, words):
    (directory / "table.csv").write_text("width,top1\n4,50\n8,60\n")
    for group, right in START.items():
        write(directory, f"{group}/own.yaml", f"{right}own: ${{oc.env:SECRET}}\n")
    assert "own.yaml:" in refused(directory, *words)
    assert nothing_happened(directory)


def test_the_grid_beside_a_page_is_read_the_same_way(directory):
    page = write(directory, "family/own.yaml", START["family"])
    write(directory, "grid/own.yaml", "width: ['${oc.env:SECRET}']\n")
    assert "grid/own.yaml:1: width[0]: '${oc.env:SECRET}'" in refused(directory, "check", str(page))


def test_the_command_line_may_use_resolvers(directory):
    words = ("family=mlp", "grid=none", "grid.width=[${oc.decode:'8'}]", "store.url=${oc.env:HERE}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HERE", "here.db")
        assert "stored in here.db" in dse(directory, "sweep", *words).stdout


def test_a_directory_does_not_choose_the_store_by_itself(tmp_path):
    page = tmp_path / "mine" / "store" / "sqlite.yaml"
    page.parent.mkdir(parents=True)
    page.write_text("url: elsewhere.db\n")
    for command in ("sweep", "search", "space"):
        words = (command, "--config-dir", "mine", "family=mlp", "grid=none")
        line = refused(tmp_path, *words)
        assert (
            "mine/store/sqlite.yaml says where rows are stored; choose it by store=sqlite" in line
        )
    assert not (tmp_path / "elsewhere.db").exists()
    words = ("sweep", "--config-dir", "mine", "family=mlp", "grid=none")
    assert "stored in a.db" in dse(tmp_path, *words, "store.url=a.db").stdout
    assert "stored in elsewhere.db" in dse(tmp_path, *words, "store=sqlite").stdout
