"""What is no seed is refused by its name in every command that draws, before anything is done."""

import pytest

from tests.cli.command import dse, refused

DRAWING = {
    "sweep": ("sweep", "family=mlp", "sample=2", "seed={}"),
    "search": ("search", "family=mlp", "trials=1", "seed={}"),
    "space": ("space", "family=mlp", "seed={}"),
    "measure": ("measure", "family=mlp", "seed={}"),
    "ranges": ("plot", "ranges", "macs", "--seed", "{}"),
    "importance": ("plot", "importance", "macs", "--seed", "{}"),
    "supernet": ("supernet", "family=mlp", "supernet.seed={}"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    directory = tmp_path_factory.mktemp("seeds")
    dse(directory, "sweep", "family=mlp", "grid.resolution=8", "grid.width=[8,16]")
    return directory


@pytest.mark.parametrize("seed", [-1, 2**63])
@pytest.mark.parametrize("words", DRAWING.values(), ids=DRAWING)
def test_what_is_no_seed_is_refused(place, words, seed):
    line = refused(place, *(word.format(seed) for word in words))
    assert "seed: " in line
    assert ("above" in line) if seed > 0 else ("is negative" in line or "is below 0" in line)
    assert len(dse(place, "runs", "--format", "jsonl").stdout.splitlines()) == 1


def test_forests_take_seeds_of_their_own(place):
    told = refused(place, "plot", "importance", "macs", "--seed", str(2**32))
    assert told == f"error: seed: {2**32} is above {2**32 - 1}"
    dse(place, "plot", "importance", "macs", "--seed", str(2**32 - 1))


def test_a_number_of_best_candidates_is_not_negative(place):
    told = refused(place, "search", "family=mlp", "trials=1", "best=-1")
    assert told == "error: best: -1 is negative"
