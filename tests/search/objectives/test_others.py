"""Costs, latency, tables and training as objectives."""

import json
import statistics
import time
from dataclasses import replace

import pytest
import torch
from torch import nn

from dse.errors import DseError
from dse.search.objectives import Pruned, latency, macs, params, table, train
from dse.search.objectives.images import load_images
from dse.space import BlockTable, CostedPoint, build_network
from tests.search.objectives.networks import point, small_mlp
from tests.space.shipped import family


def never(step, value):
    return False


def test_params_and_macs_are_the_costs():
    candidate = small_mlp()
    network = build_network(candidate)
    assert params(point(candidate)) == sum(p.numel() for p in network.parameters())
    assert macs(point(candidate)) == sum(
        layer.weight.numel() for layer in network.modules() if isinstance(layer, nn.Linear)
    )


def test_latency_is_the_median_of_the_passes_after_the_warm_up():
    class Sleeper(nn.Module):
        pauses = (50, 2, 4, 6, 8, 10)

        def __init__(self):
            super().__init__()
            self.calls = 0

        def forward(self, images):
            time.sleep(self.pauses[self.calls] / 1000)
            self.calls += 1
            return images

    found = latency(point(small_mlp()), Sleeper(), "cpu", warmup=1, repeats=5)
    assert found["latency_ms"] >= statistics.median(Sleeper.pauses[1:])
    assert found["latency_spread"] > 0
    assert set(found) == {"latency_ms", "latency_spread"}


def test_digits_train_to_a_high_accuracy_and_the_seed_decides_everything():
    page = family("mlp")
    candidate = page.resolve(page.settings_of({"resolution": 8, "width": 64}))
    scores = []
    for _ in range(2):
        torch.manual_seed(0)
        network = build_network(candidate)
        scores.append(train(point(candidate), network, "cpu", 0, never, epochs=4, lr=0.1))
    assert scores[0] == scores[1] > 90


def test_a_pruner_ends_a_training_after_an_epoch():
    candidate = small_mlp()
    seen = []

    def second(step, value):
        seen.append(step)
        return step == 2

    with pytest.raises(Pruned, match="after epoch 2 of 5"):
        train(point(candidate), build_network(candidate), "cpu", 0, second, limit=128)
    assert seen == [1, 2]


def test_images_are_resized_to_the_input_and_standardised():
    images = load_images("digits", (3, 12, 12))
    assert images.train.shape[1:] == images.validation.shape[1:] == (3, 12, 12)
    assert len(images.train) + len(images.validation) == 1797
    assert images.classes == 10
    assert images.train.mean() == pytest.approx(0, abs=1e-5)
    assert images.train.std() == pytest.approx(1, abs=1e-5)
    assert torch.equal(images.train[:, 0], images.train[:, 2])


def test_a_folder_of_images_is_trained_on(tmp_path):
    from PIL import Image

    for split in ("train", "val"):
        for name, grey in (("dark", 20), ("light", 230)):
            (tmp_path / split / name).mkdir(parents=True)
            for number in range(8):
                shade = grey + number
                Image.new("RGB", (10, 10), (shade,) * 3).save(
                    tmp_path / split / name / f"{number}.png"
                )
    candidate = small_mlp()
    torch.manual_seed(0)
    network = build_network(candidate)
    options = {"data": str(tmp_path), "batch": 8, "epochs": 20}
    assert train(point(candidate), network, "cpu", 0, never, **options) == 100


def test_what_cannot_be_trained_is_said(tmp_path):
    candidate = small_mlp()
    few = nn.Sequential(nn.Flatten(), nn.Linear(36, 4))
    with pytest.raises(DseError, match="4 outputs for 10 classes"):
        train(point(candidate), few, "cpu", 0, never)
    with pytest.raises(DseError, match="neither 'digits' nor a folder"):
        train(point(candidate), few, "cpu", 0, never, data=str(tmp_path / "none"))


def costed(**settings) -> CostedPoint:
    page = family("mlp")
    full = page.settings_of(settings)
    candidate = page.resolve(full)
    return CostedPoint(full, candidate.key, candidate, BlockTable().cost(candidate))


