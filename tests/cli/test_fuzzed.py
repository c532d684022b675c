"""Mutated pages are read, or refused in one line; a benchmark runs thousands of them."""

import random

from dse.configs.own_pages import read_page
from dse.space import load_family, read_grid
from tests.mutations import mutated_group_page, mutated_page, outcome

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
