"""`dse supernet`: trained, killed, searched by and exported, as its users do."""

import json
import re
import runpy
import shlex
import signal
import time

import pytest
import torch
import torchvision
from PIL import Image

import dse
from dse.supernet import load_supernet
from tests.cli.command import dse as run
from tests.cli.command import query, refused
from tests.cli.forked import ForkedCommand

GRID = ("family=mlp", "grid=none", "grid.width=[4,8]", "grid.depth=[1,2]", "grid.resolution=[8]")
SPACE = (*GRID, "grid.norm=batch")
TRAINED = (*SPACE, "supernet.limit=128", "supernet.output=mlp.pt")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    directory = tmp_path_factory.mktemp("supernet")
    run(directory, "supernet", *TRAINED, "supernet.epochs=2")
    inherited = ("objective=inherited", "objective.supernet=mlp.pt")
    run(directory, "search", *SPACE, *inherited, "trials=4")
    return directory


def test_a_training_that_is_killed_ends_with_the_same_weights(tmp_path):
    words = ("supernet", *TRAINED, "supernet.epochs=60")
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    whole.mkdir()
    killed.mkdir()
    run(whole, *words)
    state = killed / "mlp.pt.training"
    process = ForkedCommand(killed, *words)
    begun = time.monotonic()
    while not state.exists() and process.poll() is None and time.monotonic() - begun < 120:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL, "it was killed before it had ended"
    assert not (killed / "mlp.pt").exists()
    assert state.exists()
    run(killed, *words)
    assert not state.exists()
    one, other = (load_supernet(each / "mlp.pt") for each in (whole, killed))
    assert one.accuracies == other.accuracies
    assert one.shared.tensors.keys() == other.shared.tensors.keys()
    for name, tensor in one.shared.tensors.items():
        assert torch.equal(tensor, other.shared.tensors[name])


def test_inherited_and_trained_are_measurements_of_their_own(place):
    trained = ("objective=train", "objective.name=trained", "objective.epochs=1")
    run(place, "search", *SPACE, *trained, "objective.limit=128", "trials=4")
    rows = query(place, "inherited is not null and trained is not null")
    assert len(rows) == 4
    printed = run(place, "correlate", "inherited", "trained", "--format", "csv").stdout
    assert printed.splitlines()[1].startswith("inherited,trained,4,")
    finetuned = ("objective=finetuned", "objective.supernet=mlp.pt", "objective.epochs=1")
    run(place, "search", *SPACE, *finetuned, "objective.limit=128", "trials=2")
    assert len(query(place, "finetuned is not null")) == 2


def test_another_supernet_is_another_measurement(place):
    more = (*SPACE, "supernet.limit=128", "supernet.epochs=1", "supernet.output=other.pt")
    run(place, "supernet", *more)
    words = (*SPACE, "objective=inherited", "objective.supernet=other.pt", "trials=4")
    assert "4 evaluated (0 of them present before" in run(place, "search", *words).stdout
    assert "4 of them present before" in run(place, "search", *words).stdout
    shown = json.loads(run(place, "show", "1", "--format", "json").stdout)["measurements"]
    told = {each["options"] for each in shown if each["what"] == "inherited"}
    assert len(told) == 2, "which of the files each is by"
    assert all(re.fullmatch("supernet=[0-9a-f]{8}", each) for each in told)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("grid.norm=none",), "mlp.pt: the supernet was not trained on norm=none, only on batch"),
        (("grid.activation=[relu,tanh]",), "not trained on activation=tanh, only on relu"),
        (("grid.width=[4,6,8]",), "not trained on width=6, only on 4, 8"),
        (("family=resnet",), "mlp.pt: the supernet is of mlp, not of resnet"),
        (("objective.batches=0",), "objective.batches: 0 is below 1"),
        (("objective.batches=abc",), "objective.batches: 'abc' is no whole number"),
        (("objective.data=digitz",), "objective.data: 'digitz' is neither 'digits' nor a folder"),
        (("objective=finetuned", "objective.epochs=0"), "objective.epochs: 0 is below 1"),
        (("objective=finetuned", "objective.momentum=-1"), "objective.momentum: -1 is below 0"),
        (("objective=train", "objective.lr=nan"), "objective.lr: nan is no finite number"),
    ],
)
def test_what_no_candidate_can_be_judged_by_is_told_before_any_is(place, words, message):
    space = [word for word in SPACE if not any(w.startswith(word.split("=")[0]) for w in words)]
    if "family=resnet" in words:
        space = ["grid=none", "grid.width=[0.25,0.5]"]
    objective = next((w for w in words if w.startswith("objective=")), "objective=inherited")
    given = [w for w in words if w != objective]
    of = [] if objective == "objective=train" else ["objective.supernet=mlp.pt"]
    before = run(place, "runs").stdout
    assert message in refused(place, "search", *space, objective, *of, *given, "trials=2")
    assert run(place, "runs").stdout == before


