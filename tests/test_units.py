"""Counts, times and sizes as the contract writes them; each row has its arithmetic beside it."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.units import (
    UnitError,
    format_count,
    format_duration,
    format_micros,
    format_rate,
    format_size,
    parse_count,
    parse_duration,
    parse_rate,
    parse_size,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("100", 100),
        ("1k", 1000),
        ("1K", 1000),
        ("1.5k", 1500),  # 1.5 * 1000
        ("2M", 2_000_000),
        ("0.25m", 250_000),
        ("1g", 10**9),
        (".5k", 500),
        ("5.", 5),
        (" 12 ", 12),
        ("1000000g", 10**15),
    ],
)
def test_a_count_takes_k_m_g_in_thousands(text: str, value: int) -> None:
    assert parse_count(text) == value


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), ("1.5", 1.5), ("1.2345k", 1234.5), ("3", 3.0)])
def test_a_rate_keeps_its_fraction(text: str, value: float) -> None:
    assert parse_rate(text) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30s", 30),
        ("30S", 30),
        ("500ms", 0.5),
        ("0.5s", 0.5),
        ("1m30s", 90),  # 60 + 30
        ("1h", 3600),
        ("1h2m3s", 3723),  # 3600 + 120 + 3
        ("250us", 0.00025),
        ("2m", 120),
        ("1.5m", 90),
        ("7", 7),
        ("0", 0),
        ("1M", 60),
    ],
)
def test_a_time_is_a_row_of_numbers_with_units(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("64k", 65_536),  # 64 * 1024
        ("8M", 8 << 20),
        ("1g", 1 << 30),
        ("1.5k", 1536),
        ("100", 100),
        ("100b", 100),
        ("64KiB", 65_536),
        ("0", 0),
    ],
)
def test_a_size_takes_k_m_g_in_1024ths(text: str, size: int) -> None:
    assert parse_size(text) == size


NONSENSE = ["", " ", "-5", "+5", "5x", "k", "1e3", "nan", "inf", "1,5", "0x10", "1 k", "1kk", "²", "1ſ", "٣", "9" * 400]


@pytest.mark.parametrize("text", [*NONSENSE, "1.5", "0.0001k", "2000000000g"])
def test_a_text_that_is_not_a_whole_count_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        parse_count(text)


@pytest.mark.parametrize("text", [*NONSENSE, "5s3", "1ss", "s", "1d", "1m30", "10 s", "ms"])
def test_a_text_that_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        parse_duration(text)


@pytest.mark.parametrize("text", [*NONSENSE, "1.5", "1kx", "1t"])
def test_a_text_that_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(UnitError):
        parse_size(text)


@pytest.mark.parametrize("parse", [parse_count, parse_rate, parse_duration, parse_size])
@given(text=st.text(alphabet="0123456789.kKmMgGhsu µſ-+e٣", max_size=12) | st.text(max_size=8))
def test_any_text_is_read_or_refused_and_nothing_else(parse, text: str) -> None:  # type: ignore[no-untyped-def]
    with contextlib.suppress(UnitError):
        value = parse(text)
        assert value >= 0
        assert math.isfinite(value)


def test_a_refusal_names_the_text_and_what_is_allowed() -> None:
    with pytest.raises(UnitError, match=r"'abc' is not a time with us, ms, s, m or h"):
        parse_duration("abc")


@given(st.integers(min_value=1, max_value=10**11).map(lambda micros: micros / 1e6))
def test_a_time_that_is_written_reads_back(seconds: float) -> None:
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (10, "10s"),
        (90, "1m30s"),
        (120, "2m"),
        (3600, "1h"),
        (0.5, "500ms"),
        (0.00025, "250us"),
        (3723.5, "1h2m3.5s"),
        (86400, "24h"),
    ],
)
def test_a_time_is_written_as_a_person_writes_it(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "0.00us"),
        (635.91, "635.91us"),
        (849, "849.00us"),
        (890, "0.89ms"),  # wrk's switch: from 0.85 of the next unit on
        (12_920, "12.92ms"),
        (849_000, "849.00ms"),
        (900_000, "900.00ms"),  # below a second wrk knows us and ms only
        (1_050_000, "1.05s"),
        (50_000_000, "50.00s"),
        (51_000_000, "0.85m"),
        (120_000_000, "2.00m"),
        (3_600_000_000, "1.00h"),
    ],
)
def test_a_latency_is_written_as_wrk_writes_it(micros: float, text: str) -> None:
    assert format_micros(micros) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.00"), (833, "833.00"), (850, "0.85k"), (56_200, "56.20k"), (1_200_000, "1.20M"), (2e15, "2000.00T")],
)
def test_a_rate_is_written_as_wrk_writes_it(value: float, text: str) -> None:
    assert format_count(value) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [(12_400.4, "12,400/s"), (999.97, "1,000/s"), (123.4, "123/s"), (12.3456, "12.35/s"), (0.625, "0.625/s")],
)
def test_a_searched_rate_has_four_figures(rate: float, text: str) -> None:
    assert format_rate(rate) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0.00B"),
        (88, "88.00B"),
        (900, "0.88KB"),
        (30_000, "29.30KB"),
        (635_783_000, "606.33MB"),
        (17.76 * 2**30, "17.76GB"),
        (3 * 2**50, "3072.00TB"),
    ],
)
def test_a_size_is_written_as_wrk_writes_it(size: float, text: str) -> None:
    assert format_size(size) == text
