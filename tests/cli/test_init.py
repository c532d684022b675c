"""`dse init` makes pages that work at once, and schemas that say what a page may hold."""

import copy
import json
import re
import shlex
import subprocess
import sys

import jsonschema
import pytest

from dse.configs.config_places import group_pages
from dse.files.plain_yaml import read_yaml
from dse.project.pages.page_schemas import SCHEMAS
from tests.cli.command import dse, refused

VALIDATORS = {group: jsonschema.Draft7Validator(make()) for group, make in SCHEMAS.items()}
SHIPPED = [(group, page) for group in SCHEMAS for page in group_pages(group, None).values()]


def is_valid(group, content):
    return VALIDATORS[group].is_valid(content)


@pytest.mark.parametrize("group", SCHEMAS)
def test_a_schema_is_one(group):
    jsonschema.Draft7Validator.check_schema(SCHEMAS[group]())


@pytest.mark.parametrize(("group", "page"), SHIPPED, ids=lambda each: getattr(each, "stem", each))
def test_every_page_that_ships_is_valid(group, page):
    # As in JSON, keys are words to an editor.
    VALIDATORS[group].validate(json.loads(json.dumps(read_yaml(page).content)))


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        ({"defaults": ["resnet"], "axes": {"width": 0.5}}, True),
        ({"defaults": ["torchvision_model"], "target": "torchvision.models.vgg11"}, True),
        ({"defaults": ["resnet"], "axse": {"width": 0.5}}, False),
        ({"defaults": "resnet"}, False),
        ({"axes": {"width": 0.5}}, False),
    ],
)
def test_a_family_upon_another_says_what_differs(content, is_one):
    assert is_valid("family", content) == is_one


def changed(group, name, *path, key, value=None):
    """Return the content of a page with a key of a mapping in it misspelt, or another one added."""
    content = copy.deepcopy(read_yaml(group_pages(group, None)[name]).content)
    inner = content
    for step in path:
        inner = inner[step]
    old = next((each for each in inner if sorted(each) == sorted(key) and each != key), None)
    inner[key] = value if old is None else inner.pop(old)
    return content


@pytest.mark.parametrize(
    ("group", "content"),
    [
        ("family", changed("family", "mlp", key="axse")),
        ("family", changed("family", "mlp", key="target", value="timm.create_model")),
        ("family", changed("family", "mlp", "axes", key="union", value=3)),
        ("family", changed("family", "mlp", "axes", key="macs", value=3)),
        ("family", changed("family", "mlp", "axes", key="größe", value=3)),
        ("family", changed("family", "mlp", "blocks", 1, key="actviation")),
        ("family", changed("family", "anynet", "axes", "depth", key="pre")),
        ("family", changed("family", "torchvision_model", key="blocks", value=[])),
        ("grid", {"width": {"form": 1, "to": 2, "step": 1}}),
        ("grid", {"width": {"values": [1, 2], "odrered": False}}),
        ("grid", {"union": [{"width": {"from": 1, "to": 2}}]}),
        ("objective", changed("objective", "naswot", key="bacth")),
        ("objective", changed("objective", "several", "goals", "naswot", key="_targte_")),
        ("objective", changed("objective", "naswot", key="direciton")),
        ("device", changed("device", "pixel6", key="bandwidht")),
        ("device", changed("device", "pixel6", "peak", key="float23", value="1G")),
        ("device", changed("device", "pixel6", "sources", key="kernle")),
    ],
)
def test_a_misspelt_key_is_rejected(group, content):
    assert not is_valid(group, content)


PRINTED = re.compile(r"^  (dse .*)$", re.MULTILINE)


def test_what_it_makes_works_at_once_in_a_shell(tmp_path):
    told = dse(tmp_path, "init", "my conf").stdout
    listing, check, search = commands = PRINTED.findall(told)
    assert [shlex.split(each)[1] for each in commands] == ["families", "check", "search"]
    dse(tmp_path, *shlex.split(check)[1:])
    shell = f'set -e\ndse() {{ "{sys.executable}" -m dse "$@"; }}\n' + "\n".join([listing, search])
    done = subprocess.run(["bash", "-c", shell], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "grid my conf/grid/mine.yaml: 90 points" in done.stdout
    assert "best by mine (maximize)" in done.stdout
    pages = sorted((tmp_path / "my conf").glob("*/mine.yaml"))
    assert [page.parent.name for page in pages] == ["device", "family", "grid", "objective"]
    for page in pages:
        first = page.read_text().splitlines()[0]
        schema = (page.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
        jsonschema.validate(read_yaml(page).content, json.loads(schema.read_text()))


def test_the_pages_are_listed_without_torch_also_when_they_are_edited(tmp_path):
    dse(tmp_path, "init", "own", "--family", "resnet", "--name", "first")
    listing = (
        "import sys; from dse.project import listed_families;"
        "print(*[(f.name, f.points, f.description) for f in listed_families('own')"
        " if f.name == 'first'], 'torch' in sys.modules)"
    )

    def listed():
        command = [sys.executable, "-c", listing]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout

    before = listed()
    assert "('first', 640, 'ResNet" in before
    assert before.endswith(" False\n")
    grid = tmp_path / "own" / "grid" / "first.yaml"
    grid.write_text("width: [32, 64]\n")
    once, again = listed(), listed()
    assert "('first', 2, 'ResNet" in again
    assert once == again
    assert once.endswith(" False\n")


def test_what_is_there_already_and_what_is_not_are_refused(tmp_path):
    dse(tmp_path, "init", "own")
    (tmp_path / "own" / "grid" / "mine.yaml").write_text("width: [1]\n")
    told = refused(tmp_path, "init", "own")
    assert "own/family/mine.yaml is there already; choose another --name or directory" in told
    assert (tmp_path / "own" / "grid" / "mine.yaml").read_text() == "width: [1]\n"
    dse(tmp_path, "init", "own", "--name", "other", "--device", "pixel6")
    assert "unknown family 'mpl'; did you mean 'mlp'" in refused(
        tmp_path, "init", "new", "--family", "mpl"
    )
    assert "'resnet' is a family that ships" in refused(tmp_path, "init", "new", "--name", "resnet")
    assert "'../x' is no name" in refused(tmp_path, "init", "new", "--name", "../x")
    assert not (tmp_path / "new").exists()
