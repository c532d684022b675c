import numpy as np

from dse.report.figures.pareto_drawing import ParetoCloud, pareto_figure
from dse.report.figures.plotted_column import column_of


def cloud(x, y, directions=("min", "max"), **more):
    goals = column_of("macs", x, "count"), column_of("top1", y)
    front = more.pop("on_front", np.ones(len(x), dtype=bool))
    return ParetoCloud(goals, directions, front, more.pop("total", len(x)), **more)


def steps(figure):
    (front,) = (trace for trace in figure.data if trace.mode == "lines")
    return list(zip(front.x, front.y, strict=True))


def test_steps_leave_to_each_point_what_it_just_does_not_beat():
    corners = [(1, 50), (2, 50), (2, 70)]
    assert steps(pareto_figure(cloud([1, 2], [50, 70]))) == corners
    corners = [(1, 70), (1, 50), (2, 50)]
    assert steps(pareto_figure(cloud([1, 2], [70, 50], ("max", "max")))) == corners


def test_a_thinned_cloud_says_so_and_a_whole_one_does_not():
    shown = pareto_figure(cloud([1, 2], [50, 70], total=1_000_000))
    assert "2 of 1,000,000 points shown" in shown.layout.annotations[0].text
    assert not pareto_figure(cloud([1, 2], [50, 70])).layout.annotations


def test_bounds_are_lines_at_their_place_on_a_logarithmic_axis():
    figure = pareto_figure(cloud([1e6, 1e9], [1, 2], bounds={"macs": (None, 1e8)}))
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.shapes[0].x0 == 1e8
    assert figure.layout.annotations[0].x == 8


def test_one_point_and_missing_colours_are_drawn():
    nothing = column_of("width", [None], None)
    assert pareto_figure(cloud([1], [2], colour=nothing)).data


def test_a_colour_of_words_is_a_trace_for_each():
    words = column_of("norm", ["<b>", "layer", "layer"])
    behind = np.array([False, False, True])
    figure = pareto_figure(cloud([1, 2, 3], [1, 2, 3], on_front=behind, colour=words))
    assert [trace.name for trace in figure.data][:2] == ["norm &lt;b&gt; (1)", "norm layer (1)"]
