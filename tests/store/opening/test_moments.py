"""What tells that a store has changed, on each kind of database."""

import time

from dse.project.reports import LivePages, page_of_report, report_of
from dse.report import rendered_report
from dse.store import finish_run, open_store, start_run, store_moment
from tests.store.conftest import fill_example
from tests.store.recording import record_measurement


def test_a_moment_is_another_after_every_change(store_url):
    engine = open_store(store_url)
    moments = [store_moment(engine)]
    fill_example(store_url)
    moments.append(store_moment(engine))
    run = start_run(engine, "dse search", {}, {})
    moments.append(store_moment(engine))
    record_measurement(engine, 1, "accuracy", 0.5, {}, run)
    moments.append(store_moment(engine))
    finish_run(engine, run, "done")
    moments.append(store_moment(engine))
    assert len(set(moments)) == 5
    assert store_moment(engine) == moments[-1]
    engine.dispose()


def test_reports_are_of_any_store(store_url):
    fill_example(store_url)
    page = rendered_report(page_of_report(report_of(store_url)))
    assert "Not shown" not in page
    assert "mobilenet_v2" in page
    pages = LivePages(store_url)
    try:
        assert "By family" in until_worked_out(pages, "/", "contents")
        assert "<tbody>" in until_worked_out(pages, "/candidates", "candidates")
    finally:
        pages.close()


def until_worked_out(pages, path, key):
    for _ in range(600):
        html = pages.section(path, key, None, "")
        if "being worked out" not in html:
            return html
        time.sleep(0.1)
    raise AssertionError(html)
