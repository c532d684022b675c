"""The server of reports: it follows a store, writes nothing, and is no door for others."""

import http.client
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import uvicorn

from dse.errors import DseError
from dse.project import LiveServer
from dse.project.reports import LivePages
from tests.browser import opened
from tests.cli.command import dse, environment, refused
from tests.hostile_store import fill_hostile_store

TOKEN = "0123456789abcdef"


@contextmanager
def served(directory, *words):
    """Give the address of a server in a process of its own."""
    command = [sys.executable, "-m", "dse.cli.main", "serve", "--port", "0", *words]
    with subprocess.Popen(
        command, cwd=directory, stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.terminate()


@contextmanager
def answering(directory, token=None):
    """Give the address of a server in a thread of this process."""
    server = LiveServer(str(directory / "outputs" / "dse.db"), port=0, token=token)
    pages, listener = LivePages(server.url), server.listening()
    config = uvicorn.Config(server.application(pages), log_level="warning")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()
        pages.close()
        listener.close()


def asked(address, path, method="GET", **headers):
    """Return the status of a request, and what it answers."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    return response.status, response.read().decode(), dict(response.getheaders())


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    directory = tmp_path_factory.mktemp("served")
    fill_hostile_store(directory)
    return directory


def test_it_follows_a_store_and_obeys_no_text_of_it(place):
    file = place / "outputs" / "dse.db"
    with served(place) as address, opened() as page:
        before = file.read_bytes()
        page.goto(f"{address}/studies/1")
        page.wait_for_function("document.querySelectorAll('.main-svg').length >= 4", timeout=60_000)
        assert page.locator("img, [onerror], a[href^='javascript']").count() == 0
        page.goto(address)
        page.wait_for_selector("#runs-1")
        page.get_by_role("button", name="command").click()
        assert file.read_bytes() == before
        dse(place, "search", "family=mlp", "grid.depth=[1,2,3]", "minimize=params", "best=1")
        page.wait_for_function("document.querySelectorAll('#runs-1 tbody tr').length == 3")
        page.wait_for_function("document.querySelectorAll('#studies-1 tbody tr').length == 2")
        sorted_by = page.get_by_role("columnheader", name="command")
        assert sorted_by.get_attribute("aria-sort") == "ascending"


def test_requests_that_it_does_not_answer(place):
    with answering(place) as address:
        assert asked(address, "/")[0] == 200
        assert asked(address, "/", "POST")[0] == 405
        assert asked(address, "/", Host="evil.example")[0] == 400
        status, told, _ = asked(address, "/studies/99")
        assert status == 404
        assert told.startswith("there is no study 99")
        assert asked(address, "/studies/x")[0] == 404
        assert "did you mean 'answer'" in asked(address, "/studies/1/anser")[1]
        assert asked(address, "/assets/../pyproject.toml")[0] == 404
        status, told, _ = asked(address, "/candidates/question?where=maks%20%3E%201")
        assert status == 404
        assert "maks" in told
        status, _, headers = asked(address, "/candidates?where=macs%20%3E%201")
        assert status == 200
        assert "default-src 'none'" in headers["content-security-policy"]


def test_readers_have_to_know_the_token(place):
    with answering(place, TOKEN) as address:
        assert asked(address, "/")[0] == 403
        assert asked(address, "/?token=wrong")[0] == 403
        status, _, headers = asked(address, f"/?token={TOKEN}")
        assert status == 200
        cookie = headers["set-cookie"].partition(";")[0]
        assert asked(address, "/candidates", Cookie=cookie)[0] == 200
        assert asked(address, "/studies/1/course")[0] == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.7", "::", "example.org"])
def test_elsewhere_than_here_it_wants_a_token(place, host):
    assert "--token TEXT has readers know it" in refused(place, "serve", "--host", host)
    with pytest.raises(DseError, match="expected 16 characters or more, not 3"):
        LiveServer("outputs/dse.db", host, token="abc")


def test_a_store_that_there_is_not(tmp_path):
    assert "there is no store at" in refused(tmp_path, "serve", "--port", "0")


def test_what_takes_long_is_not_waited_for(place, monkeypatch):
    pages = LivePages(str(place / "outputs" / "dse.db"))
    try:
        monkeypatch.setattr("dse.project.reports.candidates_report.recorded_runs", _slow)
        started = time.monotonic()
        html = pages.section("/candidates", "provenance", None, "")
        assert "being worked out" in html
        assert "load delay" in html
        assert time.monotonic() - started < 2
    finally:
        pages.close()


def _slow(url):
    time.sleep(2)
    return []
