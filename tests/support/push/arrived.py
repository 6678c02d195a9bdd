"""What a server of OTLP has got of one run, in a report's terms."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.support.push.otlp_server import OtlpServer, labels_of

Key = tuple[str, tuple[tuple[str, str], ...]]
"""A node, and the labels of a point."""


class Arrived:
    """Sums are cumulative, so the newest point of each series counts. Times are microseconds."""

    def __init__(self, server: OtlpServer) -> None:
        self._server = server

    def ends(self, name: str, label: str) -> dict[str, int]:
        """The requests of a name by `status` or `error`, over all nodes."""
        found: Counter[str] = Counter()
        for (_, labels), point in self._newest("gluten.requests").items():
            known = dict(labels)
            if known["request"] == name and label in known:
                found[known[label]] += point.as_int
        return {end: count for end, count in found.items() if count}

    def count(self, name: str) -> int:
        return sum(point.count for point in self._times(name))

    def total(self, name: str) -> float:
        return sum((float(point.sum) for point in self._times(name)), 0.0) * 1e6

    def percentile(self, name: str, share: float) -> float:
        """The middle of the bucket in which it lies."""
        counts: Counter[float] = Counter()
        for point in self._times(name):
            assert point.zero_count + sum(point.positive.bucket_counts) == point.count
            base = 2.0 ** (2.0**-point.scale)
            counts[0.0] += point.zero_count
            for at, count in enumerate(point.positive.bucket_counts, point.positive.offset):
                counts[base ** (at + 0.5)] += count
        left = math.ceil(share * counts.total())
        for value, count in sorted(counts.items()):
            left -= count
            if left <= 0:
                return value * 1e6
        raise AssertionError(f"no time of {name} has arrived")

    def seconds(self) -> dict[str, set[float]]:
        """The ends of the seconds that have arrived, in Unix seconds, by node."""
        found: dict[str, set[float]] = {}
        for node, point, _ in self._points("gluten.connections"):
            found.setdefault(node, set()).add(point.time_unix_nano / 1e9)
        return found

    def events(self) -> set[tuple[str, str]]:
        """Kind and text. One may come twice."""
        return {
            (labels_of(record.attributes)["gluten.event"], record.body.string_value)
            for request in list(self._server.logs)
            for resource in request.resource_logs
            for scope in resource.scope_logs
            for record in scope.log_records
        }

    def _times(self, name: str) -> list[Any]:
        return [p for (_, labels), p in self._newest("gluten.response_time").items() if dict(labels)["request"] == name]

    def _newest(self, metric: str) -> dict[Key, Any]:
        found: dict[Key, Any] = {}
        for node, point, labels in self._points(metric):
            known = found.setdefault((node, labels), point)
            if point.time_unix_nano > known.time_unix_nano:
                found[node, labels] = point
        return found

    def _points(self, metric: str) -> Iterator[tuple[str, Any, tuple[tuple[str, str], ...]]]:
        """Each point of a metric, with its node and its labels."""
        for request in list(self._server.metrics):
            for resource in request.resource_metrics:
                node = labels_of(resource.resource.attributes)["gluten.node"]
                for found in (m for scope in resource.scope_metrics for m in scope.metrics if m.name == metric):
                    for point in getattr(found, str(found.WhichOneof("data"))).data_points:
                        yield node, point, tuple(sorted(labels_of(point.attributes).items()))
