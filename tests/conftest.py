"""What all tests share: the shipped configs, and the reference data where it is given."""

import gc
import logging
import multiprocessing
import os
import sys
import warnings
from multiprocessing import forkserver
from pathlib import Path

import pytest

from dse.configs.config_places import family_pages
from dse.costs.cost_list import COSTS
from dse.counting import FIRST_DISPATCH
from dse.counting.operators.own_rules import own_rules

PAGES = family_pages(None)
"""The page of every shipped family."""

SHIPPED_COSTS = {**COSTS}

LOADED = (
    FIRST_DISPATCH,
    "dse.supernet.training_team",
    "torchvision",
    "sklearn.datasets",
    "dse.search.evaluations.workers",
)
"""What processes of tests need that trace, train or evaluate."""

warnings.filterwarnings("ignore", message="The default weight initialization")


def pytest_configure():
    """Arithmetic has one thread a process: tests run side by side, on every core."""
    # PyTorch and OpenBLAS read these where they are loaded, which no conftest has done yet.
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    # Of what tests make little is cycles: to look for them as often as Python does takes a
    # twentieth of all time. Before each module they are collected.
    gc.set_threshold(50_000, 10, 10)
    # The browser that draws is put away in its own time, and tells so wherever Hydra, which lets
    # all tell what they do, runs meanwhile.
    logging.getLogger("choreographer").setLevel(logging.WARNING)
    if (
        "PYTEST_XDIST_WORKER" in os.environ
        and "forkserver" in multiprocessing.get_all_start_methods()
    ):
        # One server forks the children of all tests. It has loaded what the first of them needs,
        # and others would load again what takes seconds.
        multiprocessing.set_forkserver_preload([*LOADED])
        forkserver.ensure_running()


@pytest.fixture(autouse=True)
def own_declarations():
    """What a test declares is taken back behind it: a process has one list of costs.

    A rule of an operator or a module has to be taken back by who told it: all that runs behind it
    would be traced anew.
    """
    before, rules = {**COSTS}, {*own_rules()}
    yield
    if before != COSTS:
        COSTS.clear()
        COSTS.update(before)
    assert {*own_rules()} == rules, "a test leaves a rule behind"


@pytest.fixture(scope="module", autouse=True)
def shipped_costs():
    """What a module's fixtures declare, such as by measuring blocks, is taken back behind it."""
    yield
    COSTS.clear()
    COSTS.update(SHIPPED_COSTS)


@pytest.fixture(scope="module", autouse=True)
def no_code_of_a_user_left(tmp_path_factory):
    """What a module's tests import of files that they write is forgotten behind it.

    Others write files of the same names.
    """
    path, written = [*sys.path], tmp_path_factory.getbasetemp()
    yield
    sys.path[:] = path
    for name, module in [*sys.modules.items()]:
        if Path(getattr(module, "__file__", None) or "/").is_relative_to(written):
            del sys.modules[name]


@pytest.fixture(scope="module", autouse=True)
def kept_from_the_collector():
    """What is there before a module's tests stays: no collection goes through PyTorch once more."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """A cache of the tests' own: what they measure of this machine is not the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """The folder of published figures; tests that need it are skipped where it is not given."""
    folder = os.environ.get("DSE_REFERENCE_DATA")
    if not folder:
        pytest.skip("DSE_REFERENCE_DATA names no folder of published figures")
    return Path(folder)
