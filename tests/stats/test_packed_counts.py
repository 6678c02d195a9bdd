"""Adding two packed numbers adds their counts."""

import base64
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.stats import packed_counts
from gluten.stats.histogram import FEW, SLOTS, Histogram

COUNTS = st.dictionaries(st.integers(0, SLOTS - 1), st.integers(1, packed_counts.SMALL - 1), max_size=60)
TALLY = st.dictionaries(st.integers(0, 10**7), st.integers(1, 10**4), min_size=FEW + 10, max_size=FEW + 40)


@given(COUNTS)
def test_counts_come_back_as_they_were(counts: dict[int, int]) -> None:
    assert packed_counts.counts(packed_counts.of(counts)) == counts
    assert packed_counts.small(packed_counts.of(counts))


@given(COUNTS, COUNTS)
def test_adding_numbers_adds_counts(one: dict[int, int], other: dict[int, int]) -> None:
    both = {index: one.get(index, 0) + other.get(index, 0) for index in one.keys() | other.keys()}
    assert packed_counts.counts(packed_counts.of(one) + packed_counts.of(other)) == both


@given(COUNTS.filter(bool))
def test_they_cross_as_text(counts: dict[int, int]) -> None:
    made = packed_counts.of(counts)
    first, text = packed_counts.to_text(made)
    assert first == min(counts)
    assert packed_counts.from_text(first, text, SLOTS) == made


def packed(raw: bytes) -> str:
    return base64.b64encode(zlib.compress(raw)).decode()


@pytest.mark.parametrize(
    ("first", "text"),
    [
        (0, ""),
        (0, "not base64 !"),
        (0, "AAAA"),
        (0, packed(b"")),
        (0, packed(bytes(8))),
        (0, packed(b"\1\0\0")),  # a count cut off
        (0, packed(b"\1\0\0\0") + "AAAA"),  # more behind it
        (0, packed(b"\1\0\0\0" * 100)[:-4]),  # an end that is missing
        (SLOTS, packed(b"\1\0\0\0")),
        (-1, packed(b"\1\0\0\0")),
        (SLOTS - 1, packed(b"\1\0\0\0" * 2)),
        (0, packed(b"\1\0\0\0" + b"\0\0\x10\0")),  # so much that a sum could overflow
        (0, packed(bytes(1 << 24))),  # a bomb
    ],
)
def test_a_malformed_text_is_refused(first: int, text: str) -> None:
    with pytest.raises(ValueError):
        packed_counts.from_text(first, text, SLOTS)


@settings(max_examples=15)
@given(st.lists(TALLY, min_size=1, max_size=4))
def test_histograms_from_the_wire_merge_like_those_that_recorded(tallies: list[dict[int, int]]) -> None:
    recorded, merged = Histogram(), Histogram()
    for tally in tallies:
        recorded.record_all(tally)
        part = Histogram()
        part.record_all(tally)
        assert isinstance(part.to_wire()[-1], str)
        merged.add(Histogram.from_wire(part.to_wire()))
    assert len(merged) == len(recorded)
    assert Histogram.from_wire(merged.to_wire()) == recorded
    assert merged == recorded


def test_more_than_32_bits_hold_is_kept_exactly() -> None:
    part, whole = Histogram(), Histogram()
    part.record_all(dict.fromkeys(range(1, 101), packed_counts.SMALL - 1))
    read = Histogram.from_wire(part.to_wire())
    for _ in range(2 * packed_counts.PARTS + 1):
        whole.add(read)
    assert whole.counts == dict.fromkeys(range(1, 101), (packed_counts.SMALL - 1) * (2 * packed_counts.PARTS + 1))
    assert Histogram.from_wire(whole.to_wire()) == whole


def test_counts_that_are_too_large_to_pack_go_one_by_one() -> None:
    whole = Histogram()
    whole.record_all(dict.fromkeys(range(100), packed_counts.SMALL))
    assert whole.to_wire() == whole.to_list()


def test_a_merged_histogram_can_still_record() -> None:
    part = Histogram()
    part.record_all(dict.fromkeys(range(100), 1))
    read = Histogram.from_wire(part.to_wire())
    read.record(5)
    assert read.counts[5] == 2
    assert len(read) == 101


@pytest.mark.parametrize("flat", [[0, 0, 0, 0, 0, "x"], [0, 0, 0, 0, -1, 0, "x"], [0, 0, 0, 0, 0, True, "x"], "x", 5])
def test_malformed_histograms_are_refused(flat: list[object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        Histogram.from_wire(flat)


@pytest.mark.parametrize(("at", "change"), [(3, -1), (3, 1), (4, -1), (4, 1)], ids=["below", "above", "less", "more"])
def test_extremes_in_other_slots_than_the_ends_are_refused(at: int, change: int) -> None:
    part = Histogram()
    part.record_all(dict.fromkeys(range(100, 200), 1))
    flat = part.to_wire()
    assert isinstance(flat[-1], str)
    assert Histogram.from_wire(flat) == part
    flat[at] += change
    with pytest.raises(ValueError, match="first or last slot"):
        Histogram.from_wire(flat)
