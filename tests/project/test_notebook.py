"""From nothing to a sweep, a search, questions and a front, as in a notebook: only `dse`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

import dse
from dse.cli.main import command_tree
from dse.errors import DseError
from dse.guide import find_topic
from dse.project import fits_of, listed_families, listed_family, start_pages

GRID = {"width": [8, 16, 24], "depth": [1, 2], "resolution": 8}


@pytest.fixture(scope="module")
def space() -> dse.Space:
    return dse.design_space("mlp", GRID, cost={"batch": 2})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, space: dse.Space) -> dse.Project:
    project = dse.open(tmp_path_factory.mktemp("notebook") / "dse.db")
    project.sweep(space)
    return project


def test_a_space_is_asked_before_anything_is_stored(space: dse.Space) -> None:
    assert space.size == space.networks == 6
    least, greatest = space.extremes("macs")
    assert (least.settings["width"], greatest.settings["width"]) == (8, 24)
    assert space.fits({"macs": least.value}).most == 1
    assert space.fits(f"macs <= {least.value} and params >= 1").most == 1
    drawn = space.sample(3, {"macs": greatest.value}, seed=1)
    assert drawn.height == drawn["key"].n_unique() == 3
    assert drawn["macs"].max() <= greatest.value
    assert space.histogram("params", bars=3)["most"].sum() >= 6
    assert len(space.check().checked) >= 2


def test_what_a_cell_ends_in_is_short(project: dse.Project, space: dse.Space) -> None:
    assert repr(space).startswith("Space(family='mlp', grid={'width': [8, 16, 24], ")
    assert len(repr(space)) < 300
    study = project.search(space, "params", trials=2)
    assert repr(study) == (
        f"<study {study.id} of mlp: params: 5 candidates evaluated; best, front, trials>"
    )
    assert len(repr(project.show(1))) < 2_000


def test_names_are_completed_before_they_are_loaded() -> None:
    assert {"count", "design_space", "open"} < set(dir(dse))
    assert all(hasattr(dse, name) for name in dir(dse))


def test_one_name_is_as_good_as_a_list(project: dse.Project, space: dse.Space) -> None:
    listed = project.pareto(["macs"], ["params", "activations"])
    assert project.pareto("macs", "params, activations").equals(listed)
    kept = project.sweep(space, keep="pareto", minimize="macs", maximize="params")
    assert kept.summary.candidates == project.pareto("macs", "params").height


def test_what_is_no_budget_no_model_and_no_objective_is_told(
    project: dse.Project, space: dse.Space
) -> None:
    with pytest.raises(DseError, match="expected a text such as 'macs <= 200M' or bounds"):
        space.fits(2000)
    with pytest.raises(DseError, match=r"expected a torch\.nn.Module, not function 'build'"):
        dse.count(dse.build, (1, 3))
    with pytest.raises(DseError, match="Module, not str 'torchvision"):
        dse.count("torchvision.models.resnet18", (1, 3))
    with pytest.raises(DseError, match="model is not given; a function is called with any of cand"):
        project.search(space, lambda model: 1.0, trials=1)


def test_a_number_of_networks_is_printed_as_one(space: dse.Space) -> None:
    assert str(space.fits("macs > 0")) == "6"
    assert str(replace(space.fits("macs > 0"), least=3, most=5000)) == "between 3 and 5,000"


def test_a_sampler_that_needs_a_package_says_which(
    project: dse.Project, space: dse.Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cmaes", None)
    sampler = {"_target_": "optuna.samplers.CmaEsSampler"}
    with pytest.raises(DseError, match=r"CmaEsSampler needs cmaes, .*: pip install cmaes"):
        project.search(space, "params", sampler=sampler, exact=False)


def test_a_plain_file_is_a_checkpoint(space: dse.Space, tmp_path: Path) -> None:
    def kept(candidate: Any, checkpoint: str) -> float:
        torch.save({}, checkpoint)
        return 1.0

    project = dse.open(tmp_path / "dse.db")
    study = project.search(space, kept, trials=2, checkpoints=tmp_path / "states" / "here")
    assert study.trials["outcome"].to_list() == ["done", "done"]
    assert len([*tmp_path.glob("states/here/*/*.pt")]) == 2


def test_what_an_objective_raises_is_exported() -> None:
    assert dse.DseError is DseError
    assert dse.Pruned is dse.search.outcomes.Pruned


def test_families_are_listed_by_their_pages(tmp_path: Path) -> None:
    of_mlp = listed_family("mlp")
    assert of_mlp.points == dse.design_space("mlp", of_mlp.grid).size
    (tmp_path / "family").mkdir()
    own = tmp_path / "family" / "mine.yaml"
    own.write_bytes(of_mlp.page.read_bytes())
    pages = {listed.page.stem: listed for listed in listed_families(tmp_path)}
    assert {"mlp", "mine"} <= pages.keys()
    assert pages["mine"].axes == of_mlp.axes
    assert (pages["mine"].grid, pages["mine"].points) == (None, 1)


def test_a_sweep_is_continued_and_told(project: dse.Project, space: dse.Space) -> None:
    told = []
    again = project.sweep(space, progress=lambda done, total: told.append((done, total)))
    assert (again.summary.present, again.summary.stored) == (6, 0)
    assert project.status()["candidates"] == 6
    assert project.upgrade() == project.upgrade() > 0
    elsewhere = dse.open(Path(project.url).with_name("told.db"))
    elsewhere.sweep(space, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)


def test_what_was_swept_is_asked(project: dse.Project, space: dse.Space) -> None:
    found = project.query("width >= 16", columns="width,macs", sort="-macs", limit=3)
    assert found.columns == ["width", "macs"]
    assert found["macs"].to_list() == sorted(found["macs"], reverse=True)
    _, greatest = space.extremes("macs")
    assert found["macs"][0] == greatest.value
    groups = project.query(group_by="depth", columns="count")
    assert groups["count"].to_list() == [3, 3]
    assert project.sql("select count(*) as n from candidate")["n"].to_list() == [6]
    front = project.pareto(minimize=["macs"], maximize=["params"])
    assert 1 <= front.height <= 6
    assert project.correlate(["macs", "params"])["n"].to_list() == [6]


def test_a_search_finds_what_is_best(project: dse.Project, space: dse.Space) -> None:
    _, greatest = space.extremes("params")
    study = project.search(space, "params", {"params": greatest.value - 1}, trials=3)
    assert study.best["params"][0] < greatest.value
    assert (
        study.best["params"][0]
        == project.query(f"params < {greatest.value}", sort="-params", limit=1)["params"].item()
    )
    scored = project.search(space, "naswot", trials=2, sampler="random", best=1)
    assert scored.trials["outcome"].to_list() == ["done", "done"]
    assert scored.best["naswot"].item() == scored.trials["naswot"].max()
    assert scored.front.height == 1
    more = project.search(space, "naswot", trials=3, sampler="random")
    assert more.trials["naswot"].to_list()[:2] == scored.trials["naswot"].to_list()
    assert project.query("naswot is not null").height == 3
    assert project.forget("naswot") == 3


@pytest.mark.parametrize(
    ("made", "told"),
    {
        "family": (lambda: dse.design_space("mpl"), "unknown family 'mpl'; did you mean 'mlp'"),
        "axis": (lambda: dse.design_space("mlp", {"widht": [8]}), "'width'"),
        "cost": (lambda: dse.design_space("mlp", cost={"bacth": 2}), "'batch'"),
        "budget": (lambda: dse.design_space("mlp").fits({"mac": 1}), "'macs'"),
        "text": (lambda: dse.design_space("mlp").fits("macs <= 1 or parms <= 1"), "column 14"),
        "extreme": (lambda: dse.design_space("mlp").extremes("mac"), "'macs'"),
    }.values(),
)
def test_what_does_not_hold_is_told_in_a_line(made, told: str) -> None:
    with pytest.raises(DseError) as raised:
        made()
    assert told in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_what_was_swept_is_shown_compared_and_exported(
    project: dse.Project, space: dse.Space, tmp_path: Path
) -> None:
    least, most = project.query(sort="macs", columns="id")["id"].to_list()[:: space.size - 1]
    shown = project.show(least)
    assert shown.layers["params"].sum() == shown.stored.row.costs.params
    assert {row["name"] for row in project.diff(least, most).rows} >= {"width", "macs"}
    (file,) = project.export(least, "python", tmp_path / "small.py")
    built: dict = {}
    exec(file.read_text(), built)
    network = built["build"](seed=0)
    assert sum(p.numel() for p in network.parameters()) == shown.stored.row.costs.params
    page, grid = project.export(least, "config", tmp_path / "pages")
    again = dse.design_space(page, grid, {"batch": 2})
    assert dse.open(tmp_path / "again.db").sweep(again).summary.stored == again.size == 1


def test_measurements_are_imported(space: dse.Space, tmp_path: Path) -> None:
    project = dse.open(tmp_path / "dse.db")
    project.sweep(space)
    ids = project.query(columns="id")["id"].to_list()
    table = tmp_path / "phone.csv"
    table.write_text("id,latency_ms\n" + "".join(f"{id},{id}.5\n" for id in ids))
    imported = project.import_(table)
    assert (imported.measurements, imported.whats, imported.made) == (6, ("latency_ms",), 0)
    assert project.query(columns="latency_ms", sort="id")["latency_ms"][0] == ids[0] + 0.5


MADE = {
    "sweep": lambda project, space: project.sweep(space, {"macs": "1M"}, sample=3),
    "search": lambda project, space: project.search(space, trials=2, sampler="random"),
    "pruned": lambda project, space: project.search(
        space, trials=2, pruner={"_target_": "optuna.pruners.MedianPruner", "n_warmup_steps": 1}
    ),
}
"""Runs that are repeated from their record."""


@pytest.mark.parametrize("kind", MADE)
def test_a_run_is_repeated_by_its_record(space: dse.Space, tmp_path: Path, kind: str) -> None:
    project = dse.open(tmp_path / "dse.db")
    first = MADE[kind](project, space)
    told = []
    again = project.rerun(first.run, progress=lambda done, total: told.append((done, total)))
    assert type(again) is type(first)
    assert told[-1][0] == told[-1][1]
    held, repeated = (project.run(each.run)["config"] for each in (first, again))
    assert held == repeated
    if isinstance(first, dse.Study):
        assert again.trials.drop("run", strict=False).equals(first.trials.drop("run", strict=False))
    project.rerun(first.run, into=tmp_path / "again.db")
    columns = {"columns": "key,macs", "sort": "key"}
    assert dse.open(tmp_path / "again.db").query(**columns).equals(project.query(**columns))
    with pytest.raises(DseError, match="there is no run 77"):
        project.rerun(77)


def test_samplers_are_compared(project: dse.Project, tmp_path: Path) -> None:
    table, told = tmp_path / "measured.csv", []
    project.query(columns="width,depth,macs,params").write_csv(table)
    contested = project.compare(
        table,
        "params",
        costs=["macs"],
        axes=["width", "depth"],
        budgets=["", "macs <= 20k"],
        samplers=["random", "pool"],
        seeds=2,
        evaluations=6,
        workers=1,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told[-1] == (8, 8)
    regrets = contested.regrets([1, 6])
    assert regrets["sampler"].to_list() == ["random", "pool"] * 2
    assert regrets["after_6"].to_list() == [0] * 4
    with pytest.raises(DseError, match="unknown sampler 'poool'; did you mean 'pool'"):
        project.compare(table, "params", axes=["width"], samplers=["poool"])


CALLS = {
    "blocks": dse.listed_blocks,
    "check": dse.Space.check,
    "compare": dse.Project.compare,
    "correlate": dse.Project.correlate,
    "count": dse.count,
    "diff": dse.Project.diff,
    "export": dse.Project.export,
    "families": dse.listed_families,
    "fit": fits_of,
    "forget": dse.Project.forget,
    "guide": find_topic,
    "import": dse.Project.import_,
    "init": start_pages,
    "import-blocks": dse.Project.import_blocks,
    "measure": dse.Project.measure,
    "pareto": dse.Project.pareto,
    "plot": dse.plots,
    "query": dse.Project.query,
    "report": dse.Project.report,
    "rerun": dse.Project.rerun,
    "runs": dse.Project.runs,
    "search": dse.Project.search,
    "serve": dse.Project.serve,
    "show": dse.Project.show,
    "space": dse.Space.overview,
    "status": dse.Project.status,
    "supernet": dse.Project.supernet,
    "sweep": dse.Project.sweep,
    "trials": dse.Project.trials,
    "upgrade": dse.Project.upgrade,
    "worker": dse.Project.join,
}
"""What does in Python what a command does."""


def test_each_command_is_a_call() -> None:
    assert CALLS.keys() == command_tree().commands.keys() - {"completion"}, "for a shell alone"
    for call in CALLS.values():
        assert call.__doc__


@pytest.mark.parametrize("name", dse.__all__)
def test_whatever_is_public_is_described(name: str) -> None:
    assert name == "__version__" or getattr(dse, name).__doc__
