"""A cost that is declared in one place is there in every room, as any other is."""

import re

import pytest
import torch
from torch import nn

import dse
from dse.cost_formulas import is_sum_over_blocks
from dse.costs.cost_list import COSTS, Costs, base_terms, declared_costs
from dse.errors import DseError
from dse.search.exact_answers.exact import best_of_costs
from dse.search.pools.point_rows import scope_of
from dse.search.sweeps.sweeping import sweep
from dse.space import BlockTable, read_budget, read_grid, space_of
from dse.space.answers import overview
from dse.space.costing import build_network
from dse.store import answer, ask, open_store, register_family, start_run, stored_candidates
from tests.cli.command import dse as run
from tests.cli.command import process, refused
from tests.space.shipped import family, small_space

NAME = "clamped"
SMALL = {"width": [0.5, 1.0], "resolution": [96, 128]}


def clamps(operation):
    is_clamp = operation.name.rstrip("_") in ("aten.hardtanh", "aten.relu")
    return operation.outputs[0].elements if is_clamp else 0


@pytest.fixture
def clamped():
    dse.register_cost(NAME, meaning="Elements that ReLU and ReLU6 take.")(clamps)
    yield NAME
    if NAME in COSTS:
        dse.unregister_cost(NAME)


def space(name="mobilenet_v2", grid=SMALL):
    return space_of(read_grid(family(name), grid), BlockTable())


def counted_by_hooks(model, shape):
    """The same by what PyTorch's own hooks see of each module."""
    total = 0

    def add(module, inputs, output):
        nonlocal total
        total += output.numel()

    for module in model.modules():
        if isinstance(module, nn.ReLU6 | nn.ReLU):
            module.register_forward_hook(add)
    with torch.no_grad():
        model.eval()(torch.zeros(shape))
    return total


def test_it_is_counted_in_all_and_by_layer(clamped):
    model = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 7), nn.ReLU6())
    counted = dse.count(model, (2, 3))
    assert counted.clamped == 2 * 5 + 2 * 7
    assert sum(layer.costs[clamped] for layer in counted.layers) == counted.clamped
    assert f"{clamped}=24" in repr(counted)


@pytest.mark.parametrize("name", ["mobilenet_v2", "torchvision_model"])
def test_blocks_tables_and_the_whole_network_agree(clamped, name):
    some = small_space("mobilenet_v2") if name == "mobilenet_v2" else None
    grid = SMALL if some is not None else {"name": ["alexnet", "resnet18"]}
    of = space(name, grid)
    for settings in of.grid:
        point = of.point(settings)
        assert isinstance(point.costs, Costs)
        network = build_network(point.candidate, of.blocks)
        found = counted_by_hooks(network, (1, *point.candidate.input_shape))
        assert point.costs[clamped] == found > 0
    if some is not None:
        choices = of.tables.space.choices_of(torch.arange(of.grid.size).numpy())
        columns = of.tables.costs(choices)
        points = [of.point(settings).costs[clamped] for settings in of.grid]
        assert columns.costs[clamped].tolist() == points


def test_it_is_bounded_searched_and_shown_with_its_ends(clamped):
    of = space()
    values = sorted(of.point(settings).costs[clamped] for settings in of.grid)
    middle = read_budget({clamped: [values[1], values[2]]})
    assert [middle.admits(of.point(s).costs) for s in of.grid].count(True) == 2
    (best,) = best_of_costs(of, middle, {clamped: 1}, maximize=True)
    assert (best.value, best.is_optimal) == (values[2], True)
    ranges = {
        end.cost: (end.least.value, end.greatest.value)
        for end in overview(of, read_budget({})).ranges
    }
    assert ranges[clamped] == (values[0], values[-1])


def test_the_networks_of_a_callable_have_its_ends(clamped):
    of = space("torchvision_model", {"name": ["alexnet"]})
    (end,) = (each for each in overview(of, read_budget({})).ranges if each.cost == clamped)
    assert end.least.value == of.point(next(iter(of.grid))).costs[clamped] > 0


