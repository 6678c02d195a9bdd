"""Measures a case: each client once in a round, all against one target."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from typing import Any

from bench import equip, meter, results
from bench.cases import BEFORE, LOOP, SUBJECT, Case
from bench.peers import Measurement, Peer, Unable
from bench.progress import show_progress
from bench.results import Sample
from bench.target import Target

_GRACE = 30.0
"""A client that runs so many seconds too long is killed."""
_WARM = 3
"""Seconds of load that a server gets before it is measured, if it is slow at first."""


class Bench:
    """The measurements of one case against `target`. The clients run on `cores`."""

    def __init__(self, case: Case, target: Target, cores: str, ready: list[Peer], rounds: int, seconds: float) -> None:
        self.case, self.target, self.cores, self.rounds = case, target, cores, rounds
        self.seconds = max(seconds, case.seconds)
        self.able, self.unable = self._able(ready)

    def measure(self) -> dict[str, Any]:
        """Measure all rounds. Returns the case's entry in the JSON file."""
        self.warm()
        pace = self._pace()
        samples, troubles = self._rounds(pace)
        base, limit = samples.get(self.case.base, []), samples.get(LOOP, [])
        rows = {name: results.summary(found, base, limit) for name, found in samples.items()}
        return {
            "name": self.case.name,
            "title": self.case.title,
            "base": self.case.base,
            "asked_rate": pace,
            "bounds": results.judge(self.case, rows),
            "peers": rows,
            "unable": self.unable,
            "troubles": troubles,
        }

    def warm(self) -> None:
        """Load a server that is slow at first. A client that fails fails again in the rounds, and is named there."""
        if self.target.server.warm and self.able:
            with suppress(ValueError):
                self.sample(self.able[0], self.measurement(self.case.rate, _WARM), 0)

    def _able(self, ready: list[Peer]) -> tuple[list[Peer], dict[str, str]]:
        able, unable = [], {}
        rate = 1.0 if self.case.highest else self.case.rate
        for peer in ready:
            try:
                if self.case.only and peer.name not in self.case.only:
                    raise Unable(f"this case only compares {', '.join(self.case.only)}")
                peer.command(self.measurement(rate))
                able.append(peer)
            except Unable as reason:
                unable[peer.name] = str(reason)
        return able, unable

    def measurement(self, rate: float | None, seconds: float | None = None) -> Measurement:
        plain = self.target.url(self.case.path, self.case.tls)
        url = self.target.url(self.case.path, self.case.tls, http2=True) if self.case.http2 else plain
        return Measurement(self.case, url, seconds or self.seconds, rate, plain)

    def _pace(self) -> float | None:
        """Half of the rate that GLuTEN's closed loop reaches, or None if the case is not paced."""
        subject = [peer for peer in self.able if peer.name == SUBJECT]
        if not self.case.paced or not subject:
            return None
        return self.sample(subject[0], self.measurement(None), 0).rate / 2

    def _rounds(self, pace: float | None) -> tuple[dict[str, list[Sample]], dict[str, str]]:
        samples: dict[str, list[Sample]] = defaultdict(list)
        troubles: dict[str, str] = {}
        for number in range(self.rounds):
            for peer in in_turn(self.able, number):
                show_progress(f"{self.case.name}: round {number + 1} of {self.rounds}, {peer.name}")
                rate = pace if peer.name in (SUBJECT, BEFORE, LOOP) else None
                try:
                    sample = self.sample(peer, self.measurement(self.case.rate or rate), number)
                    if not sample.completed:
                        raise ValueError("it completed no request")
                    samples[peer.name].append(sample)
                except ValueError as error:
                    troubles[peer.name] = str(error)
        return {name: found for name, found in samples.items() if found}, troubles

    def sample(self, peer: Peer, measurement: Measurement, number: int) -> Sample:
        """Measure once. Raises ValueError if the client fails or its output cannot be read."""
        served, target_cpu = self.target.served(), self.target.cpu()
        usage = meter.measure(
            [*peer.program, *peer.command(measurement)],
            self.cores,
            measurement.seconds + _GRACE,
            peer.environment(measurement) | equip.environment(peer),
        )
        target_cpu = self.target.cpu() - target_cpu
        after = self.target.served()
        if usage.code not in peer.good_codes:
            lines = (usage.errors.strip() or usage.output.strip() or "no output").splitlines()
            raise ValueError(f"exit code {usage.code}: {lines[-1]}")
        reading = peer.read(usage.output)
        count = None if after is None or served is None else after - served - 1
        return Sample(
            number,
            usage.cpu,
            usage.wall,
            reading.completed,
            reading.failed,
            reading.rate,
            usage.peak,
            count,
            target_cpu / max(1, reading.completed if count is None else count) * 1e6,
            reading.lateness if measurement.rate else None,
            max(0.0, usage.machine - usage.cpu - target_cpu) / usage.wall,
        )


def in_turn(peers: list[Peer], number: int) -> list[Peer]:
    """The clients in the order of a round. Each begins with another client, so none always follows the same one."""
    turn = number % max(1, len(peers))
    return peers[turn:] + peers[:turn]
