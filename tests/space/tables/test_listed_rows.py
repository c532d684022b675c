"""Rows of a table: what is worked out once for many of them, and which are equal."""

import random

from dse.space import (
    BlockTable,
    Budget,
    Dimension,
    Grid,
    ListedPoints,
    scan,
    space_of,
)
from dse.space.pages import coded
from dse.space.pages.coded_columns import distinct_points
from dse.space.tables.tabulating import tabulate
from tests.space.shipped import family


def test_a_function_is_evaluated_once_for_what_it_cannot_tell_apart():
    draw = random.Random(0)
    columns = {
        "width": coded(draw.choice([16, 32, 64]) for _ in range(5000)),
        "depth": coded(draw.choice([1, 2]) for _ in range(5000)),
        "classes": coded(range(5000)),
    }
    grid = Grid(family("mlp"), (Dimension("rows", ListedPoints(columns)),))
    calls = []

    def value(scope):
        width = scope["width"]
        calls.append(width if width == 16 else (width, scope["depth"]))
        return calls[-1]

    table = tabulate(grid, value)
    assert sorted(map(str, calls)) == ["(32, 1)", "(32, 2)", "(64, 1)", "(64, 2)", "16"]
    for row in range(0, 5000, 97):
        settings = grid.dimensions[0].choices[row]
        width, depth = settings["width"], settings["depth"]
        assert table.at(row) == (width if width == 16 else (width, depth))
        read = {"width"} if width == 16 else {"width", "depth"}
        assert table.reads[table.numbers[row]] == read


def test_values_of_other_types_are_told_apart_and_equal_points_are_one():
    column = coded([1, 1.0, True, 1, "1"])
    assert column.values == (1, 1.0, True, "1")
    assert [type(value) for value in column.values] == [int, float, bool, str]
    assert column.codes.tolist() == [0, 1, 2, 0, 3]
    assert distinct_points([column], 5).tolist() == [0, 4]


def test_more_rows_than_a_block_of_a_scan_are_one_block():
    size = 70_000
    points = ListedPoints({"width": coded(16 if row % 2 else 32 for row in range(size))})
    grid = Grid(family("mlp"), (Dimension("rows", points),))
    (scanned,) = scan(space_of(grid, BlockTable()).tables, Budget())
    assert len(scanned.indices) == size
