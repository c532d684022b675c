"""Every kind of picture: the same in Python and as a command; no text from outside is obeyed."""

import json
import subprocess
import sys

import pytest

import dse as package
from dse.cli.main import command_tree
from dse.project import counted_candidate
from dse.report.picture_file import page_of
from tests.browser import PHONE, opened
from tests.cli.command import dse, environment, refused
from tests.hostile_store import LINK, SCRIPT, SPACE, TAG, fill_hostile_store

CONTEST = {"costs": ["macs"], "axes": ["width", "depth"], "samplers": ["random"]}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    directory = tmp_path_factory.mktemp("hostile")
    fill_hostile_store(directory)
    rows = [f"{w},{d},{w * d},{w + d}" for w in (1, 2, 3) for d in (1, 2, 3)]
    (directory / "table.csv").write_text("\n".join([f"width,depth,macs,{TAG}", *rows]) + "\n")
    contested = package.open(directory / "x.db").compare(
        directory / "table.csv", TAG, **CONTEST, seeds=2, evaluations=4, workers=1
    )
    contested.write_curves(directory / "curves.csv")
    return directory


MEASURED = f"`{TAG}`"

KINDS = {
    "pareto": (
        ["--min", "macs", "--max", MEASURED, "--color", "activation", "--budget", "macs <= 2k"],
        lambda p: package.plots.pareto(
            p, ["macs"], [MEASURED], color="activation", budget="macs <= 2k"
        ),
    ),
    "scatter": (
        ["activation", MEASURED, "--color", "depth"],
        lambda p: package.plots.scatter(p, "activation", MEASURED, color="depth"),
    ),
    "parallel": (
        ["activation", "width", MEASURED],
        lambda p: package.plots.parallel(p, ["activation", "width", MEASURED]),
    ),
    "edf": (
        [MEASURED, "--group-by", "activation"],
        lambda p: package.plots.edf(p, MEASURED, group_by="activation"),
    ),
    "correlation": ([], lambda p: package.plots.correlation(p)),
    "ranges": ([MEASURED], lambda p: package.plots.ranges(p, MEASURED)),
    "importance": (
        [MEASURED, "--axes", "activation,width", "--method", "ped_anova"],
        lambda p: package.plots.importance(p, MEASURED, "activation,width", method="ped_anova"),
    ),
    "history": (["1"], lambda p: package.plots.history(p, [1])),
    "network": (["1"], lambda p: package.plots.network(p, 1)),
    "timeline": (
        ["1", "--title", TAG],
        lambda p: package.plots.timeline(counted_candidate(p, 1)[0], title=TAG),
    ),
    "roofline": (
        ["1", "--device", "h100_sxm", "--title", LINK],
        lambda p: package.plots.roofline(counted_candidate(p, 1)[0], "h100_sxm", title=LINK),
    ),
    "distribution": (
        ["macs", *SPACE, f"title='{SCRIPT}'"],
        lambda p: package.plots.distribution(
            package.design_space(
                "mlp",
                {"width": [8, 16], "depth": [1, 2], "resolution": 8, "norm": ["none"]}
                | {"activation": ["relu", "gelu"]},
            ),
            "macs",
            title=SCRIPT,
        ),
    ),
    "compare": (
        ["curves.csv", "--title", TAG],
        lambda p: package.plots.compare("curves.csv", title=TAG),
    ),
}
"""By kind: the words of the command, and the call."""


