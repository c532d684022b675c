"""A supernet is trained, judged, kept and inherited from."""

import math
import zipfile

import pytest
import torch
from torch import nn

import dse
from dse.search import load_images, one_input
from dse.space import CostedPoint
from dse.supernet import SupernetTraining, load_supernet, save_supernet, train_supernet
from dse.supernet.inheriting import finetuned, inherited
from dse.supernet.judged_candidates import JudgedCandidates
from tests.supernet.small_supernets import TINY, page_plan

GRID = {"width": [4, 8], "kernel": [3, 5]}
SHORT = SupernetTraining(epochs=6, batch=32, lr=0.2)


class _Killed(Exception):
    pass


def made(training=SHORT):
    planned = page_plan(TINY, GRID)
    from dataclasses import asdict

    return planned, planned.supernet(TINY, GRID, asdict(training), 0)


def same(one, other):
    return all(torch.equal(t, other.shared.tensors[n]) for n, t in one.shared.tensors.items())


def test_training_makes_all_candidates_better_than_chance():
    planned, supernet = made()
    told = []
    train_supernet(supernet, planned.candidates, SHORT, tell=lambda *news: told.append(news))
    assert [news[:2] for news in told] == [(epoch, 6) for epoch in range(1, 7)]
    assert [each["epoch"] for each in supernet.accuracies] == [*range(1, 7)]
    assert len(told[-1][2]) == 4
    assert min(told[-1][2].values()) > 20


@pytest.mark.parametrize("shrink", [0.0, 1.0])
def test_a_training_that_is_cut_short_goes_on_as_if_it_had_not_been(tmp_path, shrink):
    training = SupernetTraining(epochs=3, limit=128, batch=32, shrink=shrink)
    planned, whole = made(training)
    train_supernet(whole, planned.candidates, training)
    checkpoint = tmp_path / "state"

    def kill(done, total, accuracies):
        if done == 2:
            raise _Killed

    planned, half = made(training)
    with pytest.raises(_Killed):
        train_supernet(half, planned.candidates, training, checkpoint, tell=kill)
    planned, rest = made(training)
    train_supernet(rest, planned.candidates, training, checkpoint)
    assert same(whole, rest)
    assert not same(whole, half)
    assert whole.accuracies == rest.accuracies
    other = SupernetTraining(epochs=4, limit=128, batch=32, shrink=shrink)
    with pytest.raises(dse.DseError, match="it is of a training with other settings"):
        train_supernet(made()[1], planned.candidates, other, checkpoint)


def test_norms_are_estimated_by_batches_and_nothing_shared_changes():
    planned, supernet = made()
    point = planned.candidates.points[-1]
    network, given = supernet.network(point), one_input(point, "test")
    before = {name: tensor.clone() for name, tensor in supernet.shared.tensors.items()}
    judged = JudgedCandidates(SupernetTraining(batch=64, batches=1), "cpu")
    judged.settle(network, given)
    images = load_images("digits", given.shape)
    order = torch.randperm(len(images.train_labels), generator=torch.Generator().manual_seed(0))
    entering = network.standing_alone()[0][0](images.train[order[:64]])
    norm = network.module[0][1]
    assert isinstance(norm, nn.BatchNorm2d)
    torch.testing.assert_close(norm.running_mean, entering.mean(dim=(0, 2, 3)).detach())
    torch.testing.assert_close(norm.running_var, entering.var(dim=(0, 2, 3)).detach())
    assert norm.momentum == 0.1
    assert not network.module.training
    for name, tensor in before.items():
        assert torch.equal(tensor, supernet.shared.tensors[name])


def test_a_file_holds_all_that_candidates_inherit(tmp_path):
    planned, supernet = made()
    train_supernet(supernet, planned.candidates, SHORT)
    path = tmp_path / "supernet.pt"
    save_supernet(supernet, path)
    again = load_supernet(path)
    assert same(supernet, again)
    assert again.accuracies == supernet.accuracies
    told = supernet.accuracies[-1]
    for point in planned.candidates.points:
        assert inherited(point, "cpu", path) == told[str(point.key)]
    smallest = planned.candidates.points[-1]
    steps = []
    after = finetuned(smallest, "cpu", 0, lambda *step: steps.append(step), path, limit=256)
    assert [step for step, _ in steps] == [1, 2]
    assert after == steps[-1][1]
    assert same(load_supernet(path), supernet), "the supernet stays as it was"


