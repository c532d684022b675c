"""What becomes of the words of a command before Hydra reads them."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from dse.cli.composition.hydra_app import _names
from dse.cli.composition.words import ordered
from dse.cli.space import SpaceConfig
from dse.errors import DseError
from dse.project import SearchConfig, SweepConfig
from tests.cli.command import refused

NAMES = ("variant", "family")

TEXTS = (
    "memory_read + memory_written <= 20MB and macs <= 300M",
    "macs in (1, 2) or not params != 3",
    "`my column` = 'it''s' and x like \"a%\"",
    "a\\",
    "a\\' = ${b}",
    "{x: [1]}",
)


def read(*words):
    (override,) = ordered(words, ("budget", "store", "keep", "variant"), NAMES)
    parsed = OverridesParser.create().parse_override(override)
    return parsed.key_or_group, parsed.value()


@pytest.mark.parametrize("text", TEXTS)
def test_a_condition_reaches_hydra_as_it_was_typed(text):
    expected = ("budget.where", text)
    assert read("--budget", text) == read(f"--budget={text}") == expected
    assert read(f"budget.where={text}") == read(f"++budget.where={text}") == expected


@pytest.mark.parametrize("text", TEXTS[:-1])
def test_an_exclusion_reaches_hydra_as_it_was_typed(text):
    replaced, override = ordered([f"grid.exclude={text}"], ("grid",), NAMES)
    parsed = OverridesParser.create().parse_override(override)
    assert replaced == "++grid.exclude=null"
    assert (parsed.key_or_group, parsed.value()) == ("grid.exclude", [text])


def test_a_page_of_budgets_is_chosen_as_before():
    assert read("--budget", "mobile") == read("budget=mobile") == ("budget", "mobile")


@pytest.mark.parametrize("url", ["here/x.db", "postgresql://me@host/db?x=1", "x"])
def test_a_store_is_a_url(url):
    assert read("--store", url) == ("store.url", url)


NUMBERS = ("1_1", "0_25", "1e3", "1_0.5", ".5", "007", "+3", "-1_0", "inf", "true", "False")


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("word", ["variant={}", "+variant={}", "--variant={}", "family={}"])
def test_a_name_that_looks_like_a_number_is_taken_as_it_was_typed(word, name):
    assert read(word.format(name))[1] == name


@pytest.mark.parametrize("word", ["resnet18", "null", "'1_1'", '"1_1"', "tiny,small", "a/b"])
def test_any_other_name_is_what_it_is_to_hydra(word):
    assert ordered([f"variant={word}"], (), NAMES) == [f"variant={word}"]


def test_of_several_names_each_is_taken_as_it_was_typed():
    assert ordered(["variant=1_0,1_1,small"], (), NAMES) == ["variant='1_0','1_1',small"]


@pytest.mark.parametrize("schema", [SweepConfig, SearchConfig, SpaceConfig])
def test_keys_of_numbers_and_lists_are_no_names(schema):
    names = _names(schema)
    assert {"family", "grid", "budget", "cost", "store", "variant"} <= names
    assert not {"trials", "limit", "seed", "exact", "time_limit", "allow", "min", "bars"} & names


@pytest.mark.parametrize("word", ["variant=1_2", "family=1_2", "sampler=1_2", "reuse=1_2"])
def test_a_command_tells_a_name_as_it_was_typed(tmp_path, word):
    words = ("search", "family=squeezenet", "objective=params", word)
    assert "'1_2'" in refused(tmp_path, *words)


def test_two_conditions_are_refused():
    with pytest.raises(DseError, match="join them by 'and'"):
        ordered(["--budget", "macs < 1", "budget.where=params < 1"], ("budget",))
