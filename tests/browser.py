"""A real browser: headless Chromium, as Debian and Google ship it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 375, "height": 700}


def chrome() -> str:
    """Return the path of the browser; a test that needs it is skipped where there is none.

    Where continuous integration runs there has to be one.
    """
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None and os.environ.get("CI"):
        pytest.fail("no Chromium is installed")
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    return path


@contextmanager
def opened(*, is_dark: bool = False, viewport: dict[str, int] | None = None) -> Iterator[Page]:
    """Open a page that reaches nothing but this machine; what it complains of fails the test."""
    complaints: list[str] = []

    def gate(route: Route) -> None:
        if route.request.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:")):
            route.continue_()
        else:
            complaints.append(f"asked for {route.request.url}")
            route.abort()

    with sync_playwright() as playwright:
        # Chromium's sandbox refuses root, who runs continuous integration.
        browser = playwright.chromium.launch(executable_path=chrome(), args=["--no-sandbox"])
        page = browser.new_page(
            viewport=viewport or DESKTOP, color_scheme="dark" if is_dark else "light"
        )
        page.route("**/*", gate)
        page.on("console", lambda told: told.type == "error" and complaints.append(told.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        yield page
        browser.close()
    assert complaints == []
