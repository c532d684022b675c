"""The notebook of the manual runs from top to bottom in a kernel, and shows what it is to show."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from dse.guide import NOTEBOOK


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Return the cells of code with their outputs."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    place = {"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}}
    NotebookClient(notebook, timeout=60, kernel_name="python3", resources=place).execute()
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown_by(cells: list[Any], source: str) -> str:
    """Return the HTML of what a cell that holds some source shows."""
    (cell,) = (each for each in cells if source in each.source)
    data = [output.data for output in cell.outputs if "data" in output]
    return "\n".join(each.get("text/html", "") for each in data)


def test_every_cell_runs_without_a_word_on_standard_error(cells: list[Any]) -> None:
    assert len(cells) >= 8
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


def test_what_a_cell_ends_in_is_a_table(cells: list[Any]) -> None:
    assert "<strong>Space of mlp</strong>" in shown_by(cells, "dse.design_space")
    assert "<strong>Swept</strong>" in shown_by(cells, "project.sweep")
    assert "<strong>Study 1 of mlp: calm</strong>" in shown_by(cells, "project.search")
    assert "<strong>Candidate " in shown_by(cells, "project.show")
    assert "<strong>Count</strong>" in shown_by(cells, "dse.count")
    assert "calm" in shown_by(cells, "project.query"), "a frame"


@pytest.mark.parametrize(("call", "number"), [("sweep", 24), ("search", 8)])
def test_bars_end_where_the_work_does(cells: list[Any], call: str, number: int) -> None:
    (bar,) = re.findall(r"<progress.*", shown_by(cells, f"project.{call}"))
    assert bar.startswith(f'<progress value="{number}" max="{number}">'), "one, and not one a step"


@pytest.mark.parametrize("kind", ["distribution", "pareto"])
def test_figures_are_drawn(cells: list[Any], kind: str) -> None:
    (cell,) = (each for each in cells if f"dse.plots.{kind}" in each.source)
    (figure,) = (o.data["application/vnd.plotly.v1+json"] for o in cell.outputs if "data" in o)
    assert figure["data"]


def test_the_file_holds_no_outputs() -> None:
    for cell in json.loads(NOTEBOOK.read_text())["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert Path(NOTEBOOK).stat().st_size < 10_000
