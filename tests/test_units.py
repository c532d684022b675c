import pytest
from hypothesis import given
from hypothesis import strategies as st

from dse.errors import DseError
from dse.language.units import (
    format_bytes,
    format_count,
    format_quantity,
    numbered,
    parse_fraction,
    parse_quantity,
)

BINARY = ("KiB", "MiB", "GiB", "TiB")


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("300M", "count", 300_000_000),
        ("1.5k", "count", 1500),
        ("7B", "count", 7_000_000_000),
        ("1e6", "count", 1_000_000),
        (1e6, "count", 1_000_000),
        (42, "count", 42),
        ("64MiB", "bytes", 64 * 2**20),
        ("0.5 KiB", "bytes", 512),
        ("64MB", "bytes", 64_000_000),
        ("7B", "bytes", 7),
        ("7B", None, 7),
    ],
)
def test_quantities_as_people_type_them(text, kind, number):
    assert parse_quantity(text, kind) == number


def test_what_need_not_be_whole_stays_exact():
    assert parse_fraction("0.1") * 10 == 1
    assert parse_fraction("1.5M", "count") == 1_500_000


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("3X", "count", "unknown unit 'X'"),
        ("64MiB", "count", "unknown unit 'MiB'"),
        ("64M", "bytes", "unknown unit 'M' in '64M'; did you mean"),
        ("1.5", "count", "is not a whole number"),
        ("", "count", "is not a number"),
        ("many", "count", "is not a number"),
        ("nan", "count", "is not a number"),
        ("1e999999999", "count", "is not a number"),
        ("9" * 5000, "count", "is not a number"),
        (True, "count", "is not a number"),
    ],
)
def test_what_is_no_quantity_is_an_error(text, kind, message):
    with pytest.raises(DseError, match=message):
        parse_quantity(text, kind)


@given(st.from_regex(r"[0-9]{1,5}(\.[0-9]{1,3})?", fullmatch=True))
def test_a_plain_number_is_itself_or_no_whole_number(text):
    if float(text).is_integer():
        assert parse_quantity(text) == float(text)
    else:
        with pytest.raises(DseError, match="is not a whole number"):
            parse_quantity(text)


def test_short_forms_for_tables():
    assert format_count(1_814_073_344) == "1.814G"
    assert format_count(999) == "999"
    assert format_bytes(46_796_608) == "44.63MiB"


@pytest.mark.parametrize("digits", [1, 1.071, 12.34, 123.4, 999.9, 1000, 12345])
@pytest.mark.parametrize(
    ("kind", "unit", "multiple"),
    [
        *[("count", unit, 10**power) for unit, power in zip("kMGT", (3, 6, 9, 12), strict=True)],
        *[("bytes", unit, 2**power) for unit, power in zip(BINARY, (10, 20, 30, 40), strict=True)],
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_short_form_has_no_power_of_ten_and_is_read_again(digits, kind, unit, multiple, sign):
    number = sign * round(digits * multiple)
    shown = format_quantity(number, kind)
    assert "e" not in shown
    assert float(parse_fraction(shown, kind)) == pytest.approx(number, rel=1e-3)
    if digits < 1000:
        assert shown.endswith(unit)


def test_counts_and_bytes_beyond_the_billions():
    assert format_count(10_710_000_000_000) == "10.71T"
    assert format_bytes(3 * 2**39) == "1.5TiB"
    assert parse_quantity("1.5TiB", "bytes") == 3 * 2**39
    assert parse_quantity("2TB", "bytes") == 2 * 10**12


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 blocks"), (1, "1 block"), (2, "2 blocks"), (1234, "1,234 blocks")]
)
def test_how_many_there_are(number, said):
    assert numbered(number, "block") == said
