import html

import pytest

from dse.report.figures.figure_style import safe_text, scale_of, symbol, told, wrapped
from dse.report.figures.plotted_column import column_of

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    '<a href="javascript:alert(1)">x</a>',
    "a\x1b[31mred\nb\r\x00",
    "&lt;b&gt; $x$ %{x}",
    "half \ud800 of one",
    "\u202eturned",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_is_neither_a_tag_nor_a_control(text):
    safe = safe_text(text)
    assert not set("<>$\x1b\n\r\x00\u202e") & set(safe)
    safe.encode()
    assert "<" not in wrapped(text).replace("<br>", "")


def test_what_is_escaped_reads_as_it_was_typed():
    assert html.unescape(safe_text("a < b & c > $d")) == "a < b & c > $d"
    assert safe_text("x" * 99) == "x" * 59 + "…"


def test_values_are_told_with_their_units():
    assert told(300_800_000.0, "count") == "300.8M"
    assert told(3 * 2**20, "bytes") == "3MiB"
    assert told(None) == told(float("nan")) == "–"
    assert told(True) == "true"
    assert told("<b>") == "&lt;b&gt;"


def test_bytes_have_the_unit_of_their_middle_and_counts_prefixes_at_the_ticks():
    memory = column_of("peak_memory", [2**20, 3 * 2**20, None], "bytes")
    assert scale_of(memory.values, "bytes") == (2**20, "MiB")
    values, axis = memory.scaled()
    assert values[:2].tolist() == [1, 3]
    assert axis["title"]["text"] == "peak_memory (MiB)"
    assert axis["type"] == "linear"
    decades = column_of("macs", [1e6, 1e9], "count").scaled()[1]
    assert decades["type"] == "log"


def test_words_and_truths_are_categories_in_order():
    values, axis = column_of("norm", ["b", None, "a", True]).scaled()
    assert axis["type"] == "category"
    assert list(values) == ["b", "–", "a", "true"]


def test_forty_groups_are_told_apart():
    from dse.report.figures.figure_style import colour

    assert len({(colour(n), symbol(n)) for n in range(40)}) == 40
