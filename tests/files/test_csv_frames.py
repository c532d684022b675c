"""Types of columns are told by the first rows where all rows would tell the same."""

import polars
import pytest

from dse.files.csv_frames import HEAD, read_csv

FIRST = ["1", "2.5", "true", "text", ""]
LATER = [
    *("7", "-7", "007", "+7", " 7", "7 ", '"7"', "99999999999999999999", "-9223372036854775808"),
    *("1.5", "-.5", "3.", "1e5", "1E-5", "1.e5", "1e+5", "1e999", "inf", "infinity", "NaN", "nan"),
    *("False", "TRUE", "text", '"text"', "", "-", "é"),
]


@pytest.mark.parametrize("later", LATER)
@pytest.mark.parametrize("first", FIRST)
def test_a_later_row_may_change_the_type_of_a_column(first: str, later: str) -> None:
    rows = [f"{row},{first}" for row in range(2 * HEAD)]
    content = "\n".join(["row,value", *rows, f"-1,{later}", ""]).encode()
    whole = polars.read_csv(content, infer_schema_length=None)
    read = read_csv(content)
    assert read.schema == whole.schema
    assert read.equals(whole)


@pytest.mark.parametrize("sign", [";", "\t"])
def test_columns_may_be_separated_by_other_signs(sign: str) -> None:
    read = read_csv(sign.join(["width", "acc\n16", "90.5\n32", "91\n"]).encode())
    assert read.to_dict(as_series=False) == {"width": [16, 32], "acc": [90.5, 91.0]}
    commas = read_csv(f"one,of{sign}two\n1,2\n".encode())
    assert commas.columns == ["one", f"of{sign}two"]


@pytest.mark.parametrize("end", ["\n", "", "\r\n"])
def test_a_row_that_ends_early_is_told_and_an_empty_cell_is_none(end: str) -> None:
    assert read_csv(f"a,b\n1,2\n\n3,{end}".encode())["b"].to_list() == [2, None, None]
    assert read_csv(f'a,b\n"x,y",2\n3,{end}'.encode())["b"].to_list() == [2, None]
    assert read_csv(f"a\n1\n2{end}".encode())["a"].to_list() == [1, 2]
    for row in ("3", '"x,y"'):
        with pytest.raises(ValueError, match="row 2 has 1 of 2 values"):
            read_csv(f"a,b\n1,2\n{row}{end}".encode())


def test_texts_are_as_they_are_written() -> None:
    content = b"op,acc\n01,1\n10,2\n"
    assert read_csv(content, ["op"]).to_dict(as_series=False) == {"op": ["01", "10"], "acc": [1, 2]}
    later = "\n".join(["op,acc", *["01,1"] * 2 * HEAD, "10,text"]).encode()
    assert read_csv(later, ["op"])["op"].unique().sort().to_list() == ["01", "10"]


def test_what_the_last_of_the_first_rows_holds_tells_a_type() -> None:
    for row in range(HEAD - 3, HEAD + 3):
        cells = ["", *[""] * (2 * HEAD)]
        cells[row] = "1"
        content = "\n".join(["row,value", *(f"0,{cell}" for cell in cells), ""]).encode()
        assert read_csv(content).schema["value"] == polars.Int64
