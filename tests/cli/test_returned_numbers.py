"""What a function of one's own may return, and what is said of anything else."""

import json

import pytest

from tests.cli.command import dse, refused

SPACE = ("family=mlp", "grid=none", "grid.width=[8]", "grid.resolution=[8]")

NUMBERS = {
    "2": 2.0,
    "True": 1.0,
    "__import__('numpy').float32(1.5)": 1.5,
    "__import__('torch').tensor([2.5])": 2.5,
    "{'returns': 3, 'energy': 4}": 3.0,
}

OTHERS = {
    "None": "the objective returned None, which is no number",
    "(1, 2)": "the objective returned tuple, which is no number",
    "'good'": "the objective returned 'good', which is no number",
    "object()": "the objective returned object, which is no number",
    "__import__('torch').ones(2)": "the objective returned Tensor, which is no number",
    "{'returns': 1, 'loss': None}": "the objective returned None for 'loss', which is no number",
    "{'loss': 1}": "the objective returned no 'returns'; valid: loss",
    "{'returns': 1, 'macs': 2}": "'macs' is a column of every candidate; give the measurement",
    "{'returns': 1, 'width': 2}": "'width' is an axis of the family; give the measurement another",
}


def search(run, directory, returned, name="returns"):
    module = f"{name}_" + "".join(each for each in returned if each.isalnum())
    (directory / f"{module}.py").write_text(f"def {name}(candidate):\n    return {returned}\n")
    return run(directory, "search", *SPACE, f"objective={module}.{name}", f"allow=[{module}]")


@pytest.mark.parametrize(("returned", "value"), NUMBERS.items(), ids=list(NUMBERS))
def test_any_number_is_taken(tmp_path, monkeypatch, returned, value):
    monkeypatch.syspath_prepend(tmp_path)
    search(dse, tmp_path, returned)
    (row,) = json.loads(dse(tmp_path, "query", "--format", "json").stdout)
    assert row["returns"] == value


@pytest.mark.parametrize(("returned", "told"), OTHERS.items(), ids=list(OTHERS))
def test_anything_else_is_told_and_not_tried_again(tmp_path, monkeypatch, returned, told):
    monkeypatch.syspath_prepend(tmp_path)
    line = search(refused, tmp_path, returned)
    assert line.startswith(f"error: all evaluations failed; the first: {told}")
    assert "attempts" not in line


@pytest.mark.parametrize("name", ["width", "dropout"])
def test_a_measurement_has_not_the_name_of_an_axis(tmp_path, monkeypatch, name):
    monkeypatch.syspath_prepend(tmp_path)
    line = search(refused, tmp_path, "1.0", name=name)
    assert f"objective: '{name}' is an axis of the family; give the measurement another" in line


def test_a_measurement_has_not_the_name_of_a_setting_of_training(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "varying.py").write_text("def lr(candidate, lr=0.1):\n    return lr\n")
    line = refused(
        *(tmp_path, "search", *SPACE, "objective=varying.lr", "allow=[varying]"),
        "grid.lr={of: training, values: [0.1, 0.2]}",
    )
    assert "objective: 'lr' is an axis of the family" in line
