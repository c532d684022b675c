"""Words that a command cannot take are answered by words that it can."""

import pytest

from dse.project import range_of
from dse.space import NetworkCount
from tests.cli.command import dse, refused

AS_IN = [
    (("export",), "Missing argument 'id', as in: dse export 17"),
    (("show",), "Missing argument 'id', as in: dse show 17"),
    (("trials",), "Missing argument 'study', as in: dse trials 3"),
    (("completion",), "as in: dse completion bash"),
    (("query", "macs", "<", "100M"), 'stands in quotes, as in: dse query "macs < 300M'),
    (("show", "x"), "Invalid value for 'id': it is no whole number"),
    (("show", "1", "store.url=x.db"), "did you mean --store x.db?"),
    (("import", "x.csv", "family=mlp", "store=x.db"), "did you mean --family mlp --store x.db?"),
    (("show", "1", "colour=red"), "stands in quotes, as in: dse show 17"),
    (("query", "--limit", "x"), "Invalid value for '--limit': it is no whole number"),
    (("forget",), "Missing option '--measurement', as in: dse forget \"width < 1\""),
    (("query", "--order-by", "macs"), "No such option: --order-by; did you mean '--group-by'?"),
    (("query", "--lmit", "3"), "No such option: --lmit; did you mean '--limit'? (valid: --columns"),
    (("query", "--where", "macs < 1"), '--sort, --sql, --store, as in: dse query "macs < 300M'),
    (("export", "5", "--to", "onix"), "unknown 'onix'; did you mean 'onnx'?"),
    (("count", "x", "--format", "markdwn"), "unknown 'markdwn'; did you mean 'markdown'?"),
]


@pytest.mark.parametrize(("words", "message"), AS_IN, ids=lambda each: str(each))
def test_what_is_missing_or_wrong_is_told_with_what_is_right(tmp_path, words, message):
    line = refused(tmp_path, *words, status=2)
    assert message in line
    assert "Value error" not in line


MEANT = [
    (("nas_bench_macro",), "did you mean family=nas_bench_macro?"),
    (("macs<60M",), "a condition on costs is --budget 'macs<60M'"),
    (("macs<=60M",), "a condition on costs is --budget 'macs<=60M'"),
    (("anything",), "as in: family=mobilenet_v2 budget.macs=200M"),
    (("--stoer", "x.db"), "unknown flag '--stoer'; did you mean '--store'?"),
    (("--color", "x"), "unknown flag '--color'; valid: --"),
    (("macs=60M",), "a bound on it is budget.macs=…"),
    (("--macs", "60M"), "a bound on it is budget.macs=60M"),
    (("--peak-memory=6MiB",), "a bound on it is budget.peak_memory=6MiB"),
    (("--budget.macs=60M",), "did you mean budget.macs=60M?"),
    (("--grid.width", "0.5"), "did you mean grid.width=0.5?"),
    (("width=0.5",), "values of this axis are grid.width=[…]"),
    (("store=runs/x.db",), "a place to keep results is --store runs/x.db"),
    (("family=own/resnet",), "unknown family 'own/resnet'; did you mean 'resnet'?"),
    (("famliy=mlp",), "did you mean 'family'?"),
    (("--budget", "macs <= 60M, params <= 2M"), "column 12: unexpected ','; write 'and'"),
]


@pytest.mark.parametrize("command", ["sweep", "search", "space"])
@pytest.mark.parametrize(("words", "message"), MEANT, ids=lambda each: str(each))
def test_what_was_meant_is_told(tmp_path, command, words, message):
    assert message in refused(tmp_path, command, *words)


@pytest.mark.parametrize("command", ["sweep", "search", "space"])
def test_a_grid_that_is_not_there_is_refused(tmp_path, command):
    line = refused(tmp_path, command, "family=mobilenet_v2", "grid=mobilenet_v2_publised")
    assert "unknown grid 'mobilenet_v2_publised'; did you mean 'mobilenet_v2_published'?" in line


def test_a_family_without_a_page_of_its_grid_is_none_the_worse(tmp_path):
    (tmp_path / "family").mkdir()
    (tmp_path / "family" / "own.yaml").write_text(
        "axes: {width: 8}\ninput: [width]\nblocks:\n  - {block: linear, features: 3}\n"
    )
    own = ("--config-dir", ".", "family=own")
    assert "1 distinct network" in dse(tmp_path, "space", *own).stdout
    assert "unknown grid 'own'; did you mean" in refused(tmp_path, "space", *own, "grid=own")


def test_a_number_that_reads_alike_at_both_ends_is_told_once():
    assert range_of(NetworkCount(7, 7)) == "7"
    assert range_of(NetworkCount(7, 1_000)) == "between 7 and 1,000"
    assert range_of(NetworkCount(10**20, 10**20 + 1)) == "about 1e+20"
