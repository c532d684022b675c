import xml.etree.ElementTree as ElementTree

import pytest
from torch import nn

import dse
from dse.counting.profiling.timeline import inference_timeline, training_timeline
from dse.errors import DseError
from dse.report.memory_picture import draw_memory

MODEL = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 36, 10))


@pytest.fixture(scope="module")
def counted():
    return dse.count(MODEL, (2, 3, 8, 8))


def test_png(counted, tmp_path):
    path = tmp_path / "folder" / "memory.png"
    draw_memory(inference_timeline(counted.trace), "a title", path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_svg_has_the_parts_of_memory(counted, tmp_path):
    path = tmp_path / "memory.svg"
    draw_memory(training_timeline(counted.step), "a title", path)
    content = path.read_text()
    assert ElementTree.fromstring(content).tag.endswith("svg")
    assert all(f"<!-- {name} -->" in content for name in ("weights", "optimizer state", "a title"))


def test_html_lists_what_is_alive_at_the_peak(counted, tmp_path):
    path = tmp_path / "memory.html"
    timeline = training_timeline(counted.step)
    draw_memory(timeline, "a <title>", path)
    content = path.read_text()
    assert "<title>a &lt;title&gt;</title>" in content
    assert all(f"<td>{tensor.nbytes:,}</td>" in content for tensor in timeline.tensors)
    assert 'src="http' not in content, "the page needs nothing from the network"


def test_an_unknown_format_names_the_known_ones(counted, tmp_path):
    with pytest.raises(DseError, match=r"unknown picture format; .*\.html, \.pdf, \.png, \.svg"):
        draw_memory(inference_timeline(counted.trace), "", tmp_path / "memory.gif")


def test_pdf_needs_no_browser(counted, tmp_path):
    path = tmp_path / "memory.pdf"
    draw_memory(inference_timeline(counted.trace), "$a_title", path)
    assert path.read_bytes().startswith(b"%PDF")
