"""Families and blocks are listed from an index that is what the pages and the registry say."""

import json
import shutil

from dse.catalogue import INDEX, indexed_family, listed_blocks
from dse.configs.config_places import config_directory, family_pages
from dse.project.indexing import index_text
from dse.space import BLOCKS
from tests.cli.command import dse, on_terminal, refused


def test_the_index_is_what_ships():
    assert INDEX.read_text(encoding="utf-8") == index_text(), "python -m dse.project.indexing"


def test_families_fit_a_line_each(tmp_path):
    for shown in (dse(tmp_path, "families").stdout, on_terminal(tmp_path, 80, "families")):
        lines = shown.splitlines()
        assert len(lines) == 1 + len(family_pages(None))
        assert max(map(len, lines)) <= 80
    rows = json.loads(dse(tmp_path, "families", "--format", "json").stdout)
    assert all(row["description"] and row["points"] >= 1 for row in rows)


def test_a_page_that_was_changed_is_read_for_itself(tmp_path):
    shutil.copytree(config_directory(), tmp_path / "conf")
    page = tmp_path / "conf" / "family" / "mlp.yaml"
    assert indexed_family(page) is not None
    page.write_text(page.read_text().replace("  width:", "  breadth:").replace("width", "breadth"))
    assert indexed_family(page) is None
    listed = dse(tmp_path, "families", "mlp", "--config-dir", "conf", status=1)
    assert "has no axis 'width'" in listed.stderr, "its grid still says width"
    (tmp_path / "conf" / "grid" / "mlp.yaml").unlink()
    assert "breadth" in dse(tmp_path, "families", "mlp", "--config-dir", "conf").stdout


def test_blocks_are_listed_and_shown(tmp_path):
    lines = dse(tmp_path, "blocks").stdout.splitlines()
    assert [line.split()[0] for line in lines[1:]] == sorted(BLOCKS)
    assert all(block.description for block in listed_blocks())
    for name, block in BLOCKS.items():
        shown = dse(tmp_path, "blocks", name).stdout
        assert all(setting in shown for setting in block.parameters)
    assert "did you mean 'mbconv'?" in refused(tmp_path, "blocks", "mbcon")
