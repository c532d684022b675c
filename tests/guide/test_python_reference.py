"""The reference of Python names all that an object has, and says of each what it is."""

import dataclasses

import pytest

from tests.guide.python_reference import RETURNED, members


@pytest.mark.parametrize("kind", RETURNED.values(), ids=lambda kind: kind.__name__)
def test_every_member_is_named_and_told(kind):
    told = members(kind)
    fields = {field.name for field in dataclasses.fields(kind) if field.name[0] != "_"}
    assert fields | {name for name in dir(kind) if name[0] != "_"} == set(told)
    assert "" not in told.values(), told


def test_a_study_tells_what_it_is_of():
    assert {"run", "result", "budget", "number", "best"} < set(members(RETURNED["search"]))


def test_what_only_stores_and_commands_need_is_no_member():
    assert not {"recorded", "of_blocks"} & set(members(RETURNED["dse.design_space(…)"]))
