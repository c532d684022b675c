"""`dse guide` shows the manual in the terminal, as text, and in a browser."""

import os
import pty
import re
import subprocess
import sys
import termios
import webbrowser

import pytest

from dse.guide import NOTEBOOK, TOPICS
from tests.cli.command import dse, on_terminal, refused
from tests.guide.manual import PAGES


def test_topics_are_listed_with_their_titles(tmp_path):
    listed = dse(tmp_path, "guide").stdout.splitlines()
    assert [line.split()[0] for line in listed[: len(TOPICS)]] == list(TOPICS)
    assert all(len(line) <= 80 and len(line.split()) > 2 for line in listed[: len(TOPICS)])


def test_the_list_says_where_the_notebook_is(tmp_path):
    *_, told = dse(tmp_path, "guide").stdout.splitlines()
    assert told == f"A notebook to run in Jupyter: {NOTEBOOK}"
    assert NOTEBOOK.is_file()


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_printed_as_it_is_written(tmp_path, topic):
    assert dse(tmp_path, "guide", topic).stdout == PAGES[topic].read_text()


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_shown_on_a_terminal_within_its_width(tmp_path, topic, monkeypatch):
    monkeypatch.setenv("PAGER", "cat")
    shown = on_terminal(tmp_path, 80, "guide", topic)
    assert PAGES[topic].read_text().splitlines()[0].lstrip("# ")[:20] in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "<!--" not in shown


def test_an_unknown_topic_names_the_nearest(tmp_path):
    assert "did you mean 'memory'?" in refused(tmp_path, "guide", "memroy")


def test_a_browser_gets_pages_that_link_to_one_another(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dse(tmp_path, "guide", "count", "--open")
    (address,) = opened
    (page,) = tmp_path.glob("dse-guide-*/count.html")
    assert address == page.as_uri()
    for target in re.findall(r'href="([\w-]+\.html)', page.read_text()):
        assert (page.parent / target).is_file()
    assert "<table>" in page.read_text()


def test_a_page_longer_than_the_terminal_goes_through_the_pager(tmp_path):
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    environment = {**os.environ, "PAGER": f"cat > {tmp_path}/paged"}
    command = [sys.executable, "-m", "dse", "guide", "pages"]
    subprocess.run(command, env=environment, stdout=theirs, check=True)
    os.close(theirs)
    os.close(ours)
    assert "conf/family" in (tmp_path / "paged").read_text()
