"""A search by a Python function, given as it is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import dse
from dse.errors import DseError, UnnoticedChange

SPACE = {"width": [8, 16, 24], "depth": [1, 2], "resolution": 8}


def wide(candidate: Any) -> float:
    return float(candidate.costs.params)


def scaled(factor: int) -> Callable[..., float]:
    def scaled_params(candidate: Any) -> float:
        return float(factor * candidate.costs.params)

    return scaled_params


FUNCTIONS = {
    "named": wide,
    "lambda": lambda candidate: float(candidate.costs.params),
    "local": scaled(1),
}
LOCAL = ("lambda", "local")


@pytest.fixture
def project(tmp_path: Path) -> dse.Project:
    return dse.open(tmp_path / "dse.db")


@pytest.fixture(scope="module")
def space() -> dse.Space:
    return dse.design_space("mlp", SPACE, cost={"batch": 2})


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_a_function_is_what_a_search_makes_large(
    project: dse.Project, space: dse.Space, kind: str
) -> None:
    study = project.search(space, FUNCTIONS[kind], trials=6, sampler="random", best=1)
    _, greatest = space.extremes("params")
    name = {"named": "wide", "lambda": "objective", "local": "scaled_params"}[kind]
    assert study.best[name].item() == greatest.value
    assert project.query(f"{name} is not null").height == 6
    with pytest.raises(DseError, match=r"run 1 searched by the Python function .*no store holds"):
        project.rerun(1)


def test_a_function_may_have_a_direction(project: dse.Project, space: dse.Space) -> None:
    objective = {"_target_": wide, "direction": "minimize"}
    least, _ = space.extremes("params")
    assert project.search(space, objective, trials=6).best["objective"][0] == least.value


def test_a_function_of_other_code_measures_again(project: dse.Project, space: dse.Space) -> None:
    def measured(factor: int) -> list[float]:
        study = project.search(space, scaled(factor), trials=6, sampler="random")
        return sorted(study.trials["scaled_params"].to_list())

    numbers = [measured(factor) for factor in (1, 2, 1)]
    assert numbers[1] == [2 * value for value in numbers[0]]
    assert numbers[2] == numbers[0]


def test_other_processes_find_a_function_by_its_name(
    project: dse.Project, space: dse.Space
) -> None:
    study = project.search(space, wide, trials=2, workers=2, sampler="random")
    assert study.trials["outcome"].to_list() == ["done", "done"]


@pytest.mark.parametrize("kind", LOCAL)
@pytest.mark.parametrize("given", [{"workers": 2}, {"time_limit": 60.0}])
def test_other_processes_take_what_is_imported_by_name(
    project: dse.Project, space: dse.Space, kind: str, given: dict
) -> None:
    with pytest.raises(DseError, match="cannot be imported by name") as raised:
        project.search(space, FUNCTIONS[kind], **given)
    assert len(str(raised.value).splitlines()) == 1
    assert not Path(project.url).exists()


def test_a_callable_that_is_no_function_is_refused(project: dse.Project, space: dse.Space) -> None:
    with pytest.raises(DseError, match="is no Python function"):
        project.search(space, max)
    assert not Path(project.url).exists()


def test_a_variable_of_a_notebook_is_part_of_its_function(
    project: dse.Project, space: dse.Space
) -> None:
    cell: dict[str, Any] = {"factor": 3}
    exec("def scored(candidate): return factor * candidate.settings['width']", cell)
    found = []
    for cell["factor"] in (3, 4):
        study = project.search(space, cell["scored"], trials=6, sampler="random")
        found.append(study.trials["scored"].max())
    assert found == [3 * 24, 4 * 24]


def test_a_function_reads_what_no_store_tells_apart(project: dse.Project, space: dse.Space) -> None:
    net = torch.nn.Linear(1, 1)

    def judged(candidate: Any) -> float:
        return float(net.bias is not None)

    with pytest.warns(UnnoticedChange, match=r"judged reads `net` \(Linear\), .* retry='all'"):
        project.search(space, judged, trials=2, sampler="random")


def test_a_function_without_a_module(project: dse.Project, space: dse.Space) -> None:
    cell: dict[str, Any] = {}
    exec("def scored(candidate): return candidate.settings['width']", cell)
    assert cell["scored"].__module__ is None
    assert project.search(space, cell["scored"], trials=6, sampler="random").best.height
    assert project.query("scored > 0").height == 6
    with pytest.raises(DseError, match=r"__main__.scored cannot be imported by name"):
        project.search(space, cell["scored"], workers=2)


@pytest.mark.parametrize("sampler", ["optuna.samplers.NSGAIISampler", "nsga2"])
def test_a_sampler_by_its_path_or_its_page(tmp_path, sampler):
    project = dse.open(tmp_path / "dse.db")
    space = dse.design_space("mlp", grid={"width": [8, 16, 24], "resolution": [8]})
    study = project.search(space, "params", trials=2, sampler=sampler, exact=False)
    assert len(study.trials) == 2


def test_a_sampler_that_there_is_not_is_told_with_the_nearest(tmp_path):
    project = dse.open(tmp_path / "dse.db")
    space = dse.design_space("mlp", grid={"width": [8, 16], "resolution": [8]})
    with pytest.raises(DseError, match=r"did you mean 'optuna\.samplers\.NSGAIISampler'"):
        project.search(space, "params", sampler="optuna.samplers.NSGASampler", exact=False)


@pytest.mark.parametrize("sampler", ["pool", "random", "tpe"])
def test_the_one_candidate_of_a_grid_without_axes_is_found(tmp_path: Path, sampler: str) -> None:
    space = dse.design_space("mlp", {})
    study = dse.open(tmp_path / "one.db").search(
        space, lambda candidate: candidate.settings["width"], trials=2, sampler=sampler
    )
    assert study.best["width"].to_list() == [space.design.grid.family.defaults["width"]]