@pytest.mark.parametrize(
    ("name", "grid"), [("mobilenet_v2", SMALL), ("torchvision_model", {"name": ["alexnet"]})]
)
def test_a_space_that_was_costed_before_follows_what_is_declared(name, grid):
    of = space(name, grid)
    first = next(iter(of.grid))
    before = of.point(first).costs.as_dict()
    for function in (clamps, lambda operation: 1):
        dse.register_cost(NAME, meaning="Elements that ReLU and ReLU6 take.")(function)
        try:
            costs = of.point(first).costs.as_dict()
            assert costs == space(name, grid).point(first).costs.as_dict()
            assert costs.pop(NAME) > 0
            assert costs == before
        finally:
            dse.unregister_cost(NAME)
    assert of.point(first).costs.as_dict() == before


def test_tables_and_graph_follow_what_is_declared():
    of, ends = space(), []
    for function in (None, clamps, lambda operation: 1, None):
        if function is not None:
            dse.register_cost(NAME, meaning="Elements that ReLU and ReLU6 take.")(function)
        try:
            ends.append(
                {each.cost: each.greatest.value for each in overview(of, read_budget({})).ranges}
            )
            if function is not None:
                (best,) = best_of_costs(of, read_budget({}), {NAME: 1}, True)
                assert best.value == ends[-1][NAME]
        finally:
            if function is not None:
                dse.unregister_cost(NAME)
    assert ends[0] == ends[3]
    assert ends[1][NAME] != ends[2][NAME]
    assert NAME not in ends[3]


def stored(engine, of):
    run = start_run(engine, "test", {}, {})
    register_family(engine, of.grid.family.name, of.grid.family.column_types)
    return sweep(of, read_budget({}), engine, run)


def test_the_store_keeps_its_values_and_what_it_is(clamped, tmp_path):
    engine, of = open_store(str(tmp_path / "dse.db")), space()
    assert stored(engine, of).stored == 4
    values = {point.key: point.costs[clamped] for point in of.points()}
    dse.unregister_cost(clamped)
    # Whoever reads has no need of the code.
    assert {row["key"]: row[clamped] for row in ask(engine)} == values
    least = min(values.values())
    (row,) = ask(engine, f"{clamped} <= {least}", columns=["key", clamped, f"{clamped} / macs"])
    assert row[clamped] == least
    assert answer(engine, sort=f"-{clamped}", limit=1).rows[0][clamped] == max(values.values())
    (row,) = (each for each in stored_candidates(engine, scope_of(of)) if each.key == row["key"])
    assert row.costs[clamped] == least
    engine.dispose()


@pytest.mark.parametrize(
    ("name", "grid"), [("mobilenet_v2", SMALL), ("torchvision_model", {"name": ["alexnet"]})]
)
def test_a_store_of_before_gets_the_values_when_it_is_swept_again(tmp_path, name, grid):
    engine = open_store(str(tmp_path / "dse.db"))
    number = stored(engine, space(name, grid)).stored
    dse.register_cost(NAME, meaning="Elements that ReLU and ReLU6 take.")(clamps)
    try:
        of = space(name, grid)
        found = stored(engine, of)
        assert (found.present, found.completed, found.stored) == (number, number, 0)
        rows = ask(engine)
        assert len(rows) == number
        assert {r["key"]: r[NAME] for r in rows} == {p.key: p.costs[NAME] for p in of.points()}
        again = stored(engine, space(name, grid))
        assert (again.present, again.completed, again.stored) == (number, 0, 0)
        dse.register_cost(NAME, meaning="Something else.")(lambda operation: 1)
        stored(engine, space(name, grid))
        changed = {r["key"]: r[NAME] for r in ask(engine)}
        assert changed == {p.key: p.costs[NAME] for p in space(name, grid).points()}
        assert changed != {r["key"]: r[NAME] for r in rows}
        dse.register_cost(NAME, unit="bytes", meaning="Something else.")(lambda operation: 1)
        with pytest.raises(DseError, match=r"knows it with the unit 'count', not 'bytes'"):
            stored(engine, space(name, {**grid}))
    finally:
        dse.unregister_cost(NAME)
        engine.dispose()


@pytest.mark.parametrize("name", ["macs", "batch", "key", "two words", "1st", "a-b", ""])
def test_a_name_that_is_taken_or_no_word_is_refused(name):
    with pytest.raises(DseError, match="name"):
        dse.register_cost(name, meaning="x")
    assert declared_costs() == ()


