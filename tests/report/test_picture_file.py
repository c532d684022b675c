import pytest

from dse.errors import DseError
from dse.report import picture_file
from dse.report.figures.figure_style import new_figure
from dse.report.picture_file import check_can_draw, write_picture


@pytest.fixture
def figure():
    drawn = new_figure("a <title>")
    drawn.add_scatter(x=[1, 2], y=[3, 4])
    return drawn


def test_an_unknown_ending_names_the_nearest(tmp_path):
    with pytest.raises(DseError, match=r"unknown picture format; .*\.svg"):
        check_can_draw(tmp_path / "picture.sgv")


def test_html_needs_nothing_from_elsewhere(figure, tmp_path):
    path = tmp_path / "deep" / "picture.html"
    write_picture(figure, path, "a <title>")
    content = path.read_text()
    assert "<title>a &lt;title&gt;</title>" in content
    assert 'src="http' not in content


def test_without_a_browser_an_image_is_refused_or_drawn_by_what_needs_none(
    figure, tmp_path, monkeypatch
):
    monkeypatch.setattr(picture_file, "has_browser", lambda: False)
    path = tmp_path / "picture.png"
    with pytest.raises(DseError, match="needs Kaleido and a Chrome"):
        write_picture(figure, path, "")
    assert not path.exists()
    write_picture(figure, path, "", lambda part: part.write_bytes(b"drawn"))
    assert path.read_bytes() == b"drawn"


def test_an_image_by_kaleido(figure, tmp_path):
    if not picture_file.has_browser():
        pytest.skip("needs a Chrome")
    path = tmp_path / "picture.svg"
    write_picture(figure, path, "")
    assert "<svg" in path.read_text()[:500]