def test_widths_beyond_the_budget_of_a_training_are_not_judged(tmp_path):
    words = ("budget.where=params<=500", "supernet.epochs=1", "supernet.limit=64")
    run(tmp_path, "supernet", *GRID, *words, "supernet.output=small.pt")
    trained = load_supernet(tmp_path / "small.pt").axes["width"]
    assert trained == [4], "one of width 8 has 650 parameters and more"
    line = refused(tmp_path, "search", *GRID, "objective=inherited", "objective.supernet=small.pt")
    assert "small.pt: the supernet was not trained on width=8, only on 4" in line


OWN_BLOCK = """
from torch import nn

def twice(inputs, outputs):
    return nn.Sequential(nn.Linear(inputs, outputs), nn.ReLU(), nn.Linear(outputs, outputs))
"""
OWN_PAGE = """
axes: {width: 8, resolution: 8, classes: 10}
input: [1, resolution, resolution]
blocks:
  - {block: torch.nn.Flatten}
  - {block: inheritable.twice, inputs: resolution * resolution, outputs: width}
  - {block: torch.nn.Linear, out_features: classes}
"""


def test_blocks_of_ones_own_are_inherited(tmp_path):
    (tmp_path / "inheritable.py").write_text(OWN_BLOCK)
    (tmp_path / "pages" / "family").mkdir(parents=True)
    (tmp_path / "pages" / "family" / "own.yaml").write_text(OWN_PAGE)
    own = (
        "--config-dir",
        "pages",
        "family=own",
        "grid=none",
        "grid.width=[4,8]",
        "allow=[inheritable]",
    )
    run(tmp_path, "supernet", *own, "supernet.epochs=1", "supernet.output=own.pt")
    for name in ("inherited", "finetuned"):
        objective = (f"objective={name}", "objective.supernet=own.pt", "trials=2")
        assert "2 evaluated" in run(tmp_path, "search", *own, *objective).stdout


def test_a_file_of_weights_is_not_written_over(place, tmp_path):
    before = (place / "mlp.pt").read_bytes()
    for words in (
        ("--to", "python", "--output", "mlp.py"),
        ("--to", "torch", "--output", "mlp.pt"),
    ):
        line = refused(place, "export", "1", "--weights", "mlp.pt", *words)
        assert "mlp.pt is the file of --weights as well" in line
    torch.save({}, tmp_path / "begin.pt")
    start = ("supernet.start=torchvision", "supernet.weights=begin.pt", "supernet.output=begin.pt")
    line = refused(tmp_path, "supernet", "family=resnet", "variant=resnet18", "grid=none", *start)
    assert "begin.pt is the file of supernet.weights as well" in line
    assert (place / "mlp.pt").read_bytes() == before


def test_a_training_goes_on_only_from_the_weights_that_it_began_from(tmp_path):
    resnet = torchvision.models.resnet18
    space = ("family=resnet", "variant=resnet18", "grid=none", "grid.width=[0.0625,0.125]")
    short = ("grid.resolution=32", "supernet.limit=32", "supernet.batch=16", "supernet.epochs=2")
    words = ("supernet", *space, *short, "supernet.output=net.pt")
    begun = ("supernet.start=torchvision", "supernet.weights=first.pt")
    for name in ("first.pt", "second.pt"):
        torch.save(resnet(num_classes=1000).state_dict(), tmp_path / name)
    process = ForkedCommand(tmp_path, *words, *begun)
    while not (tmp_path / "net.pt.training").exists() and process.poll() is None:
        time.sleep(0.01)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    for other in (
        (),
        (*begun, "supernet.importance=none"),
        (*begun[:1], "supernet.weights=second.pt"),
    ):
        assert "it is of a training with other settings" in refused(tmp_path, *words, *other)
    assert "began from" in run(tmp_path, *words, *begun).stdout


def test_a_space_of_which_nothing_can_be_built_is_told(tmp_path):
    for words, message in (
        (("family=shufflenet_v2", "grid.width=[0.5,1.0]", "grid.resolution=[64]"), "block 3"),
        (("family=moe", "grid.experts=[2,4]"), "no candidate of the grid can be built"),
        (("family=timm_model", "grid.model_name=[nosuch]"), "nosuch"),
    ):
        line = refused(tmp_path, "supernet", "grid=none", *words, "--explain")
        assert message in line


