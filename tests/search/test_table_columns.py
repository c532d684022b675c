"""Which columns of a table are what: what goes together, and what does not."""

from dataclasses import replace

import pytest

from dse.errors import DseError
from dse.search import TableColumns, read_measured

COLUMNS = TableColumns(("acc",), ("macs",), ("op", "width"))


def test_a_value_that_is_a_cost_is_a_known_objective(tmp_path):
    (tmp_path / "t.csv").write_text("op,width,params,macs,acc\n1,8,5,10,0.5\n2,8,6,20,0.75\n")
    columns = TableColumns(
        ("acc", "macs"), ("params", "macs"), ("op", "width"), minimize=("macs",), unordered=("op",)
    )
    table = read_measured(tmp_path / "t.csv", columns)
    assert table.known == {1: "macs"}
    assert table.directions == ("maximize", "minimize")
    assert table.values.tolist() == [[0.5, 10], [0.75, 20]]
    assert table.gains.tolist() == [[0.5, -10], [0.75, -20]]
    assert table.pool.costs["macs"].tolist() == [10, 20]
    assert table.pool.ordered == {"op": False}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"values": ()}, "--value: names nothing"),
        ({"values": ("macs",)}, "--value macs: a cost or an axis, and known beforehand"),
        ({"values": ("acc", "width")}, "--value width: a cost or an axis"),
        ({"values": ("macs", "acc", "acc")}, "--value: names a column twice"),
        ({"costs": ("macs", "macs")}, "--costs: names a column twice"),
        ({"values": ("macs", "params"), "costs": ("macs", "params")}, "there is nothing to find"),
        ({"characters": "arch"}, "--characters: stands in place of --axes"),
        ({"minimize": ("ac",)}, "--minimize: unknown column 'ac'; did you mean 'acc'"),
        ({"unordered": ("o",)}, r"--unordered: unknown column 'o'; .*op"),
        ({"axes": (), "characters": "arch", "unordered": ("op",)}, "--unordered: goes with --axes"),
        ({"values": ("acc", "macs"), "score": "test"}, "--score: goes with one --value"),
        ({"score": "macs"}, "--score macs: a cost or an axis"),
    ],
)
def test_columns_that_do_not_go_together_are_refused(changed, message):
    with pytest.raises(DseError, match=message):
        replace(COLUMNS, **changed).check()
