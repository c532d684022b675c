"""Settings of training that are searched with the network: they make no other network."""

import json

import pytest

import dse
from dse.errors import DseError
from dse.space import read_grid
from tests.cli.command import dse as command
from tests.cli.command import query, refused
from tests.space.shipped import family

SPACE = ("family=mlp", "grid=none", "grid.resolution=8", "grid.depth=1")
RATES = "grid.lr={of: training, values: [0.0001, 0.3]}"
TRAIN = ("objective=train", "objective.epochs=1", "objective.limit=300")
LONGER = ("objective=train", "objective.epochs=2")


def test_they_are_no_dimension_of_the_space():
    page = family("mlp")
    content = {"width": [8, 16], "lr": {"of": "training", "values": [0.1, 0.2, 0.1]}}
    grid = read_grid(page, content)
    assert (grid.size, [each.name for each in grid.dimensions]) == (2, ["width"])
    assert [each.choices for each in grid.training] == [({"lr": 0.1}, {"lr": 0.2})]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"width": {"of": "training", "values": [8]}}, "grid.width.of: axis 'width' shapes"),
        ({"lr": {"of": "training", "values": [0.1, "much"]}}, "'much' is not a number"),
        ({"lr": {"of": "training", "values": []}}, "grid.lr: expected a list of values"),
        ({"lr": [0.1]}, "family 'mlp' has no axis 'lr'"),
        ({"lr": {"of": "trainin", "values": [0.1]}}, "grid.lr.of: unknown 'trainin'; did you mean"),
    ],
)
def test_bad_ones_are_refused_with_their_place(content, reason):
    with pytest.raises(DseError, match=reason):
        read_grid(family("mlp"), content)


def test_a_page_declares_them_with_a_default(tmp_path):
    page = """
        axes: {width: 4, lr: {default: 0.05, of: training}, depth: {default: 1}}
        input: [1, 8, 8]
        blocks:
          - {block: linear, features: width, repeat: depth}
          - {block: classifier, classes: 10}
    """
    path = tmp_path / "small.yaml"
    path.write_text(page.replace("\n        ", "\n"))
    space = dse.design_space(str(path), grid={"width": [4, 8]})
    assert space.size == 2
    (axis,) = space.design.grid.training
    assert axis.choices == ({"lr": 0.05},)
    path.write_text(path.read_text().replace("features: width", "features: width * lr"))
    with pytest.raises(DseError, match="unknown name 'lr'"):
        dse.design_space(str(path))
    path.write_text(path.read_text().replace("of: training", "of: traning"))
    with pytest.raises(DseError, match=r"axes\.lr\.of.*did you mean 'training'"):
        dse.design_space(str(path))


def test_a_search_finds_a_rate_that_widths_alone_do_not(tmp_path):
    """At the smallest rate no width learns; the search over both finds the other rate."""
    widths = "grid.width=[16,32,64]"
    fixed = (*LONGER, "objective.lr=0.0001", "trials=3")
    alone = command(tmp_path, "search", *SPACE, widths, *fixed, "--format", "json")
    both = command(tmp_path, "search", *SPACE, widths, RATES, *LONGER, "trials=6", "--format=json")
    best_alone, best = (json.loads(each.stdout) for each in (alone, both))
    assert max(each["accuracy"] for each in best_alone) < 30
    assert best[0]["accuracy"] > 60
    assert best[0]["lr"] == 0.3
    assert len(query(tmp_path)) == 3


def test_measurements_are_of_a_network_and_its_settings(tmp_path):
    words = ("search", *SPACE, "grid.width=[8,16]", RATES, *TRAIN, "trials=4")
    first = command(tmp_path, *words).stdout
    assert "= 2 points, each to train with lr 2" in first
    assert "2 candidates with 4 trainings; 4 evaluated (0 of them present before" in first
    assert "4 evaluated (4 of them present before" in command(tmp_path, *words).stdout
    trials = json.loads(command(tmp_path, "trials", "1", "--format", "json").stdout)
    assert sorted((each["width"], each["lr"]) for each in trials) == [
        *((8, 0.0001), (8, 0.3), (16, 0.0001), (16, 0.3)),
    ]
    found = {(each["width"], each["lr"]): each["accuracy"] for each in trials}
    shown = json.loads(command(tmp_path, "show", "1", "--format", "json").stdout)
    width = shown["settings"]["width"]
    measured = {json.loads(m["training"])["lr"]: m["value"] for m in shown["measurements"]}
    assert measured == {lr: value for (w, lr), value in found.items() if w == width}
    # What was measured is known to another search over more of the settings.
    more = (*words[:-1], "trials=6")
    wider = tuple(each.replace("0.3]", "0.3, 0.1]") for each in more)
    assert "2 evaluated (0 of them present before" in command(tmp_path, *wider).stdout


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_every_sampler_varies_both(tmp_path, sampler):
    words = ("grid.width=[8,16]", RATES, *TRAIN, "trials=4", f"sampler={sampler}")
    command(tmp_path, "search", *SPACE, *words)
    trials = json.loads(command(tmp_path, "trials", "1", "--format", "json").stdout)
    assert len({(each["width"], each["lr"]) for each in trials}) == 4


def test_one_that_nothing_takes_is_refused_before_anything_runs(tmp_path):
    words = (*SPACE, "grid.width=[8,16]", "objective=naswot")
    told = refused(tmp_path, "search", *words, RATES)
    assert "grid.lr: naswot takes no training setting of this name" in told
    told = refused(tmp_path, "search", *SPACE, *TRAIN, RATES.replace("lr", "rl"))
    assert "grid.rl: accuracy takes no training setting" in told
    assert "did you mean 'lr'" in told


def test_a_cost_takes_none_as_it_is_of_the_network(tmp_path):
    words = (*SPACE, "grid.width=[8,16]", "objective=cost")
    told = refused(tmp_path, "search", *words, RATES.replace("lr", "cost").replace("0.3", "0.2"))
    assert "grid.cost: activations takes no training setting of this name; it has none" in told


def test_a_budget_bounds_the_networks_alone(tmp_path):
    words = ("grid.width=[8,16,64]", RATES, *TRAIN, "trials=4", "budget.params=1k")
    told = command(tmp_path, "search", *SPACE, *words).stdout
    assert "1 candidate with 2 trainings meet params <= 1k; 2 evaluated" in told
