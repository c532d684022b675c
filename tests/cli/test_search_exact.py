"""Exact answers as the command prints them: fronts in part and whole, steps, goals in short."""

import csv
import io

from tests.cli.command import dse, query, refused

MACRO = ("family=nas_bench_macro", "grid.op=[identity,mb3_k3,mb6_k5]")
FRONT = ("minimize=[macs,memory_read]", "maximize=params")


def test_a_long_front_is_shown_in_part_and_printed_whole(tmp_path):
    printed = dse(tmp_path, "search", *MACRO, *FRONT, "trials=2").stdout
    whole = list(
        csv.DictReader(
            io.StringIO(dse(tmp_path, "search", *MACRO, *FRONT, "trials=2", "format=csv").stdout)
        )
    )
    number = len(whole)
    assert number > 40
    assert f"exact front of {number:,} networks in macs (minimize), memory_read" in printed
    assert f"40 of {number:,} shown, evenly spaced; format=csv prints all" in printed
    assert len(query(tmp_path)) == number
    assert all(row["memory_read"].isdecimal() for row in whole)


def test_steps_are_a_row_a_bound(tmp_path):
    words = ("search", *MACRO, "maximize=params", "steps.macs=[5M,45M,3]")
    printed = dse(tmp_path, *words).stdout
    assert "within each bound, each optimal: proven over the whole space:" in printed
    rows = list(csv.DictReader(io.StringIO(dse(tmp_path, *words, "format=csv").stdout)))
    assert [(row["max(macs)"], row["found"]) for row in rows] == [
        ("5000000", "none"),
        ("25000000", "proven"),
        ("45000000", "proven"),
    ]
    line = refused(tmp_path, "search", *MACRO, "minimize=macs", "objective=params")
    assert "minimize: is an objective itself; leave objective out" in line
