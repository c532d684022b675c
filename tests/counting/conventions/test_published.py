"""Oracle: figures that others printed with these counters, to the last digit."""

import csv

from torchvision.models import get_model

from dse.counting import build_without_weights, trace
from dse.counting.conventions import read_convention
from dse.space import build_network
from tests.space.shipped import family

RESNET = build_without_weights(lambda: get_model("resnet18", weights=None))


def test_thop_on_resnet18():
    reading = read_convention(trace(RESNET, (1, 3, 128, 128)), "thop")
    assert reading.totals == {"macs": 595_948_032, "params": 11_689_512}
    assert reading.closing == ("macs: 595,948,032", "params: 11,689,512")


def test_torchstat_on_resnet18():
    reading = read_convention(trace(RESNET, (1, 3, 224, 224)), "torchstat")
    totals = {name: total for name, total in reading.totals.items() if name != "memory(MB)"}
    assert totals == {
        "params": 11_689_512,
        "MAdd": 3_638_757_912,
        "Flops": 1_821_399_040,
        "MemRead(B)": 74_858_656,
        "MemWrite(B)": 26_898_336,
        "MemR+W(B)": 101_756_992,
    }
    assert reading.closing == (
        "Total params: 11,689,512",
        "Total memory: 25.65MB",
        "Total MAdd: 3.64GMAdd",
        "Total Flops: 1.82GFlops",
        "Total MemR+W: 97.04MB",
    )
    shown = [
        column.show(value) if column.show else f"{value:,}"
        for column in reading.columns
        if (value := reading.rows[0].values[column.name]) is not None
    ]
    assert shown == [
        "conv1", "  3 224 224", " 64 112 112", "9,408", "3.06", "235,225,088", "118,013,952",
        "639,744", "3,211,264", "3,851,008",
    ]  # fmt: skip


def test_torchstat_totals_show_the_last_memory_traffic():
    reading = read_convention(trace(RESNET, (1, 3, 224, 224)), "torchstat")
    last, total = reading.rows[-1].values, reading.total_row.values
    for column in ("MemRead(B)", "MemWrite(B)"):
        assert total[column] == last[column]
    assert total["MemR+W(B)"] == sum(row.values["MemR+W(B)"] for row in reading.rows)


def test_torchsummary_on_resnet18():
    reading = read_convention(trace(RESNET, (8, 3, 224, 224)), "torchsummary")
    first = reading.rows[0].values
    assert tuple(first.values()) == ("Conv2d-1", (8, 64, 112, 112), 9408)
    assert reading.closing == (
        "Total params: 11,689,512",
        "Trainable params: 11,689,512",
        "Non-trainable params: 0",
        "Input size (MB): 4.59",
        "Forward/backward pass size (MB): 502.34",
        "Params size (MB): 44.59",
        "Estimated Total Size (MB): 551.53",
    )


def test_torchinfo_on_resnet18():
    reading = read_convention(trace(RESNET, (8, 3, 224, 224)), "torchinfo")
    assert reading.closing[3:] == (
        "Total mult-adds (G): 14.51",
        "Input size (MB): 4.82",
        "Forward/backward pass size (MB): 317.98",
        "Params size (MB): 46.76",
        "Estimated Total Size (MB): 369.55",
    )


def test_parameters_of_resnet18():
    reading = read_convention(trace(RESNET, (1, 3, 224, 224)), "parameters")
    assert tuple(reading.rows[0].values.values()) == ("conv1.weight", (64, 3, 7, 7), 9408)
    assert len(reading.rows) == 62
    assert reading.closing == ("Total: 11,689,512",)


RESNETS = {
    "R-50-1x64d": {},
    "R-101-1x64d": {"depth_3": 23},
    "R-152-1x64d": {"depth_2": 8, "depth_3": 36},
    "X-50-32x4d": {"groups": 32, "group_width": 4},
    "X-101-32x4d": {"groups": 32, "group_width": 4, "depth_3": 23},
    "X-152-32x4d": {"groups": 32, "group_width": 4, "depth_2": 8, "depth_3": 36},
}
"""Settings of the family `resnet` for the networks of pycls's model zoo."""


def network_of(row):
    """Return the network of a row of pycls's model zoo, and the family it is built from."""
    if row["model"] in RESNETS:
        page, chosen = family("resnet"), RESNETS[row["model"]]
    elif row["model"].startswith("EN-"):
        page = family("efficientnet").variant(f"efficientnet_{row['model'][3:].lower()}")
        chosen = {}
    else:
        page, chosen = family("regnet"), {"rounding": "pycls"}
        chosen |= {name: float(row[name]) for name in ("depth", "w0", "wa", "wm", "group_width")}
    candidate = page.resolve(page.settings_of(chosen | {"resolution": int(row["input"])}))
    return build_without_weights(lambda: build_network(candidate))


def test_pycls_on_its_model_zoo(reference_data):
    with (reference_data / "published" / "pycls_complexity.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 24
    for row in rows:
        resolution = int(row["input"])
        traced = trace(network_of(row), (1, 3, resolution, resolution))
        expected = {name: int(row[name]) for name in ("flops", "params", "acts")}
        assert read_convention(traced, "pycls").totals == expected, row["model"]
