"""HdrHistogram's encoding: round trips, and its own Python package reads what we write."""

import base64
import contextlib
import random
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.stats import hdr
from gluten.stats.histogram import HIGHEST, Histogram, slot

TALLIES = st.dictionaries(st.integers(0, HIGHEST), st.integers(1, 10**12), max_size=60)


def of(tally: dict[int, int]) -> Histogram:
    made = Histogram()
    made.record_all(tally)
    return made


@given(TALLIES)
def test_what_is_encoded_decodes_to_the_same_slots(tally: dict[int, int]) -> None:
    histogram = of(tally)
    assert hdr.decode(hdr.encode(histogram)).counts == histogram.counts


@given(TALLIES)
def test_sums_are_right_to_three_digits_after_decoding(tally: dict[int, int]) -> None:
    histogram = of(tally)
    again = hdr.decode(hdr.encode(histogram))
    assert again.mean == pytest.approx(histogram.mean, rel=1e-3)
    assert again.most == pytest.approx(histogram.most, rel=1e-3)


@given(st.dictionaries(st.integers(1, HIGHEST), st.integers(1, 10**6), min_size=1, max_size=40))
def test_hdrhistogram_decodes_ours(tally: dict[int, int]) -> None:
    hdrh = pytest.importorskip("hdrh.histogram")
    histogram = of(tally)
    oracle: Any = hdrh.HdrHistogram.decode(hdr.encode(histogram))
    assert oracle.get_total_count() == len(histogram)
    assert oracle.get_max_value() >= histogram.most
    for value, times in tally.items():
        alike = sum(n for other, n in tally.items() if slot(other) == slot(value))
        assert oracle.get_count_at_value(value) == alike >= times


@given(st.lists(st.integers(1, HIGHEST), min_size=1, max_size=50))
def test_ours_decodes_hdrhistogram_s(values: list[int]) -> None:
    hdrh = pytest.importorskip("hdrh.histogram")
    oracle: Any = hdrh.HdrHistogram(1, HIGHEST, 3)
    histogram = Histogram()
    for value in values:
        oracle.record_value(value)
        histogram.record(value)
    assert hdr.decode(oracle.encode().decode()).counts == histogram.counts


def test_a_count_of_many_bytes_survives() -> None:
    # 2^56 needs the ninth byte of the LEB128, which carries eight bits
    histogram = of({1: (1 << 62) - 1, 7: 1 << 56, HIGHEST: (1 << 55) - 1})
    assert hdr.decode(hdr.encode(histogram)).counts == histogram.counts


@pytest.mark.parametrize(
    "text", ["", "AAAA", "not base64!", "HISTFAAAACp4nJNpmSz", base64.b64encode(b"x" * 80).decode()]
)
def test_an_invalid_histogram_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        hdr.decode(text)


@given(st.integers(0, 2**32))
def test_damaged_bytes_are_refused_or_read_but_never_crash(seed: int) -> None:
    rng = random.Random(seed)
    raw = bytearray(base64.b64decode(hdr.encode(of({5: 3, 4000: 10**6}))))
    raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    with contextlib.suppress(ValueError):
        hdr.decode(base64.b64encode(bytes(raw[: rng.randrange(1, len(raw) + 1)])).decode())


def test_counts_cut_short_are_refused() -> None:
    packed = hdr._HEAD.pack(hdr._PLAIN, 1, 0, 3, 1, HIGHEST, 1.0) + b"\x80"
    compressed = zlib.compress(packed)
    text = base64.b64encode(hdr._OUTER.pack(hdr._COMPRESSED, len(compressed)) + compressed).decode()
    with pytest.raises(ValueError, match="not an encoded histogram"):
        hdr.decode(text)
