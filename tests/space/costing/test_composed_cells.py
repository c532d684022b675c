"""Cells of any shape are costed by their operations as they are when they are traced whole."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dse.costs.cost_conditions import Conditions
from dse.counting import TensorSpec, contiguous_strides, gradients_of, handed_on_as
from dse.errors import DseError
from dse.space import BlockTable, ResolvedBlock
from dse.space.blocks.cells.cell_graph import CellEdge, CellGraph, CellNode
from dse.space.blocks.cells.cell_settling import settled_text
from dse.space.costing import tracing
from dse.space.costing.block_costs import BlockInput, Invalid, StepInput

OPERATIONS = (
    *("separable_twice", "dilated_separable", "padded_max_pool", "padded_average_pool"),
    *("reducing_skip", "conv_norm_act", ""),
)
CHANNELS = 4
JOINS = st.sampled_from(["add", "concatenate"])
SIZES = st.tuples(st.sampled_from([3, 4]), st.sampled_from([6, 12]))


@st.composite
def cells(draw):
    """A cell, and what it is handed."""
    entering = draw(st.integers(1, 3))
    takes = draw(st.lists(st.integers(0, entering - 1), min_size=1, max_size=3))
    keeps = draw(st.lists(st.integers(0, entering - 1), max_size=2, unique=True))
    is_fitted = draw(st.booleans())
    fits = [CellNode((CellEdge(number, "cell_input"),)) for number in range(len(takes))]
    nodes = fits if is_fitted else []
    for _ in range(draw(st.integers(1, 4))):
        sources = st.integers(len(takes) if is_fitted else 0, len(takes) + len(nodes) - 1)
        edges = st.lists(st.tuples(sources, st.sampled_from(OPERATIONS)), min_size=1, max_size=3)
        nodes.append(CellNode(tuple(CellEdge(*each) for each in draw(edges)), draw(JOINS)))
    # What leaves joins values of any earlier nodes.
    sources = st.integers(0, len(takes) + len(nodes) - 1)
    joined = draw(st.lists(sources, min_size=2, max_size=4))
    nodes.append(CellNode(tuple(CellEdge(each, "") for each in joined), draw(JOINS)))
    graph = CellGraph(tuple(nodes), len(takes), is_fitted)
    text = settled_text(graph.text, CHANNELS, (("channels", CHANNELS),))
    assume(text is not None)
    told = {"channels": CHANNELS, "graph": text}
    if entering > 1 or keeps or takes != [0]:
        told |= {"takes": ",".join(map(str, takes)), "keeps": ",".join(map(str, keeps))}
    sizes = draw(st.lists(SIZES if is_fitted else st.just((4, 6)), min_size=entering, max_size=3))
    shapes = [(2, channels, size, size) for channels, size in sizes[:entering]]
    specs = [TensorSpec(shape, contiguous_strides(shape), "float32") for shape in shapes]
    needs = tuple(draw(st.lists(st.booleans(), min_size=entering, max_size=entering)))
    block = ResolvedBlock("cell", tuple(sorted(told.items())), True)
    return block, handed_on_as(specs), needs


def traced(trace, *arguments):
    try:
        return trace(*arguments)
    except DseError as error:
        return Invalid(str(error))


def is_same(composed, whole):
    """Whether both are equal, or both could not be built: the cell names the operation."""
    return composed == whole or (isinstance(composed, Invalid) and isinstance(whole, Invalid))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cells(), st.sampled_from(["sgd", "adamw"]), st.booleans())
def test_a_cell_is_the_fold_of_its_operations(cell, optimizer, is_taken):
    block, spec, needs = cell
    conditions = Conditions(batch=2, optimizer=optimizer)
    memo = BlockTable(conditions).cells
    costs = memo.costs(BlockInput(block, spec))
    whole = traced(tracing.trace_block, block, spec, conditions)
    assert costs is None or is_same(costs, whole)
    key = StepInput(block, spec, needs, None)
    if not is_taken and not isinstance(whole, Invalid):
        *kept, made = gradients_of(None, whole.output)
        key = key._replace(gradient=(*[None] * len(kept), made) if kept else None)
    step = memo.step(key)
    assert step is None or is_same(step, traced(tracing.trace_step, key, conditions))
