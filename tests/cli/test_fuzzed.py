"""Mutated pages and words of a command line end in one line; a benchmark runs thousands of them."""

import random

import pytest

from dse.own_pages import read_page
from dse.space import load_family, read_grid
from tests.benchmarks.fuzzing import KINDS, Case, run
from tests.mutations import drawn_words, mutated_group_page, mutated_page, outcome

SEED = 12


def test_mutated_families_are_read_or_refused(tmp_path):
    draw = random.Random(SEED)
    read = 0
    for _ in range(140):
        name, text = mutated_page(draw)
        page = tmp_path / f"{name}.yaml"
        page.write_bytes(text.encode())
        found = outcome(lambda: resolved(page))  # noqa: B023  called at once
        if isinstance(found, str):
            assert found.startswith(str(page))
        else:
            assert found.blocks
            read += 1
    assert 20 < read < 120


def resolved(page):
    family = load_family(page)
    next(iter(read_grid(family, {})))
    return family.resolve(family.defaults)


def test_mutated_pages_of_every_group_are_read_or_refused(tmp_path):
    draw = random.Random(SEED)
    read = 0
    for _ in range(60):
        path, text = mutated_group_page(draw)
        page = tmp_path / path.replace("/", "_")
        page.write_bytes(text.encode())
        group = path.rpartition("/")[0] or None
        found = outcome(lambda: read_page(page, group))  # noqa: B023  called at once
        if isinstance(found, str):
            assert found.startswith(str(page))
        else:
            read += 1
    assert 20 < read < 60


@pytest.mark.parametrize("part", range(2))
def test_drawn_words_are_told_in_one_line(tmp_path, part):
    draw = random.Random(SEED + part)
    for index in range(15):
        case = Case(drawn_words(draw), {})
        kind, told = run(case, tmp_path / str(index))
        assert kind in ("done", "refused"), (case.words, told)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_the_benchmark_draws_the_same_again(kind):
    first, second = (KINDS[kind](random.Random(SEED)) for _ in range(2))
    assert first == second
