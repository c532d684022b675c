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
        ({"axes": ("op", "op")}, "--axes: names a column twice"),
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


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            "op,width,macs,acc\n1,8,10,0.5\n,8,10,0.5\n1,8,10,failed",
            "row 3: acc is 'failed', which",
        ),
        ("op,width,macs,acc\n1,8,10,0.5\n,8,10,0.5\n1,8,10,NaN", "row 3: acc is nan, not a finite"),
        ("op,width,macs,acc\n1,8,10,inf", "row 1: acc is inf, not a finite number"),
        ("op,width,macs,acc\n,8,1,1\n1,8,-4,0.5", "row 2: macs is -4, and a cost is 0 or more"),
        ("op,width,macs,acc\n1,8,4,1\n,8,1,1\n1,8,5,1", "row 3: macs is 5, and 4 in row 1, of the"),
        ("op,width,macs,acc\n1,8,4,1\n1,NaN,4,1", "row 2: width is NaN, which is no choice"),
        ("op,width,macs,acc\n1,8,4,1\n1,nan,4,1", "row 2: width is NaN, which is no choice"),
        ("op,width,macs,acc\n1,,4,1\n1,,4,1", "column 'width' holds nothing"),
        ("op,width,macs,acc\n1,8,4,1,7", "row 1 has 5 values, and there are 4 columns"),
        ("# of a run\nop,width,macs,acc\n1,8,4,1", "row 1 has 4 values, and there are 1 columns"),
        ("op,width,macs,acc\n1,8,4", "row 1 has 3 of 4 values"),
    ],
)
def test_what_is_wrong_is_told_by_its_row(tmp_path, rows, message):
    (tmp_path / "t.csv").write_text(f"{rows}\n")
    with pytest.raises(DseError, match=f"t.csv: {message}"):
        read_measured(tmp_path / "t.csv", COLUMNS)


def test_names_that_no_number_is_written_as_may_be_nan(tmp_path):
    (tmp_path / "t.csv").write_text("op,width,macs,acc\nnan,8,4,1\nzero,8,4,2\n")
    assert len(read_measured(tmp_path / "t.csv", COLUMNS)) == 2


@pytest.mark.parametrize(
    "encoded",
    [
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: text.replace("\n", "\r\n").encode(),
    ],
    ids=["UTF-16", "byte order mark", "CR", "CR LF"],
)
def test_a_text_is_read_however_it_is_written(tmp_path, encoded):
    (tmp_path / "t.csv").write_bytes(encoded("op,width,macs,größe\n1,8,4,1\n2,8,5,2\n"))
    table = read_measured(tmp_path / "t.csv", replace(COLUMNS, values=("größe",)))
    assert table.values.tolist() == [[1], [2]]


def test_what_is_no_text_is_told_by_its_row(tmp_path):
    for text, where in (("op,größe\n1,2\n", "the first line"), ("op\n1\nü\n", "row 2")):
        (tmp_path / "t.csv").write_bytes(text.encode("latin-1"))
        with pytest.raises(DseError, match=f"{where} is no text in UTF-8: byte 0xf"):
            read_measured(tmp_path / "t.csv", COLUMNS)


@pytest.mark.parametrize("words", [("1e5", "2e5", "1e6", "3e7"), ("007", "010"), ("0x1", "nan")])
def test_words_whose_characters_are_axes_are_as_they_are_written(tmp_path, words):
    rows = "".join(f"{word},{place}\n" for place, word in enumerate(words))
    (tmp_path / "t.csv").write_text(f"arch,acc\n{rows}")
    table = read_measured(tmp_path / "t.csv", TableColumns(("acc",), characters="arch"))
    spelled = ["".join(table.pool.parameters(place).values()) for place in range(len(table))]
    assert spelled == [*words]


def test_a_word_of_another_length_is_told_by_its_row(tmp_path):
    (tmp_path / "t.csv").write_text("arch,acc\nabc,1\nab,2\n")
    with pytest.raises(DseError, match="row 2: arch is 'ab', and others have 3 characters"):
        read_measured(tmp_path / "t.csv", TableColumns(("acc",), characters="arch"))
