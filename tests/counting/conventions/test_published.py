"""Oracle: figures that others printed with these counters, to the last digit."""

import csv

import pytest
from torchvision.models import get_model

from dse.counting import build_without_weights, trace
from dse.counting.conventions import read_convention

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


PYCLS = {
    "R-50-1x64d": "resnet50",
    "R-101-1x64d": "resnet101",
    "R-152-1x64d": "resnet152",
    "X-50-32x4d": "resnext50_32x4d",
    "EN-B0": "efficientnet_b0",
    "EN-B1": "efficientnet_b1",
    "EN-B2": "efficientnet_b2",
    "EN-B3": "efficientnet_b3",
    "EN-B4": "efficientnet_b4",
    "EN-B5": "efficientnet_b5",
    "RegNetX-32GF": "regnet_x_32gf",
}
"""Networks of pycls that torchvision has just so."""


@pytest.mark.parametrize(("published", "name"), PYCLS.items())
def test_pycls_on_its_model_zoo(published, name, reference_data):
    with open(reference_data / "pycls_complexity.csv", newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["model"] == published)
    resolution = int(row["input"])
    model = build_without_weights(lambda: get_model(name, weights=None))
    totals = read_convention(trace(model, (1, 3, resolution, resolution)), "pycls").totals
    assert totals == {name: int(row[name]) for name in ("flops", "params", "acts")}
