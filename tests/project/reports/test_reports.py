"""Reports in a real browser: they draw, sort, filter, print, and obey no text from outside."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

import dse as package
from dse.errors import DseError
from dse.project import report_of
from dse.report import DataTable, Paragraph, ReportPage, ReportSection, TableCell, rendered_report
from tests.browser import PHONE, opened
from tests.cli.command import dse, refused
from tests.hostile_store import fill_hostile_store

LARGEST = 5_000_000
"""Bytes of a page."""
REPORTS = {
    "study": (),
    "where": ("--where", "macs > 0"),
    "compare": ("--compare", "depth = 1", "depth = 2"),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    directory = tmp_path_factory.mktemp("reports")
    fill_hostile_store(directory)
    for name, words in REPORTS.items():
        dse(directory, "report", *words, "--output", f"{name}.html")
    return directory


@pytest.fixture(scope="module")
def seen(place):
    """What a browser makes of each page, in the light on a desktop and in the dark on a phone."""
    found = {}
    for is_dark, viewport in ((False, None), (True, PHONE)):
        with opened(is_dark=is_dark, viewport=viewport) as page:
            for name in REPORTS:
                page.goto((place / f"{name}.html").as_uri())
                page.wait_for_selector("html[data-drawn]")
                found[name, is_dark] = {
                    "faults": [each["id"] for each in Axe().run(page).response["violations"]],
                    "drawn": page.locator(".js-plotly-plot .main-svg").count(),
                    "charts": page.locator(".chart").count(),
                    "wider": page.evaluate("document.documentElement.scrollWidth - innerWidth"),
                    "foreign": page.locator(
                        "img, iframe, [onerror], a[href^='javascript']"
                    ).count(),
                    "text": page.inner_text("body"),
                    "pages": page.pdf(format="A4"),
                }
    return found


@pytest.mark.parametrize("is_dark", [False, True])
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_drawn_and_has_no_faults(seen, place, name, is_dark):
    found = seen[name, is_dark]
    assert found["faults"] == []
    assert found["charts"] > 0
    assert found["drawn"] >= found["charts"]
    assert found["wider"] <= 0
    assert found["foreign"] == 0
    assert found["pages"].startswith(b"%PDF")
    assert (place / f"{name}.html").stat().st_size < LARGEST


def test_a_study_is_told_from_its_question_to_where_it_is_from(seen):
    text = seen["study", False]["text"]
    for told in ("What was asked", "The answer", "The front", "How it went", "The space"):
        assert told in text
    assert "Not shown" not in text.replace("Its layers are not shown", "")
    assert "dse search family=mlp" in text
    assert "<img src=x onerror=alert(1)>" in text


def test_the_answer_stands_against_the_budget(tmp_path):
    words = ("family=mlp", "grid.width=[8,16,24]", "grid.depth=1", "grid.resolution=8")
    dse(tmp_path, "search", *words, "objective=params", "budget.macs=3k")
    path = package.open(tmp_path / "outputs" / "dse.db").report(tmp_path / "study.html")
    html = path.read_text()
    (share,) = re.findall(r"macs: <strong>(\S+)</strong> of (\S+) \((\S+) %", html)
    assert share == ("1.16k", "3k", "38.7") or float(share[2]) <= 100
    assert "The whole config" in html


def test_tables_are_sorted_and_filtered_by_keyboard(tmp_path):
    cells = [("b", 10), ("a", 9), ("c", 100), *[(f"x{n}", n) for n in range(9)], ("none", None)]
    rows = tuple((TableCell(t), TableCell("" if n is None else f"{n}", n)) for t, n in cells)
    table = DataTable("Things", ("name", "number"), rows)
    page_of = ReportPage("T", "L", (ReportSection("s", "S", (Paragraph("p"), table)),))
    path = tmp_path / "page.html"
    path.write_text(rendered_report(page_of))
    first = "document.querySelector('tbody tr:not([hidden])').cells[0].textContent"
    last = "[...document.querySelectorAll('tbody tr')].at(-1).cells[0].textContent"
    with opened() as page:
        page.goto(path.as_uri())
        button = page.get_by_role("button", name="number")
        button.focus()
        page.keyboard.press("Enter")
        assert page.evaluate(first) == "x0"
        assert page.evaluate(last) == "none"
        page.keyboard.press("Enter")
        assert page.evaluate(first) == "c"
        assert page.evaluate(last) == "none"
        assert page.get_by_role("columnheader", name="number").get_attribute("aria-sort")
        page.get_by_label("Filter").fill("x")
        assert page.locator("tbody tr:visible").count() == 9
        assert page.get_by_role("status").inner_text() == "9 of 13 rows"


def test_what_excludes_each_other_is_refused(place):
    assert "leave out study" in refused(place, "report", "--study", "1", "--where", "macs > 1")
    assert "write --where, --study or --compare before it" in refused(place, "report", "depth = 1")
    assert "two or more conditions" in refused(place, "report", "--compare", "depth = 1")
    assert "name it like report.html" in refused(place, "report", "--output", "x.pdf")
    assert "there is no study 7" in refused(place, "report", "--study", "7")
    with pytest.raises(DseError, match="maks"):
        package.open(place / "outputs" / "dse.db").report(place / "x.html", where="maks < 3")
    assert not (place / "x.html").exists()


def few(module, candidate, seed):
    """A score of a network, as a notebook defines one."""
    return -float(sum(each.numel() for each in module.parameters()))


def test_a_study_by_a_function_of_a_notebook_has_its_space(tmp_path):
    project = package.open(tmp_path / "dse.db")
    space = package.design_space("mlp", {"width": [8, 16], "depth": 1, "resolution": 8})
    project.search(space, few, trials=2, sampler="random")
    text = project.report(tmp_path / "study.html").read_text()
    assert "Not shown" not in text
    assert "networks of the space have how much of macs" in text


@pytest.fixture
def project(tmp_path):
    return package.open(tmp_path / "dse.db")


SPACE = {"width": [8, 16, 24], "depth": [1, 2], "resolution": 8, "norm": ["none"]}


def answers(project, study):
    """What the report of a study says first of its answer, and the rows of its first table."""
    found = report_of(project.url, study).section("answer")
    (told, *_), tables = found.parts, [p for p in found.parts if isinstance(p, DataTable)]
    return told.text, [dict(zip(tables[0].columns, row, strict=True)) for row in tables[0].rows]


def test_what_was_known_before_counts(project):
    space = package.design_space("mlp", SPACE)
    first = project.search(space, few, trials=6, sampler="random")
    second = project.search(space, few, trials=4, sampler="tpe")
    best = first.trials.sort("params")["id"][0]
    for study, number in ((first, 6), (second, 6)):
        told, rows = answers(project, study.id)
        assert told == f"Candidate {best} is the best of {number} that were evaluated."
        assert rows[0]["id"].number == best


def test_of_several_goals_the_front_is_told(project):
    space = package.design_space("mlp", SPACE)
    study = project.search(space, minimize=["macs"], maximize=["params"])
    told, rows = answers(project, study.id)
    assert {int(row["id"].number) for row in rows} == set(study.front["id"])
    assert f"{study.front.height} candidates make the front" in told
    assert "worked out over the whole space" in told


def test_a_bound_on_what_is_measured_holds_of_the_answer(project):
    space = package.design_space("mlp", SPACE)
    study = project.search(space, few, budget="few <= -900", trials=6, sampler="random")
    _, rows = answers(project, study.id)
    expected = study.trials.filter(study.trials["few"] <= -900).sort("few", descending=True)
    assert [row["id"].number for row in rows] == expected["id"].to_list()[: len(rows)]
    assert 0 < len(rows) < 6
