"""The trials of a study, listed."""

from tests.cli.command import dse


def test_settings_stand_in_the_order_of_the_axes_whichever_trial_came_first(tmp_path):
    axes = ("grid.depth_1=[2,4]", "grid.kernel_1=[3,5]", "grid.resolution=32")
    words = ("objective=macs", "exact=false", "sampler=random", "trials=6")
    dse(tmp_path, "search", "family=proxyless", "grid=none", *axes, *words)
    trials, candidates = (
        dse(tmp_path, *words, "--format", "csv").stdout.partition("\n")[0].split(",")
        for words in (("trials", "1"), ("query",))
    )
    settings = candidates[candidates.index("resolution") : candidates.index("params")]
    assert {"depth_1", "kernel_1_4", "classes"} <= {*settings}
    start = trials.index("resolution")
    assert trials[start : start + len(settings)] == settings