@pytest.fixture(scope="module")
def figures(place):
    """Every kind by Python."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        project = package.open("outputs/dse.db")
        return {kind: call(project) for kind, (_, call) in KINDS.items()}


def test_every_kind_is_here_and_in_python():
    assert {*command_tree().commands["plot"].commands} == {*KINDS}
    assert {*package.plots.__all__} - {"save"} == {*KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_the_command_draws_what_python_does(place, figures, kind):
    dse(place, "plot", kind, *KINDS[kind][0], *drawn_to(kind, "drawn.json"))
    assert json.loads((place / "drawn.json").read_text()) == json.loads(figures[kind].to_json())


def drawn_to(kind, file):
    return [f"picture={file}"] if kind == "distribution" else ["--picture", file]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "parallel"])
def test_text_has_room_in_a_terminal_and_no_escapes(place, kind):
    printed = dse(place, "plot", kind, *KINDS[kind][0])
    assert printed.stdout.strip()
    assert "\x1b" not in printed.stdout + printed.stderr
    assert max(map(len, printed.stdout.splitlines())) <= 80 or kind == "correlation"


def test_no_text_from_outside_runs_in_a_browser(figures, tmp_path):
    """All kinds on one page, as a browser takes longest to read Plotly."""
    first, *others = figures.values()
    below = "".join(each.to_html(full_html=False, include_plotlyjs=False) for each in others)
    path = tmp_path / "all.html"
    path.write_text(page_of(first, SCRIPT, below))
    with opened() as page:
        page.goto(path.as_uri())
        page.wait_for_function(f"document.querySelectorAll('.main-svg').length >= {len(figures)}")
        page.wait_for_selector(".parcoords-lines canvas, canvas.gl-canvas", state="attached")
        assert page.title() == SCRIPT
        assert page.locator("body img, body iframe").count() == 0
        assert page.locator("svg a, a[href^='javascript']").count() == 0
        assert page.evaluate("[...document.scripts].filter(s => s.src).length") == 0
        assert page.locator("text=WebGL is not").count() == 0
        drawn = page.locator("text=onerror").first
        assert drawn.text_content(), "it is shown as it was typed"


@pytest.mark.parametrize("kind", ["distribution", "compare"])
def test_a_phone_shows_axes_that_keep_off_one_another(figures, tmp_path, kind):
    path = tmp_path / "narrow.html"
    path.write_text(page_of(figures[kind], kind))
    with opened(viewport=PHONE) as page:
        page.goto(path.as_uri())
        page.wait_for_selector(".xtitle")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        boxes = [each.bounding_box() for each in page.locator(".xtitle, .legend").all()]
        for number, one in enumerate(boxes):
            assert 0 <= one["x"] <= one["x"] + one["width"] <= PHONE["width"]
            assert not any(overlap(one, other) for other in boxes[number + 1 :])


def overlap(one, other):
    """Return whether two boxes share any place."""
    return all(
        one[at] < other[at] + other[size] and other[at] < one[at] + one[size]
        for at, size in (("x", "width"), ("y", "height"))
    )


def test_what_cannot_be_drawn_is_refused_before_anything_is_read(tmp_path):
    line = refused(tmp_path, "plot", "pareto", "--min", "macs", "--picture", "a.gif")
    assert "a.gif: unknown picture format" in line
    assert "did you mean 'pareto'" in refused(tmp_path, "plot", "paretto")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["pareto", "--min", "macs"], "two or three different numbers"),
        (["pareto", "--min", "macs", "--max", "errr"], "did you mean 'error'"),
        (["pareto", "--min", "macs", "--max", "error", "--budget", "depth + 1"], "budget"),
        (
            ["pareto", "--min", "macs", "--max", "error", "--budget", "mcs <= 1"],
            "unknown column 'mcs'",
        ),
        (["pareto", "--min", "macs", "--max", "error", "--budget", "error <= 1ms"], "plain number"),
        (["scatter", "macs", "error", "--where", "macs < 1"], "nothing to draw"),
        (["parallel"], "name a file"),
        (["edf", "error", "--group-by", "width", "--groups", "width = 8"], "not by both"),
        (["ranges", "error", "--axes", "norm"], "norm is no number"),
        (["importance", "macs", "--axes", "norm"], "norm does not vary"),
        (["correlation", "macs"], "two or more columns"),
        (["history", "99"], "99"),
        (["network", "99"], "99"),
        (["distribution", "mac", "family=mlp"], "did you mean 'macs'"),
        (["roofline", "1", "--device", "h100"], "did you mean 'h100_sxm'"),
    ],
)
def test_what_cannot_be_drawn_is_told_in_a_line(place, words, told):
    assert told in refused(place, "plot", *words)


def test_one_candidate_is_a_picture(place):
    one = ["--where", "id = 1", "--picture", "one.json"]
    dse(place, "plot", "pareto", "--min", "macs", "--max", "error", *one)
    dse(place, "plot", "edf", "error", *one)
    dse(place, "plot", "correlation", *one)
    assert json.loads((place / "one.json").read_text())["data"]


def test_what_only_reads_a_store_does_without_pytorch(place):
    """One after the other in a process of its own, text and files."""
    kinds = [name for name in KINDS if name not in BUILDS]
    words = [["plot", kind, *KINDS[kind][0], "--picture", f"{kind}.json"] for kind in kinds]
    words += [["report", "--where", "macs > 1", "--output", "where.html"]]
    words += [["report", *("--compare", "depth = 1", "--compare", "depth = 2")]]
    command = [sys.executable, "-c", READS, json.dumps(words)]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, env=environment())
    assert done.stdout.splitlines()[-1] == "ended [0] without torch", done.stdout + done.stderr


BUILDS = ("network", "timeline", "roofline", "distribution", "compare")
"""The kinds that build networks, or train samplers."""
READS = """
import json, sys
from dse.cli.main import main
ended = set()
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as status:
        ended.add(status.code)
print("ended", sorted(ended), "with" if "torch" in sys.modules else "without", "torch")
"""


def test_axes_that_some_candidates_lack_are_told(tmp_path):
    dse(tmp_path, "sweep", "family=mlp", "grid.resolution=8", "grid.depth=[0,1,2]")
    printed = dse(tmp_path, "plot", "ranges", "params")
    assert "some of these candidates do not have them: width" in printed.stderr
    assert [line.split()[0] for line in printed.stdout.splitlines()[1:]] == ["depth"]
    printed = dse(tmp_path, "plot", "ranges", "params", "--where", "depth > 0")
    assert "do not have them" not in printed.stderr
    assert {line.split()[0] for line in printed.stdout.splitlines()[1:]} == {"depth", "width"}
