"""What is encoded is read by opentelemetry-proto's own messages."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE, Metric

from gluten.push import otlp
from gluten.push.batch import Batch, Event, RunHead
from gluten.push.sums import Sums
from gluten.stats.delta import Delta
from gluten.stats.session_stats import SessionStats
from tests.support.push.otlp_server import labels_of, points

HEAD = RunHead("ab" * 16, "checkout", 1_700_000_000 * 10**9)


def delta(second: int, *micros: int, name: str = "buy") -> Delta:
    made = Delta(second)
    stats = made.of(name)
    for value in micros:
        stats.sent += 1
        stats.completed += 1
        stats.status[200] = stats.status.get(200, 0) + 1
        stats.response.record(value)
        stats.service.record(value // 2)
    made.cpu, made.connections = 0.25, 4
    return made


def read(batch: Batch) -> ExportMetricsServiceRequest:
    return ExportMetricsServiceRequest.FromString(otlp.metrics(batch))


def pushed(*deltas: Delta, second: int = 0) -> ExportMetricsServiceRequest:
    sums = Sums(HEAD)
    for one in deltas:
        sums.add("n1", one)
    return read(sums.batch(second))


def metric(request: ExportMetricsServiceRequest, name: str) -> Metric:
    (found,) = [one for one in request.resource_metrics[0].scope_metrics[0].metrics if one.name == name]
    return found


def test_a_resource_is_a_node_in_a_run() -> None:
    (resource,) = pushed(delta(0, 1000)).resource_metrics
    known = labels_of(resource.resource.attributes)
    assert known["service.name"] == "gluten"
    assert (known["gluten.run"], known["gluten.name"], known["gluten.node"]) == ("ab" * 16, "checkout", "n1")


def test_two_nodes_are_two_instances() -> None:
    sums = Sums(HEAD)
    sums.add("n1", delta(0, 1))
    sums.add("n2", delta(0, 1))
    found = [
        labels_of(each.resource.attributes)["service.instance.id"] for each in read(sums.batch(0)).resource_metrics
    ]
    assert len(set(found)) == 2


def test_a_histogram_has_every_time_and_exact_ends() -> None:
    found = metric(pushed(delta(0, 1000, 2000, 0)), "gluten.response_time")
    (point,) = found.exponential_histogram.data_points
    assert (found.unit, point.scale, point.zero_count, point.count) == ("s", 8, 1, 3)
    assert found.exponential_histogram.aggregation_temporality == AGGREGATION_TEMPORALITY_CUMULATIVE
    assert point.sum == pytest.approx(0.003)
    assert (point.min, point.max) == (0.0, 0.002)
    assert point.positive.offset == -2552  # 256 * log2(0.001) = -2551.2
    counts = list(point.positive.bucket_counts)
    assert (counts[0], counts[-1], sum(counts), len(counts)) == (1, 1, 2, 257)  # 2 ms are 256 buckets above 1 ms


def test_a_point_is_at_the_end_of_its_second() -> None:
    (point,) = points(pushed(delta(7, 1000), second=7), "gluten.good")
    assert (point.start_time_unix_nano, point.time_unix_nano) == (HEAD.start, HEAD.start + 8 * 10**9)


@pytest.mark.parametrize("count", [1, 127, 128, 300, 70_000])
def test_a_bucket_holds_any_count(count: int) -> None:
    made = Delta(0)
    made.of("buy").response.record(1000, count)
    (point,) = points(pushed(made), "gluten.response_time")
    assert list(point.positive.bucket_counts) == [count]


def test_counts_are_sums_over_the_run_and_monotonic() -> None:
    sums = Sums(HEAD)
    sums.add("n1", delta(0, 1, 2))
    first = read(sums.batch(0))
    sums.add("n1", delta(1, 3))
    second = read(sums.batch(1))
    values = [points(each, "gluten.requests", request="buy", status="200")[0].as_int for each in (first, second)]
    assert values == [2, 3]
    assert metric(second, "gluten.requests").sum.is_monotonic


def test_what_comes_late_is_in_the_next_sums() -> None:
    sums = Sums(HEAD)
    for one, second in ((delta(0, 1), 0), (delta(1, 1), 1), (delta(0, 1, 1), 1)):
        sums.add("n1", one)
        request = read(sums.batch(second))
    assert points(request, "gluten.requests", status="200")[0].as_int == 4


def test_every_name_of_the_contract_is_there() -> None:
    made = delta(0, 1000)
    stats = made.of("buy")
    stats.sent += 2
    stats.fail("timeout")
    stats.checked("status == 200", 3, 1)
    stats.dropped, stats.read, stats.written = 5, 600, 70
    made.lateness.record(2000)
    session = made.by_scenario["shop"] = SessionStats()
    session.finished, session.ended, session.cut, session.dropped = 1, 2, 3, 4
    session.time.record(1_500_000)
    made.groups["basket"] = session.time
    sums = Sums(HEAD)
    sums.add("n1", made)
    request = read(sums.batch(0, [("p99 < 250ms", False)], "n1"))

    def value(name: str, **labels: str) -> Any:
        (point,) = points(request, name, **labels)
        return getattr(point, str(point.WhichOneof("value")))

    assert value("gluten.requests", request="buy", status="200") == 1
    assert value("gluten.requests", request="buy", error="timeout") == 1
    assert value("gluten.good", request="buy") == 1
    assert value("gluten.checks", check="status == 200", result="passed") == 3
    assert value("gluten.checks", check="status == 200", result="failed") == 1
    assert [value("gluten.sessions", outcome=word) for word in ("finished", "ended", "cut", "dropped")] == [1, 2, 3, 4]
    assert value("gluten.dropped", request="buy") == 5
    assert value("gluten.bytes", direction="read") == 600
    assert value("gluten.bytes", direction="written") == 70
    assert value("gluten.in_flight", request="buy") == 1  # 3 sent, 1 completed, 1 failed
    assert value("gluten.connections") == 4
    assert value("gluten.cpu") == 0.25
    assert value("gluten.lateness") == 0.002
    assert value("gluten.slo", slo="p99 < 250ms") == 0
    times = ["response_time", "service_time", "first_byte", "session_time", "group_time"]
    assert [len(points(request, f"gluten.{name}")) for name in times] == [1] * 5
    assert points(request, "gluten.group_time", group="basket")[0].sum == 1.5


def test_no_point_is_a_total_over_requests() -> None:
    made = delta(0, 1000)
    made.of("look").sent += 1
    found = points(pushed(made), "gluten.dropped")
    assert [labels_of(point.attributes) for point in found] == [{"request": "buy"}, {"request": "look"}]


def test_an_event_is_a_log_record() -> None:
    event = Event(HEAD, 1_700_000_005 * 10**9, "worker_lost", "a worker died", "n1", 4)
    (resource,) = ExportLogsServiceRequest.FromString(otlp.logs([event])).resource_logs
    assert labels_of(resource.resource.attributes)["gluten.node"] == "n1"
    (record,) = resource.scope_logs[0].log_records
    assert (record.body.string_value, record.severity_text) == ("a worker died", "WARN")
    assert record.time_unix_nano == event.at
    assert labels_of(record.attributes) == {"gluten.event": "worker_lost", "gluten.second": "4"}
