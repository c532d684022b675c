"""What becomes of the words of a command before Hydra reads them."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from dse.cli.words import ordered
from dse.errors import DseError

TEXTS = (
    "memory_read + memory_written <= 20MB and macs <= 300M",
    "macs in (1, 2) or not params != 3",
    "`my column` = 'it''s' and x like \"a%\"",
    "a\\",
    "a\\' = ${b}",
    "{x: [1]}",
)


def read(*words):
    (override,) = ordered(words, ("budget", "store", "keep"))
    parsed = OverridesParser.create().parse_override(override)
    return parsed.key_or_group, parsed.value()


@pytest.mark.parametrize("text", TEXTS)
def test_a_condition_reaches_hydra_as_it_was_typed(text):
    expected = ("budget.where", text)
    assert read("--budget", text) == read(f"--budget={text}") == expected
    assert read(f"budget.where={text}") == read(f"++budget.where={text}") == expected


def test_a_page_of_budgets_is_chosen_as_before():
    assert read("--budget", "mobile") == read("budget=mobile") == ("budget", "mobile")


@pytest.mark.parametrize("url", ["here/x.db", "postgresql://me@host/db?x=1", "x"])
def test_a_store_is_a_url(url):
    assert read("--store", url) == ("store.url", url)


def test_two_conditions_are_refused():
    with pytest.raises(DseError, match="join them by 'and'"):
        ordered(["--budget", "macs < 1", "budget.where=params < 1"], ("budget",))
