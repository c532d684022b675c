"""No mutation of a target, of a question or of a table ends in anything but an answer or one line.

A benchmark runs thousands of them, each in a process of its own.
"""

import random

import pytest

from tests.benchmarks.fuzzing import KINDS, prepared, run

NUMBERS = {"overrides": 12, "targets": 100, "queries": 100, "tables": 200}
SEED, SLICES = 12, 4


@pytest.fixture(scope="module", params=NUMBERS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def beside(kind, tmp_path_factory):
    return prepared(kind, tmp_path_factory.mktemp("fuzzed") / kind)


@pytest.fixture(scope="module")
def cases(kind):
    draw = random.Random(SEED)
    return [KINDS[kind].draw(draw) for _ in range(NUMBERS[kind])]


@pytest.mark.parametrize("part", range(SLICES))
def test_a_mutation_is_answered_or_refused(kind, cases, beside, tmp_path, part):
    found = set()
    for number, case in enumerate(cases[part::SLICES]):
        ending, told = run(case, tmp_path / str(number), beside)
        assert ending in ("done", "refused"), (case.words, told)
        found.add(ending)
    assert "refused" in found
    assert "done" in found or kind == "overrides", "few words that are drawn go together"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_the_benchmark_draws_the_same_again(kind):
    first, second = (KINDS[kind].draw(random.Random(SEED)) for _ in range(2))
    assert first == second