def test_every_declaration_says_what_it_is():
    for name, cost in COSTS.items():
        assert cost.name == name
        assert cost.meaning.endswith(".")
        assert (cost.value is not None) == (cost.composes == "sum" and not cost.is_given)
        assert bool(cost.terms) == (cost.composes == "derived")
        assert {COSTS[base].composes for base in base_terms(name)} <= {"sum", "peak", "step"}
        laws = {COSTS[base].composes for base in base_terms(name)}
        assert is_sum_over_blocks(name) == (laws == {"sum"})
    assert COSTS["peak_memory"].formula == "weight_memory + peak_activations"
    assert COSTS["flops"].formula == "2 * macs"


MODULE = """
import dse

@dse.register_cost("convolved", unit="bytes", meaning="Bytes that convolutions write.")
def convolved(operation):
    return operation.written if operation.name == "aten.convolution" else 0
"""


def test_commands_have_what_a_module_of_the_users_own_declares(tmp_path):
    (tmp_path / "costs_of_mine.py").write_text(MODULE)
    own = ("family=mobilenet_v2", "grid=none", "grid.width=[0.5,1.0]", "grid.resolution=[96]")
    bounded = ("allow=[costs_of_mine]", "budget.convolved=4MB", "keep=feasible")
    swept = process(tmp_path, "sweep", *own, *bounded, "--quiet")
    assert (swept.returncode, swept.stderr) == (0, "")
    assert "budget convolved <= 3.815MiB" in swept.stdout
    asked = run(tmp_path, "query", "convolved <= 4MB", "--columns", "width,convolved")
    assert re.search(r"0\.5\s+[\d.]+MiB", asked.stdout), asked
    assert "unknown cost 'convolved'" in refused(tmp_path, "sweep", *own, "budget.convolved=4MB")
    goal = ("objective=cost", "objective.cost=convolved", "objective.direction=minimize")
    found = run(tmp_path, "search", *own, "allow=[costs_of_mine]", *goal, "best=1")
    assert "which is optimal" in found.stdout, found


def test_processes_that_evaluate_know_what_is_declared_here(clamped, tmp_path):
    content = {"width": [0.5, 1.0], "resolution": [64]}
    project = dse.open(tmp_path / "dse.db")
    study = project.search(
        dse.design_space("mobilenet_v2", content),
        objective={"_target_": "dse.search.objectives.cost", "cost": f"{clamped} / params"},
        trials=2,
        workers=2,
        exact=False,
    )
    assert study.trials["outcome"].to_list() == ["done", "done"]


def brute(space, text):
    """Count by each point's own numbers."""
    budget = read_budget({"where": text})
    keys = {point.key for point in space.points() if budget.admits(point.costs)}
    return len(keys)


@pytest.mark.parametrize(
    "budget",
    [
        "signed <= -3",
        "signed >= -10",
        "signed <= 0",
        "-12 <= signed <= -6",
        "macs + 100 * signed <= 700",
        "signed <= -3 or macs < 500",
        "signed >= 0",
    ],
)
def test_a_cost_may_be_negative(budget):
    dse.register_cost("signed", meaning="Three a product, less two an operation.")(
        lambda operation: 3 if operation.name == "aten.addmm" else -2
    )
    try:
        grid = {"width": [8, 16], "resolution": 8, "norm": ["none", "batch"], "depth": [1, 2, 3]}
        found = dse.design_space("mlp", grid)
        assert found.fits(budget).least == found.fits(budget).most == brute(found.design, budget)
    finally:
        dse.unregister_cost("signed")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (lambda record: 0.5, "its function returns 0.5, no whole number"),
        (lambda record: None, "its function returns None, no whole number"),
        (lambda record: record.nothing, "its function fails: AttributeError"),
    ],
)
def test_a_function_that_tells_no_number_is_named(value, told):
    dse.register_cost("odd", meaning="None.")(value)
    try:
        with pytest.raises(DseError, match=f"cost 'odd': {re.escape(told)}"):
            dse.count(nn.Linear(2, 3), (1, 2))
    finally:
        dse.unregister_cost("odd")


def test_records_that_there_are_not_are_refused():
    with pytest.raises(DseError, match="over: unknown 'layer'; valid: cache, operation, output"):
        dse.register_cost("odd", meaning="None.", over="layer")
