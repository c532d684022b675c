"""Products with sparse matrices cost what is stored of them; nested tensors are told in a line."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

import dse
from dse.counting import NeedsData
from dse.counting.tensors.tensor_holders import held_tensors
from dse.errors import DseError, RanOnData
from tests.counting.models import Calls

EDGES = torch.tensor([[0, 0, 1, 2, 3], [1, 2, 0, 0, 2]])
LAYOUTS = {
    "coo": lambda dense: dense.to_sparse_coo(),
    "csr": lambda dense: dense.to_sparse_csr(),
    "csc": lambda dense: dense.to_sparse_csc(),
}


def adjacency(layout):
    dense = torch.zeros(4, 4)
    dense[EDGES[0], EDGES[1]] = 1.0
    return LAYOUTS[layout](dense)


class GraphLayer(nn.Module):
    """Features go through a linear layer and are summed over the neighbours."""

    def __init__(self, held=None):
        super().__init__()
        self.linear = nn.Linear(6, 3)
        self.register_buffer("held", held)

    def forward(self, features, given=None):
        return (given if self.held is None else self.held) @ self.linear(features)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
def test_a_graph_layer_multiplies_the_edges_alone(layout, real):
    macs = 4 * 6 * 3 + EDGES.shape[1] * 3
    edges = adjacency(layout)
    given = dse.count(GraphLayer(), [torch.ones(4, 6), edges], real=real, strict=True)
    held = dse.count(GraphLayer(edges), torch.ones(4, 6), real=real, strict=True)
    assert given.macs == held.macs == macs


@pytest.mark.parametrize(("layout", "indices"), [("coo", 2 * 5), ("csr", 5 + 5), ("csc", 5 + 5)])
def test_a_sparse_buffer_takes_its_values_and_indices(layout, indices):
    counted = dse.count(GraphLayer(adjacency(layout)), torch.ones(4, 6))
    assert counted.weight_memory == 4 * (6 * 3 + 3) + 4 * 5 + 8 * indices


HOLDERS = {
    "attribute": lambda edges: edges,
    "list": lambda edges: [edges],
    "dict": lambda edges: {"edges": edges},
    "object": lambda edges: SimpleNamespace(edges=edges),
    "parameter": lambda edges: nn.Parameter(edges, requires_grad=False),
}


class Holding(nn.Module):
    """A layer over a graph that it holds as no buffer."""

    def __init__(self, held, product):
        super().__init__()
        self.linear, self.held, self.product = nn.Linear(6, 3), held, product

    def forward(self, features):
        return self.product(next(held_tensors(self.held)), self.linear(features))


@pytest.mark.parametrize("real", [False, "auto", True], ids=str)
@pytest.mark.parametrize("product", [torch.matmul, torch.mm, torch.sparse.mm])
@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sparse_tensor_is_one_wherever_it_is_held(layout, holder, product, real):
    model = Holding(HOLDERS[holder](adjacency(layout)), product)
    counted = dse.count(model, torch.ones(4, 6), real=real, strict=True)
    assert counted.macs == 4 * 6 * 3 + EDGES.shape[1] * 3
    assert counted.train_memory > counted.weight_memory > 0


@pytest.mark.parametrize("holder", ["list", "dict", "object"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_sparse_tensor_is_one_wherever_it_is_given(layout, holder):
    model = Calls(lambda _, held, features: next(held_tensors(held)) @ features)
    given = HOLDERS[holder](adjacency(layout))
    counted = dse.count(model, [given, torch.ones(4, 6)], real=False, strict=True)
    assert counted.macs == EDGES.shape[1] * 6


@pytest.mark.parametrize("layout", ["coo", "csr"])
def test_a_product_of_two_sparse_matrices(layout):
    model = Calls(lambda _, left, right: torch.sparse.mm(left, right))
    edges = adjacency(layout)
    degrees = torch.bincount(EDGES[0], minlength=4)
    counted = dse.count(model, [edges, edges], real=True, strict=True)
    assert counted.macs == degrees[EDGES[1]].sum()


def made(_, features):
    return torch.sparse_coo_tensor(EDGES, torch.ones(5), (4, 4)) @ features


def test_a_sparse_tensor_made_on_the_way_needs_data():
    assert dse.count(Calls(made), torch.ones(4, 6), real=True, strict=True).macs == 5 * 6
    with pytest.warns(RanOnData, match="sparse tensors that it makes need data"):
        assert dse.count(Calls(made), torch.ones(4, 6)).macs == 5 * 6
    with pytest.raises(NeedsData, match="use real=True"):
        dse.count(Calls(made), torch.ones(4, 6), real=False)


@pytest.mark.parametrize("layout", [torch.strided, torch.jagged], ids=str)
@pytest.mark.parametrize("real", [False, True], ids=["meta", "real"])
def test_nested_tensors_are_told_in_one_line(layout, real):
    linear = nn.Linear(6, 3)
    model = Calls(
        lambda parts, x: parts[0](torch.nested.as_nested_tensor([x[0], x[1][:2]], layout=layout)),
        linear,
    )
    with pytest.raises(DseError, match="nested tensors are not counted"):
        dse.count(model, torch.ones(2, 4, 6), real=real)