def test_images_that_are_too_few_or_none_are_told(tmp_path):
    for name in ("one", "bad"):
        (tmp_path / name / "cat").mkdir(parents=True)
    Image.new("L", (8, 8)).save(tmp_path / "one" / "cat" / "a.png")
    (tmp_path / "bad" / "cat" / "a.png").write_bytes(b"no image")
    words = ("supernet", *SPACE, "supernet.output=x.pt")
    assert "one: too few images" in refused(tmp_path, *words, "supernet.data=one")
    line = refused(tmp_path, *words, "supernet.data=bad")
    assert "a.png: it is no image, or a damaged one" in line


def test_the_examples_of_the_help_run(tmp_path):
    text = run(tmp_path, "supernet", "--help").stdout
    explained, trained, searched = (
        shlex.split(line) for line in re.findall(r"^  dse (.*)", text, re.M)
    )
    assert "leading channels" in run(tmp_path, *explained).stdout
    short = [word.replace("epochs=20", "epochs=1") for word in trained]
    few = ("supernet.limit=64", "supernet.watched=1", "supernet.batches=1")
    assert "wrote size.pt" in run(tmp_path, *short, *few).stdout
    assert "2 evaluated" in run(tmp_path, *searched, "trials=2").stdout


def test_a_candidate_is_exported_with_its_weights(place):
    best = query(place, "inherited is not null", "--sort", "-inherited")[0]
    run(
        place,
        "export",
        str(best["id"]),
        "--to",
        "python",
        "--weights",
        "mlp.pt",
        "--output",
        "n.py",
    )
    network = runpy.run_path(str(place / "n.py"))["build"]()
    network.load_state_dict(torch.load(place / "n.pt", weights_only=True))
    supernet = load_supernet(place / "mlp.pt")
    family = supernet.family
    settings = {name: best[name] for name in ("width", "depth", "norm", "resolution")}
    shared = supernet.network(family.resolve(family.settings_of(settings)))
    for name, parameter in network.named_parameters():
        assert torch.equal(parameter, shared.weights()[name])
    wrong = refused(place, "export", "1", "--to", "config", "--weights", "mlp.pt")
    assert "--weights mlp.pt is for a network, and --to config writes a page" in wrong


def test_several_processes_train_one_supernet(tmp_path):
    words = ("supernet", *TRAINED, "supernet.epochs=2", "workers=2", "executor.devices=cpu")
    assert "trained 714 weights on 4 candidates" in run(tmp_path, *words).stdout
    words = (*SPACE, "objective=inherited", "objective.supernet=mlp.pt", "trials=4")
    assert "4 evaluated" in run(tmp_path, "search", *words).stdout


def test_the_key_that_said_where_it_is_trained_is_still_read(tmp_path):
    words = (*TRAINED, "supernet.epochs=1", "supernet.place=cpu")
    assert (
        "supernet.place=cpu is read as executor.devices=cpu"
        in run(tmp_path, "supernet", *words).stderr
    )


