"""What changes a fingerprint: code within the closure; not comments, docstrings or other code."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import dse
from dse.code.fingerprints import (
    COST_MODULES,
    code_of_callable,
    code_of_costs,
    dotted_names,
    is_current,
)
from dse.code.sources import closure, is_found, trees_of
from dse.errors import DseError

PACKAGE = Path(dse.__file__).parent

OWN = {
    "ownpkg/__init__.py": "",
    "ownpkg/blocks.py": "from ownpkg import operators\nfrom .inner.deep import WIDTH\n",
    "ownpkg/operators.py": "FACTOR = 2\n",
    "ownpkg/inner/__init__.py": "",
    "ownpkg/inner/deep.py": "def lazy():\n    import helperlib\n\nWIDTH = 8\n",
    "ownpkg/unused.py": "x = 1\n",
    "helperlib.py": "y = 1\n",
}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, content in OWN.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_imports_are_followed_wherever_they_stand_within_what_is_allowed(own: Path) -> None:
    found = closure(["ownpkg.blocks.Block"], ["ownpkg"])
    names = ["ownpkg", "ownpkg.blocks", "ownpkg.inner", "ownpkg.inner.deep", "ownpkg.operators"]
    assert list(found) == names
    assert list(closure(["ownpkg.blocks"], ["ownpkg", "helperlib"])) == ["helperlib", *names]
    assert "ownpkg" not in sys.modules


@pytest.mark.parametrize(
    ("file", "content", "changes"),
    [
        ("ownpkg/operators.py", "FACTOR = 3\n", True),
        ("ownpkg/inner/deep.py", OWN["ownpkg/inner/deep.py"].replace("8", "9"), True),
        ("ownpkg/__init__.py", "from ownpkg import unused\n", True),
        ("ownpkg/unused.py", "x = 2\n", False),
        ("helperlib.py", "y = 2\n", False),
        ("ownpkg/operators.py", '"""What it is."""\n\n# A comment.\nFACTOR   =  2\n', False),
    ],
)
def test_an_edit_changes_the_code_of_what_depends_on_it(
    own: Path, file: str, content: str, changes: bool
) -> None:
    before = code_of_callable("ownpkg.blocks", ["ownpkg"])
    costs = code_of_costs(["ownpkg.blocks.Block", "resnet18"], ["ownpkg"])
    assert costs.own == ("ownpkg.blocks.Block",)
    assert is_current(costs)
    (own / file).write_text(content)
    assert (code_of_callable("ownpkg.blocks", ["ownpkg"]) != before) == changes
    assert is_current(costs) != changes


def test_code_that_is_not_here_or_cannot_be_read(own: Path) -> None:
    costs = code_of_costs(["ownpkg.blocks.Block"], ["ownpkg"])
    (own / "ownpkg/operators.py").write_text("FACTOR = = 2\n")
    assert not is_current(costs)
    with pytest.raises(DseError, match=r"operators.py: cannot be read as Python"):
        code_of_costs(["ownpkg.blocks.Block"], ["ownpkg"])
    shutil.rmtree(own / "ownpkg")
    assert is_current(costs), "nobody can tell"


def test_other_versions_and_other_trees_are_other_code() -> None:
    code = code_of_costs()
    assert is_current(code)
    assert is_current(replace(code, sources="of another file layout"))
    assert not is_current(replace(code, versions={**code.versions, "torch": "1.0"}))
    assert not is_current(replace(code, trees="of another dse", sources="too"))
    assert code_of_costs(["timm.create_model"]).versions.keys() == {"torch", "torchvision", "timm"}


EDITED = {
    "language/rounding.py": True,
    "space/blocks/residual.py": True,
    "space/tables/cost_columns.py": True,
    "counting/operators/operator_macs.py": True,
    "store/studies/runs.py": False,
    "cli/printing/output.py": False,
    "search/samplers/gaussian_kernels.py": False,
    "counting/conventions/thop.py": False,
}
"""Files of dse, and whether costs depend on them."""

TELL = """
import sys
from dse.code.fingerprints import COST_MODULES
from dse.code.sources import trees_of
print(trees_of(COST_MODULES, ["dse"]))
for name in sys.argv[1:]:
    path = f"dse/{name}"
    text = open(path).read()
    open(path, "w").write(text + "\\nLIMIT = 3\\n")
    print(trees_of(COST_MODULES, ["dse"]))
    open(path, "w").write(text)
"""


def test_costs_depend_on_the_code_that_computes_them_alone(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "dse", ignore=shutil.ignore_patterns("__pycache__"))
    for path in (tmp_path / "dse").rglob("*.py"):
        path.write_text("# A comment.\n" + path.read_text().replace('"""', '"""Or: ', 1))
    run = [sys.executable, "-c", TELL, *EDITED]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    commented, *edited = done.stdout.split()
    assert commented == code_of_costs().trees
    assert [trees != commented for trees in edited] == list(EDITED.values())


def test_what_hands_costs_to_a_store_is_in_the_closure_and_what_keeps_them_is_not() -> None:
    names = closure(COST_MODULES, ["dse"])
    for module in (
        *("space.costing.memo", "language.rounding", "space.tables.cost_columns"),
        *("space.pages.family_page", "space.blocks.attention", "counting.trace_records"),
        *("space.costing.tracing.block_tracing", "space.blocks.cells.cell_building"),
    ):
        assert f"dse.{module}" in names
    rooms = {name.split(".")[1] for name in names}
    assert not rooms & {"store", "cli", "report"}
    assert not any(name.startswith("dse.counting.conventions") for name in names)
    assert trees_of(COST_MODULES, ["dse"]) == trees_of(COST_MODULES, ["dse"])


def test_every_text_of_a_page_that_may_be_a_path_is_found() -> None:
    page = {"blocks": [{"mypkg.Block": {"act": "torch.nn.ReLU"}}, "8 * width"], "input": [3, True]}
    assert set(dotted_names(page)) == {"blocks", "mypkg.Block", "act", "torch.nn.ReLU", "input"}


def test_a_reader_tells_code_apart_without_torch() -> None:
    command = (
        "import sys; from dse.code.fingerprints import code_of_costs, is_current;"
        "assert is_current(code_of_costs()) and 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", command], check=True)


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", "../../etc/passwd", "/etc/passwd", "a\0b", "a b"]
)
def test_a_name_that_no_module_has_leads_nowhere(name: str) -> None:
    assert not is_found(name)
    assert closure([name], [name]) == {}


def test_whole_libraries_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dse.code.sources.MOST_MODULES", 20)
    with pytest.raises(DseError, match=r"torch: more than 20 modules to read"):
        closure(["torch"], ["torch"])
