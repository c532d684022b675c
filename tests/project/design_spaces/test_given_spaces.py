"""What is given where a space or a page is asked for, and is none, is told in one line."""

import pytest

import dse
from dse.errors import DseError

TAKES_A_SPACE = {
    "sweep": lambda project, given: project.sweep(given),
    "search": lambda project, given: project.search(given),
    "supernet": lambda project, given: project.supernet(given, project.url),
}
TAKES_A_PAGE = {
    "family": lambda given: dse.design_space(given),
    "grid": lambda given: dse.design_space("mlp", grid=given),
    "device": lambda given: dse.design_space("mlp", device=given),
}


@pytest.mark.parametrize("given", ["mlp", None, {"width": 8}], ids=str)
@pytest.mark.parametrize("verb", TAKES_A_SPACE)
def test_what_is_no_space(verb, given, tmp_path):
    place = tmp_path / "results.db"
    with pytest.raises(DseError) as caught:
        TAKES_A_SPACE[verb](dse.open(place), given)
    assert str(caught.value) == f"space: expected what dse.design_space returns, not {given!r}"
    assert not place.exists()


@pytest.mark.parametrize("given", [3, ["width"], object], ids=str)
@pytest.mark.parametrize("group", TAKES_A_PAGE)
def test_what_is_no_page(group, given):
    with pytest.raises(DseError) as caught:
        TAKES_A_PAGE[group](given)
    assert str(caught.value) == f"{group}: expected a name, a path or a mapping, not {given!r}"