def test_axes_are_explained_and_nothing_is_trained(tmp_path):
    printed = run(tmp_path, "supernet", *SPACE, "--explain", "format=csv").stdout
    rows = [line.split(",")[:3] for line in printed.splitlines()]
    assert rows == [
        ["axis", "values", "shared"],
        ["width", "2", "leading channels of 9 tensors"],
        ["depth", "2", "first layers (4 tensors fewer)"],
    ]
    assert not list(tmp_path.glob("**/*.pt"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("grid.resolution=[8,12]",),
            "resolution cannot be shared: a linear layer reads each place",
        ),
        (("supernet.epochs=0",), "supernet.epochs: 0 is below 1"),
        (("supernet.data=nowhere",), "data: 'nowhere' is neither 'digits' nor a folder"),
        (("supernet.start=torchvisio",), "unknown 'torchvisio'; did you mean 'torchvision'?"),
        (("supernet.weights=a.pth",), "supernet.weights: needs supernet.start=torchvision"),
        (("supernet.start=torchvision",), "supernet.start: needs variant=…"),
        (("supernet.importance=l2",), "unknown 'l2'; did you mean 'l1'?"),
        (("supernet.importance=taylor",), "supernet.importance: needs supernet.start=torchvision"),
        (("supernet.branches=[width]",), "supernet.branches: width can be shared, and is"),
        (("supernet.lr=1e9",), "supernet.lr: 1e+09: weights are no finite numbers any more"),
        (
            ("supernet.data=digitz",),
            "supernet.data: 'digitz' is neither 'digits' nor a folder; did",
        ),
        (("supernet.output=mlp.csv/mlp.pt",), "supernet.output: mlp.csv/mlp.pt: mlp.csv is a file"),
        (("grid.classes=5",), "the networks have 5 outputs, and the images 10 classes"),
        (("--explain", "supernet.branches=[widht]"), "no axis 'widht'; did you mean 'width'?"),
        (("--explain", "supernet.start=foo"), "supernet.start: unknown 'foo'"),
        (("supernet.branches=[widht]",), "no axis 'widht'; did you mean 'width'?"),
        (("budget.macs=1",), "no candidate meets macs <= 1"),
        (("supernet.epoch=3",), "unknown key 'supernet.epoch'"),
        (("workers=0",), "workers: 0 is below 1"),
        (("workers=40",), "supernet.batch: 64 images a step leave less than two for each of 40"),
        (("executor.devices=mps",), "executor.devices: 'mps' cannot be used"),
        (("executor.device=cpu",), "unknown key 'executor.device'; did you mean 'devices'?"),
    ],
)
def test_a_mistake_is_told_before_anything_is_trained(tmp_path, words, message):
    (tmp_path / "mlp.csv").touch()
    words = ("supernet.output=mlp.pt", *words)
    assert message in refused(tmp_path, "supernet", *SPACE, *words)
    assert not list(tmp_path.glob("mlp.pt*"))


@pytest.mark.parametrize(
    ("family", "message"),
    [
        ("t5", "the inputs of t5 are tokens, and no images (C, H, W), which it is trained on"),
        ("gpt2", "the inputs of gpt2 are tokens, and no images"),
        ("whisper", "an input of whisper has 2 sizes, and is no image"),
    ],
)
def test_a_family_of_no_images_is_refused_at_once(tmp_path, family, message):
    assert message in refused(tmp_path, "supernet", f"family={family}")


def test_a_space_of_cells_that_are_only_drawn_is_trained_and_searched(tmp_path, monkeypatch):
    monkeypatch.setenv("DSE_LIMIT_GENERATED_CANDIDATES", "4")
    few = ("grid.width=4", "grid.depth=1", "grid.in_channels=1", "grid.classes=10")
    space = ("family=darts", *few)
    short = ("supernet.epochs=1", "supernet.limit=32", "supernet.batch=16", "supernet.watched=1")
    trained = run(tmp_path, "supernet", *space, *short, "supernet.output=darts.pt").stdout
    assert "weights on 4 candidates" in trained
    inherited = ("objective=inherited", "objective.supernet=darts.pt", "trials=4")
    searched = run(tmp_path, "search", *space, *inherited).stdout
    assert "4 candidates; 4 evaluated (0 of them present before, 0 failed)" in searched
    again = run(tmp_path, "supernet", *space, *short, "supernet.output=again.pt").stdout
    assert "weights on 4 candidates" in again


def test_an_objective_without_its_supernet(tmp_path):
    words = ("search", *SPACE, "objective=inherited")
    assert "objective: supernet is not given" in refused(tmp_path, *words)
    told = refused(tmp_path, *words, "objective.supernet=none.pt")
    assert "none.pt: there is no such file" in told


def test_the_library_does_the_same(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    grid = {"width": [4, 8], "depth": [1, 2], "norm": "batch", "resolution": 8}
    space, project = dse.design_space("mlp", grid=grid), dse.open("own.db")
    told = []
    found = project.supernet(
        space, "mlp.pt", epochs=2, limit=128, progress=lambda *news: told.append(news)
    )
    assert found.candidates == 4
    assert told[-1] == (2, 2)
    assert found.predicted_memory is not None
    assert [*project.explain_supernet(space)["axis"]] == ["width", "depth"]
    goal = {"_target_": "dse.supernet.inherited", "supernet": "mlp.pt"}
    study = project.search(space, objective=goal, trials=4)
    assert len(study.trials) == 4
    found = project.supernet(space, "two.pt", epochs=1, limit=64, workers=2, devices="cpu")
    assert len(load_supernet(found.output).accuracies) == 1
    with pytest.raises(dse.DseError, match=r"unknown option 'epoch'; did you mean 'epochs'\?"):
        project.supernet(space, "mlp.pt", epoch=2)
