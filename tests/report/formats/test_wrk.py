"""`--format wrk`: what wrk and wrk2 print, byte by byte, so that programs that read them read us."""

from __future__ import annotations

import re
from typing import Any

import pytest

from gluten.report.formats.spectrum import points
from gluten.report.formats.wrk import as_wrk
from gluten.stats.histogram import Histogram
from tests.support.reports import closed, rated

# 100 requests a second for 3 s, by one thread: 90 of 1 ms, 9 of 2 ms, 1 of 10 ms. The mean is 1.18 ms. The deviation is
# of 270 x 0.18, 27 x 0.82, 3 x 8.82, squared: (8.75 + 18.15 + 233.38) / 300 = 0.868, whose root is 0.93. 297 are near.
WRK = """\
Running 3s test @ http://127.0.0.1:8080/
  1 threads and 10 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.18ms    0.93ms  10.00ms   99.00%
    Req/Sec   100.00      0.00   100.00    100.00%
  Latency Distribution
     50%    1.00ms
     75%    1.00ms
     90%    1.00ms
     99%    2.00ms
  300 requests in 3.00s, 29.30KB read
Requests/sec:    100.00
Transfer/sec:      9.77KB
"""
UNCORRECTED = "Uncorrected Latency (measured without taking delayed starts into account)"


def test_a_closed_loop_is_as_wrk_prints_it() -> None:
    assert as_wrk(closed()) == WRK
    plain = as_wrk(closed(), latency=False, service=False)
    assert plain == WRK[: WRK.index("  Latency Distribution")] + WRK[WRK.index("  300 requests") :]


def test_a_rate_is_as_wrk2_prints_it() -> None:
    lines = as_wrk(rated()).splitlines()
    at = lines.index("  Latency Distribution (HdrHistogram - Recorded Latency)")
    # 111 were answered: 95 after 1 ms, 16 after 3 ms
    assert lines[at + 1 : at + 9] == [
        " 50.000%    1.00ms",
        " 75.000%    1.00ms",
        " 90.000%    3.00ms",
        " 99.000%    3.00ms",
        " 99.900%    3.00ms",
        " 99.990%    3.00ms",
        " 99.999%    3.00ms",
        "100.000%    3.00ms",
    ]
    assert lines[at + 9 : at + 14] == [
        "",
        "  Detailed Percentile spectrum:",
        "       Value   Percentile   TotalCount 1/(1-Percentile)",
        "",
        "       1.000     0.000000           95         1.00",
    ]
    end = lines.index("-" * 58)
    assert lines[end - 4] == "       3.001     1.000000          111          inf"
    assert lines[end - 3] == "#[Mean    =        1.288, StdDeviation   =        0.702]"
    assert lines[end - 2] == "#[Max     =        3.000, Total count    =          111]"
    assert lines[end + 1 : end + 3] == [
        "",
        f"  Latency Distribution (HdrHistogram - {UNCORRECTED})",
    ]
    assert lines[-5:-2] == [
        "  111 requests in 3.00s, 10.84KB read",
        "  Socket errors: connect 0, read 1, write 0, timeout 3",
        "  Non-2xx or 3xx responses: 15",
    ]


def test_wrk2_prints_no_distribution_that_is_not_asked_for() -> None:
    assert "Distribution" not in as_wrk(rated(), latency=False, service=False)
    assert "Uncorrected" not in as_wrk(rated(), latency=True, service=False)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(1.0, "1s"), (50.0, "50s"), (51.0, "1m"), (90.0, "2m"), (7200.0, "120m")]
)
def test_lengths_are_rounded_as_wrk_does(seconds: float, shown: str) -> None:
    report = closed()
    report["task"] = report["task"] | {"duration": seconds}
    assert as_wrk(report).startswith(f"Running {shown} test @ ")
    report["duration"] = seconds
    assert f" requests in {seconds / 60:.2f}m, " in as_wrk(report) or seconds < 51


def test_every_error_is_in_one_of_the_four_kinds() -> None:
    report = closed()
    known = ("dns", "connect", "tls", "write", "template", "timeout")
    others = ("read", "reset", "closed", "protocol", "limit", "of-tomorrow")
    report["errors"] = dict.fromkeys((*known, *others), 1)
    assert "  Socket errors: connect 3, read 6, write 2, timeout 1\n" in as_wrk(report)


def test_what_reads_wrk_reads_us() -> None:
    """The patterns of TechEmpower's FrameworkBenchmarks (`results.py`)."""
    text = as_wrk(rated())
    (latency,) = [line for line in text.splitlines() if line.startswith("    Latency")]
    assert len(re.findall(r"([0-9]+\.*[0-9]*[us|ms|s|m|%]+)", latency)) == 4
    found: dict[str, Any] = {
        name: int(re.search(pattern, text)[1])  # type: ignore[index]
        for name, pattern in {
            "requests": "([0-9]+) requests in",
            "connect": "connect ([0-9]+)",
            "read": "read ([0-9]+)",
            "write": "write ([0-9]+)",
            "timeout": "timeout ([0-9]+)",
            "5xx": "Non-2xx or 3xx responses: ([0-9]+)",
        }.items()
    }
    assert found == {"requests": 111, "connect": 0, "read": 1, "write": 0, "timeout": 3, "5xx": 15}
    assert float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]) == 37.0  # type: ignore[index]


@pytest.mark.parametrize(
    ("tally", "said"),
    [
        (
            {1: 1, 2: 1},
            [(1, 0, 1), (1, 10, 1), (1, 20, 1), (1, 30, 1), (1, 40, 1), (1, 50, 1), (2, 55, 2), (2, 100, 2)],
        ),
        (
            {900: 3, 1500: 1, 5000: 2, 123_456: 1},
            [
                *((900, percentile, 3) for percentile in (0, 10, 20, 30, 40)),
                *((1500, percentile, 4) for percentile in (50, 55)),
                *((5003, percentile, 6) for percentile in (60, 65, 70, 75, 77.5, 80, 82.5, 85)),
                (123_519, 87.5, 7),
                (123_519, 100, 7),
            ],
        ),
        ({7: 1}, [(7, 0, 1), (7, 100, 1)]),
        ({}, []),
    ],
)
def test_the_spectrum_is_that_of_wrk2(tally: dict[int, int], said: list[tuple[int, float, int]]) -> None:
    """What `hdr_percentiles_print` of wrk2's sources says of these values."""
    histogram = Histogram()
    histogram.record_all(tally)
    assert [(micros, round(at, 6), count) for micros, at, count in points(histogram)] == said
