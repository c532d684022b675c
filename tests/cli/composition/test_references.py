"""References of a command line: which key has one, that it leads nowhere, and what was meant."""

import pytest

from tests.cli.command import refused

NOWHERE = {
    "cost.batch=${cost.btach}": (
        "cost.batch: it refers to 'cost.btach', which there is not; "
        "did you mean 'batch'? (valid: batch,"
    ),
    "cost.batch=${.btach}": "it refers to 'btach', which there is not; did you mean 'batch'?",
    "cost.batch=${..trails}": "it refers to 'trails', which there is not; did you mean 'trials'?",
    "budget.macs=${bugdet.params}": "'bugdet.params', which there is not; did you mean 'budget'?",
    "hints=['${objective.names}']": "hints[0]: it refers to 'objective.names', which there is not",
    "objective.batch=${oc.env:DSE_NO_SUCH}": "Environment variable 'DSE_NO_SUCH' not found",
    "trials=${nothing:1}": "trials: Unsupported interpolation type nothing",
    "trials=${.trials}": "trials: Recursive interpolation detected",
    "trials=${oc.decode:many}": "trials: While dereferencing interpolation",
}


@pytest.mark.parametrize(("word", "told"), NOWHERE.items(), ids=list(NOWHERE))
def test_a_reference_that_leads_nowhere_is_told_once_with_its_key(tmp_path, word, told):
    line = refused(tmp_path, "search", "family=mlp", word)
    key = word.partition("=")[0]
    assert line.startswith(f"error: {key}")
    assert told in line
    assert "$VALUE" not in line
    assert line.count("not found") + line.count("could not be converted") <= 1


UNREADABLE = ["grid.width=[1,", "budget.macs={max:1", "objective.name='a", "seed=${trials"]


@pytest.mark.parametrize("word", UNREADABLE)
def test_a_word_that_cannot_be_read_is_told_as_it_was_typed(tmp_path, word):
    line = refused(tmp_path, "search", "family=mlp", word)
    assert line.startswith(f"error: cannot read {word!r}:")
    assert f"++{word}" not in line
