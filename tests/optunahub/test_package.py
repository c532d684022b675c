"""The package that is offered to OptunaHub is whole, and needs nothing of dse."""

import subprocess
import sys

import optuna
import pytest

from tests.optunahub.build import build
from tests.optunahub.checks import exported, faults, header, type_faults
from tests.optunahub.modules import home, independent, needed

optuna.logging.set_verbosity(optuna.logging.WARNING)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return build(tmp_path_factory.mktemp("registry"))


def test_the_registry_would_take_it(place):
    assert faults(place) == []
    assert header(place)["optuna_versions"] == [optuna.__version__]
    assert exported(place) == ["PoolSampler"]


def test_its_types_hold_where_nothing_else_is_installed(place):
    assert type_faults(place) == ""


def test_what_the_registry_refuses_is_told(tmp_path):
    place = build(tmp_path)
    page = (place / "README.md").read_text()
    page = page.replace("tags: [sampler, ", "tags: [").replace("## Abstract", "## Summary")
    (place / "README.md").write_text(page.replace("license: MIT License", "license: GPL"))
    assert faults(place) == [
        "the license is not 'MIT License'",
        "a package of samplers has the tag 'sampler'",
        "README.md has no section Abstract",
    ]


def test_it_is_loaded_as_packages_of_the_registry_are(place):
    optunahub = pytest.importorskip("optunahub")
    module = optunahub.load_local_module(
        "samplers/pool_sampler", registry_root=str(place.parents[1])
    )
    candidates = [{"width": width} for width in (8, 16, 24, 32)]
    study = optuna.create_study(sampler=module.PoolSampler(candidates, seed=0))
    study.optimize(lambda trial: (trial.suggest_int("width", 8, 32) - 24) ** 2, n_trials=10)
    assert len(study.trials) == 4
    assert study.best_params == {"width": 24}


def test_its_example_runs_without_dse(place):
    pytest.importorskip("optunahub")
    check = (
        "import runpy, sys; sys.modules['dse'] = None; "
        f"runpy.run_path({str(place / 'example.py')!r}, run_name='__main__')"
    )
    words = [sys.executable, "-c", check]
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
    assert done.stdout == "{'width': 24, 'depth': 3, 'kind': 'wide'}\n", done.stderr


def test_modules_are_found_by_their_imports():
    assert home("dse.search.samplers", "PoolSampler") == "dse.search.samplers.pool_sampler"
    found = needed("dse.search.samplers.evolution")
    assert {
        "dse.search.samplers.candidate_sampler",
        "dse.search.samplers.evolution",
        "dse.search.samplers.observations",
        "dse.search.spread",
    } <= {*found}
    assert "dse.search.samplers.surrogate" not in found
    with pytest.raises(LookupError, match="does not say where nothing is defined"):
        home("dse.search.samplers", "nothing")


def test_imports_become_relative_and_aliases_say_what_they_are():
    text = (
        "from __future__ import annotations\n\n"
        "from dse.search.samplers import (\n    Observations,\n    PoolSampler as Ours,\n)\n"
        "Floats = NDArray[float]\n"
    )
    assert independent(text) == (
        "from __future__ import annotations\n"
        "from typing import TypeAlias\n\n"
        "from .observations import Observations\n"
        "from .pool_sampler import PoolSampler as Ours\n"
        "Floats: TypeAlias = NDArray[float]\n"
    )
    with pytest.raises(LookupError, match="import names, not 'import dse"):
        independent("import dse.dominance\n")
