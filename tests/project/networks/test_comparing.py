"""Two stored candidates side by side, in every cost that they have."""

import dse


def test_every_cost_that_both_have_has_a_ratio(tmp_path):
    """Also those that a device or a runtime gives blocks."""
    grid = {"resolution": 8, "width": [16, 64]}
    project = dse.open(tmp_path / "store.db")
    project.sweep(dse.design_space("mlp", grid, device="stm32f746"))
    found = project.diff(1, 2, layers=False)
    costs = {row["name"]: row for row in found.rows if row["of"] == "costs"}
    assert {"macs", "latency", "sram", "flash"} < costs.keys()
    for row in costs.values():
        assert row["ratio"] == round(row["second"] / row["first"], 4)
