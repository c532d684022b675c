"""Scaling laws against figures that others worked out from them."""

import json

import pytest

from dse.errors import DseError
from dse.search.objectives.scaling_laws import LAWS, check_scaling_law
from tests.cli.command import dse, refused


@pytest.mark.parametrize(
    ("params", "tokens", "loss"),
    # Of Gopher and Chinchilla: 1.69 + 0.052 + 0.251 and 1.69 + 0.083 + 0.163.
    [(280e9, 300e9, 1.993), (70e9, 1.4e12, 1.936)],
)
def test_what_the_law_of_chinchilla_expects(params, tokens, loss):
    assert LAWS["chinchilla"].loss(params, tokens) == pytest.approx(loss, abs=1e-3)


@pytest.mark.parametrize("name", LAWS)
def test_more_of_either_is_better_and_never_beyond_what_is_irreducible(name):
    law = LAWS[name]
    losses = [law.loss(n, d) for n, d in ((1e8, 1e9), (1e9, 1e9), (1e9, 1e10), (1e15, 1e17))]
    assert losses == sorted(losses, reverse=True)
    assert law.irreducible < losses[-1] < law.irreducible + 0.05


def test_a_replication_trains_twenty_tokens_a_parameter():
    """As arXiv:2404.10102 finds of its own fit, and arXiv:2203.15556 of its two other ways."""
    law = LAWS["replication"]
    compute = 6 * 70e9 * 1.4e12
    sizes = [10 ** (9 + step / 200) for step in range(800)]
    best = min(sizes, key=lambda params: law.loss(params, compute / (6 * params)))
    assert 15 < compute / (6 * best) / best < 30


def test_repeating_four_times_is_nearly_as_good_as_new_tokens():
    """The finding of arXiv:2305.16264; after forty times there is nothing to gain."""
    law = LAWS["data_constrained"]
    new, again = law.loss(1e9, 40e9), law.loss(1e9, 40e9, unique=10e9)
    assert new < again < new + 0.02
    much, more = law.loss(1e9, 600e9, unique=10e9), law.loss(1e9, 1200e9, unique=10e9)
    assert much - more < 2e-3
    assert law.loss(1e9, 40e9, unique=40e9) == new


def test_a_search_finds_the_largest_model_that_fits(tmp_path):
    words = ("family=gpt2", "grid=none", "grid.layers=[2,4]", "grid.hidden=[192,384]")
    words += ("grid.sequence=16", "grid.vocabulary=1000", "budget.params=9M")
    done = dse(tmp_path, "search", *words, "objective=scaling_law", "trials=4", "--format=json")
    found = json.loads(done.stdout)
    assert found[0]["params"] == max(each["params"] for each in found)
    assert found[0]["loss"] == min(each["loss"] for each in found)


def test_bad_options_are_told_before_anything_runs(tmp_path):
    words = ("family=gpt2", "grid=none", "objective=scaling_law")
    assert "did you mean 'chinchilla'" in refused(
        tmp_path, "search", *words, "objective.law=chinchila"
    )
    assert "objective.tokens: 0" in refused(tmp_path, "search", *words, "objective.tokens=0")
    with pytest.raises(DseError, match="law chinchilla knows no repeated tokens"):
        check_scaling_law(1e9, unique=1e8)
    with pytest.raises(DseError, match=r"objective\.of: unknown 'parms'; did you mean 'params'"):
        check_scaling_law(1e9, of="parms")