def test_a_table_is_looked_up_by_settings(tmp_path):
    file = tmp_path / "measured.csv"
    file.write_text("width,depth,accuracy\n8,1,0.5\n8,2,0.6\n16,2,0.7\n")
    found = [table(costed(width=w, depth=d), str(file), "accuracy") for w, d in ((8, 2), (16, 2))]
    assert found == [0.6, 0.7]
    with pytest.raises(DseError, match=r"no row for .*width=16, depth=1"):
        table(costed(width=16, depth=1), str(file), "accuracy")
    with pytest.raises(DseError, match="no column 'acuracy'; did you mean 'accuracy'"):
        table(costed(width=8), str(file), "acuracy")


def test_a_column_counts_that_the_first_row_has_no_value_of(tmp_path):
    file = tmp_path / "measured.csv"
    file.write_text("width,depth,accuracy\n,1,0.5\n8,2,0.6\n16,2,0.7\n")
    assert table(costed(width=8, depth=2), str(file), "accuracy") == 0.6


def test_a_value_of_a_table_that_is_no_number_is_told(tmp_path):
    file = tmp_path / "measured.csv"
    file.write_text("width,accuracy\n8,high\n16,0.7\n")
    with pytest.raises(DseError, match="row 1: accuracy is 'high', which is no number"):
        table(costed(width=16), str(file), "accuracy")


def test_a_table_is_looked_up_by_key(tmp_path):
    file = tmp_path / "measured.json"
    one = costed(width=8)
    file.write_text(json.dumps([{"key": one.key, "accuracy": 0.9}]))
    assert table(one, str(file), "accuracy", key="key") == 0.9


def test_rows_of_the_same_settings_are_replicates_whose_mean_counts(tmp_path):
    file = tmp_path / "measured.csv"
    file.write_text("width,accuracy\n8,0.5\n8,0.6\n")
    assert table(costed(width=8), str(file), "accuracy") == 0.55


def test_texts_and_keys_that_look_like_numbers_are_as_they_are_written(tmp_path):
    file = tmp_path / "measured.csv"
    file.write_text("op,code,accuracy\n01,012,0.5\n1,12,0.6\n")
    any_one = costed(width=8)
    ones = [replace(any_one, settings={"op": op}) for op in ("01", "1")]
    assert [table(one, str(file), "accuracy") for one in ones] == [0.5, 0.6]
    letters = {"a": "0", "b": "1", "c": "2"}
    spelled = replace(any_one, settings={"first": "a", "second": "b", "third": "c"})
    assert table(spelled, str(file), "accuracy", "code", letters) == pytest.approx(0.55)


def test_keys_of_candidates_have_any_number_of_digits(tmp_path):
    ones = [costed(width=width) for width in range(8, 80)]
    assert len({len(str(one.key)) for one in ones}) > 1
    file = tmp_path / "measured.csv"
    rows = [f"{one.key},{one.settings['width']}" for one in ones]
    file.write_text("\n".join(["key,accuracy", *rows]))
    for one in ones:
        assert table(one, str(file), "accuracy", key="key") == one.settings["width"]


def test_nas_bench_macro_is_looked_up_by_its_words(reference_data):
    file = str(reference_data / "nas-bench-macro" / "nas_bench_macro.csv")
    page = family("nas_bench_macro")
    columns = [column for column in page.defaults if column.startswith("op")]
    letters = {"identity": "0", "mb3_k3": "1", "mb6_k5": "2"}
    names = {letter: name for name, letter in letters.items()}
    settings = dict(zip(columns, (names[letter] for letter in "21202200"), strict=True))
    full = page.settings_of(settings)
    candidate = page.resolve(full)
    one = CostedPoint(full, candidate.key, candidate, BlockTable().cost(candidate))
    assert round(table(one, file, "mean_acc", "arch", letters), 3) == 92.567
    assert table(one, file, "flops", "arch", letters) == one.costs.macs
