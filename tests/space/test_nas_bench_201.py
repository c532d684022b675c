"""NAS-Bench-201 and the size space of NATS-Bench: published figures, and networks by hand."""

import csv
import itertools
import random

import pytest
import torch
from torch import nn

from dse.costs.cost_conditions import Conditions
from dse.counting import build_without_weights, costs_under
from dse.space import BlockTable, build_network
from tests.space.cells_of_nas_bench_201 import (
    COLUMNS,
    OPERATIONS,
    form_of,
    formula_of,
    plain_network,
)
from tests.space.shipped import default_grid, family

TABLE = BlockTable()


def resolved(arch, **chosen):
    page = family("nas_bench_201")
    return page.resolve(page.settings_of({**dict(zip(COLUMNS, arch, strict=True)), **chosen}))


def test_cells_cost_what_was_published(reference_data):
    rows = list(csv.DictReader((reference_data / "published" / "nas_bench_201.csv").open()))
    assert len(rows) == 2
    for row in rows:
        operation = row["cell"].removeprefix("all six edges ")
        costs = TABLE.cost(resolved([operation] * 6))
        assert (costs.params, costs.macs) == (int(row["params"]), int(row["macs"]))


def test_the_grid_has_every_cell_of_the_benchmark_and_its_own_rule_is_another_one():
    grid = default_grid("nas_bench_201")
    assert grid.size == 15_625
    cells = list(itertools.product(OPERATIONS, repeat=6))
    assert len({formula_of(arch) for arch in cells}) == 6_466
    assert len({form_of(arch) for arch in cells}) == 6_985


def test_cells_that_build_the_same_network_have_one_key_and_no_others():
    some = ("none", "skip_connect", "nor_conv_3x3")
    cells = list(itertools.product(some, repeat=6))
    key_of = {arch: resolved(arch).key for arch in cells}
    found = {(key_of[arch], form_of(arch)) for arch in cells}
    assert len(found) == len({key for key, _ in found}) == len({form for _, form in found})


def test_one_operation_used_twice_is_another_network_than_two():
    shared = ("nor_conv_3x3", "none", "skip_connect", "none", "skip_connect", "skip_connect")
    two = ("nor_conv_3x3", "nor_conv_3x3", "none", "none", "skip_connect", "skip_connect")
    bare = [formula_of(arch).replace("+#", "").replace("#+", "") for arch in (shared, two)]
    assert bare == ["(0)@nor_conv_3x3+(0)@nor_conv_3x3"] * 2
    first, second = (TABLE.cost(resolved(arch)) for arch in (shared, two))
    assert resolved(shared).key != resolved(two).key
    assert second.params - first.params == 5 * sum(9 * c * c + 2 * c for c in (16, 32, 64))


def is_whole(arch):
    """Whether something enters every node, and every operation is part of what leaves."""
    entered = all(set(arch[begin:end]) != {"none"} for begin, end in ((0, 1), (1, 3), (3, 6)))
    operations = [name for name in arch if name not in ("none", "skip_connect")]
    return entered and all(form_of(arch).count(name) == arch.count(name) for name in operations)


def random_cells(number, seed):
    draw = random.Random(seed)
    cells = (tuple(draw.choices(OPERATIONS, k=6)) for _ in itertools.count())
    return list(itertools.islice(filter(is_whole, cells), number))


def weighted(network, seed):
    """Give layers that are alike in all, within each child of a network, the same random weights.

    The order of operations in a cell is another one by hand, and these are all that may change
    places.
    """
    for position, child in enumerate(network):
        layers = [each for each in child.modules() if isinstance(each, (nn.Conv2d, nn.BatchNorm2d))]
        convs = [each for each in layers if isinstance(each, nn.Conv2d)]
        for conv in convs:
            rows = torch.Generator().manual_seed(hash((seed, position, *conv.weight.shape)))
            conv.weight.data = torch.randn(conv.weight.shape, generator=rows).mul(0.2)
        for norm in (each for each in layers if isinstance(each, nn.BatchNorm2d)):
            rows = torch.Generator().manual_seed(seed + position)
            norm.weight.data = torch.rand(norm.weight.shape, generator=rows).add(0.5)
            norm.bias.data = torch.randn(norm.bias.shape, generator=rows)
    return network.double()


@pytest.mark.parametrize("arch", random_cells(3, seed=201))
@pytest.mark.parametrize("training", [True, False])
def test_a_network_computes_what_a_plain_module_computes(arch, training):
    ours = build_network(resolved(arch, depth=2)).train(training)
    stem, norm, *inner = plain_network(arch, 2)
    bn, act, *head = inner[-5:]
    theirs = nn.Sequential(
        nn.Sequential(stem, norm), *inner[:-5], nn.Sequential(bn, act), nn.Sequential(*head)
    ).train(training)
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0)).double()
    theirs[-1][-1].load_state_dict(ours[-1][-1].state_dict())
    ours, theirs = weighted(ours, 5), weighted(theirs, 5)
    found, expected = ours(images), theirs(images)
    assert expected.std() > 0
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("arch", random_cells(3, seed=3))
def test_operators_and_weights_are_those_of_a_plain_module(arch):
    network = build_without_weights(lambda: plain_network(arch, 5))
    whole = costs_under(network, (1, 3, 32, 32), Conditions())
    costs = TABLE.cost(resolved(arch))
    assert (costs.params, costs.macs) == (whole.params, whole.macs)
    assert costs.activations == whole.activations


def test_what_makes_no_difference_is_not_there():
    lost = ("nor_conv_3x3", "nor_conv_1x1", "none", "skip_connect", "none", "none")
    assert len(resolved(lost).blocks) == len(resolved(["skip_connect", *["none"] * 5]).blocks) - 15
    nothing = resolved(["none"] * 6)
    assert len(nothing.blocks) == 15 + 5
    assert build_network(nothing)(torch.randn(2, 3, 32, 32)).std(0).max() == 0


def test_a_size_network_with_the_channels_of_the_topology_space_is_one_of_its_networks():
    page = family("nats_size")
    doubled = {f"channels_{i}": c for i, c in enumerate((16, 32, 32, 64, 64), start=1)}
    arch = (*["nor_conv_3x3"] * 3, "skip_connect", *["nor_conv_3x3"] * 2)
    same = resolved(arch, depth=1)
    assert page.resolve(page.settings_of(doubled)).key == same.key


def test_a_size_cell_that_changes_the_channels_projects_its_input():
    page, table = family("nats_size"), BlockTable()
    chosen = {f"channels_{i}": 8 for i in range(1, 6)}
    wider = {**chosen, "channels_3": 16}
    base, found = (table.cost(page.resolve(page.settings_of(each))) for each in (chosen, wider))
    conv = lambda a, b: 9 * a * b + 2 * b  # noqa: E731
    cell = [3 * conv(8, 16) - conv(8, 16) + 3 * conv(16, 16) + 8 * 16 + 2 * 16, 5 * conv(8, 8)]
    reduction = [conv(16, 8) + 16 * 8, conv(8, 8) + 8 * 8]
    assert default_grid("nats_size").size == 8**5
    assert found.params - base.params == cell[0] - cell[1] + reduction[0] - reduction[1]