def test_what_is_no_supernet_is_told(tmp_path):
    point = page_plan(TINY, GRID).candidates.largest
    with pytest.raises(dse.DseError, match="there is no such file; dse supernet writes one"):
        inherited(point, "cpu", tmp_path / "none.pt")
    (tmp_path / "text.pt").write_text("text")
    with pytest.raises(dse.DseError, match=r"text\.pt: it "):
        load_supernet(tmp_path / "text.pt")
    torch.save({"weight": torch.zeros(2)}, tmp_path / "other.pt")
    with pytest.raises(dse.DseError, match="it is no file of dse supernet"):
        load_supernet(tmp_path / "other.pt")
    torch.save({"call": print}, tmp_path / "code.pt")
    with pytest.raises(dse.DseError, match="it holds more than tensors and plain values"):
        load_supernet(tmp_path / "code.pt")


def test_what_is_damaged_is_told(tmp_path):
    _, supernet = made()
    file = tmp_path / "whole.pt"
    save_supernet(supernet, file)
    whole = file.read_bytes()

    def refused(content, match):
        (tmp_path / "bad.pt").write_bytes(content)
        with pytest.raises(dse.DseError, match=rf"bad\.pt: {match}"):
            load_supernet(tmp_path / "bad.pt")

    for content in (b"", b"text of no file", whole[: len(whole) // 2]):
        refused(content, "it is no file of tensors, or was cut short")
    part = max(zipfile.ZipFile(file).infolist(), key=lambda each: each.file_size)
    place = part.header_offset + len(part.filename) + part.file_size // 2
    changed = bytearray(whole)
    changed[place] ^= 255
    refused(bytes(changed), "it is damaged: .* is not as it was written")
    content = torch.load(file, weights_only=True)
    name = next(iter(content["tensors"]))
    wrong = [
        *({key: v for key, v in content.items() if key != left} for left in ("plan", "axes")),
        {**content, "plan": "none"},
        {**content, "plan": {"1.1.1.linear": [["id"]]}},
        {**content, "tensors": {}},
        {**content, "tensors": content["tensors"] | {name: 1}},
        {**content, "tensors": content["tensors"] | {name: torch.zeros(1)}},
    ]
    for each in wrong:
        torch.save(each, tmp_path / "wrong.pt")
        refused((tmp_path / "wrong.pt").read_bytes(), "it is damaged: ")


def test_a_state_of_other_images_or_without_its_parts_is_refused(tmp_path):
    state = tmp_path / "state"

    def kill(done, total, accuracies):
        raise _Killed

    for changed, message in (
        ({"order": None}, "state: it is damaged: it has no order"),
        ({"images": "other"}, "digits: these are other images than it was begun with"),
    ):
        planned, supernet = made()
        with pytest.raises(_Killed):
            train_supernet(supernet, planned.candidates, SHORT, state, tell=kill)
        torch.save(torch.load(state, weights_only=True) | changed, state)
        with pytest.raises(dse.DseError, match=message):
            train_supernet(made()[1], planned.candidates, SHORT, state)
        state.unlink()


def test_another_family_or_page_is_refused(tmp_path):
    planned, supernet = made()
    candidate = planned.candidates.largest.candidate
    from dataclasses import replace

    for other, message in (
        (replace(candidate, family="else"), "is of own, not of else"),
        (replace(candidate, input_shape=(3, 8, 8)), "the page of own has changed"),
    ):
        with pytest.raises(dse.DseError, match=message):
            supernet.network(CostedPoint({}, 0, other, planned.candidates.largest.costs))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "supernet.epochs: 0 is below 1"),
        ({"batch": 1}, "supernet.batch: 1 is below 2"),
        ({"shrink": 1.5}, "supernet.shrink: 1.5 is above 1"),
        ({"lr": 0.0}, "supernet.lr: 0 is not positive"),
        ({"lr": math.nan}, "supernet.lr: nan is no finite number"),
        ({"momentum": -1.0}, "supernet.momentum: -1 is below 0"),
        ({"momentum": 2.0}, "supernet.momentum: 2 is above 1"),
        ({"weight_decay": -1.0}, "supernet.weight_decay: -1 is below 0"),
        ({"seed": -1}, "supernet.seed: -1 is below 0"),
        ({"epochs": "3"}, "supernet.epochs: '3' is no whole number"),
        ({"epochs": 1.5}, "supernet.epochs: 1.5 is no whole number"),
        ({"batch": None}, "supernet.batch: None is no whole number"),
    ],
)
def test_a_training_that_cannot_be(options, message):
    with pytest.raises(dse.DseError, match=message):
        SupernetTraining(**options).check()
