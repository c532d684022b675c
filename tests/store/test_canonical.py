"""Texts that stand for pages and settings."""

import json

import pytest

from dse.configs.config_places import config_directory
from dse.files.plain_yaml import read_yaml
from dse.store import canonical_json

PAGES = sorted(config_directory().glob("*/*.yaml"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_every_page_has_one(page):
    content = json.loads(json.dumps(read_yaml(page).content))
    assert json.loads(canonical_json({"page": read_yaml(page).content})) == {"page": content}


def test_it_is_the_same_in_any_order_of_keys():
    node = {0: "skip", 2: "skip", "join": "concatenate"}
    turned = dict(reversed(node.items()))
    assert (
        canonical_json(node)
        == canonical_json(turned)
        == ('{"0":"skip","2":"skip","join":"concatenate"}')
    )
