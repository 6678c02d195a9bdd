"""At a constant rate every slot of the schedule is sent or dropped, at its time. A person may change or end the
rate."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest

from gluten.engine.worker.http1.request import build
from gluten.task.task import Task
from tests.support.engine import faults
from tests.support.engine.faults import FaultServer, answer_well
from tests.support.nginx import Nginx
from tests.support.rig import Outcome, Rig, gone, resident, wait_until


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One nginx for all rates."""
    with Nginx(tmp_path_factory.mktemp("rates")) as nginx:
        yield nginx


def load(rig: Rig, cores: int = 1, **words: Any) -> Outcome:
    """Run to the end. Nothing fails, and all counts add up."""
    outcome = rig.run(Task(**({"connections": 20, "threads": 2} | words)), cores)
    assert outcome.state == "finished", outcome
    assert outcome.adds_up
    assert outcome.total.errors == {}
    assert outcome.total.in_flight == 0
    return outcome


def planned(outcome: Outcome) -> int:
    """The requests that were sent or dropped. A pause of the machine just before the end may drop some, but never
    most."""
    assert outcome.total.dropped < outcome.total.sent
    return outcome.total.sent + outcome.total.dropped


@pytest.mark.alone
@pytest.mark.parametrize(("rate", "seconds"), [(10.0, 0.5), (500.0, 0.5), (5000.0, 0.5), (33.3, 1.0)])
def test_a_rate_is_met_exactly(rig: Rig, nginx: Nginx, rate: float, seconds: float) -> None:
    """Slots 0, 1, 2 … are due at k / rate: before `seconds` there are rate × seconds of them, rounded up."""
    outcome = load(rig, url=nginx.url, rate=rate, duration=seconds)
    assert planned(outcome) == -(-rate * seconds // 1)
    assert outcome.ended == seconds
    size = len(build(Task(nginx.url)))
    assert outcome.total.written == outcome.total.sent * size


def test_the_lateness_of_each_send_is_kept(rig: Rig, nginx: Nginx) -> None:
    """`bench/bounds.py` measures how late they are."""
    outcome = load(rig, url=nginx.url, rate=1000.0, duration=1.0)
    assert len(outcome.total.lateness) == outcome.total.sent


@pytest.mark.alone
@pytest.mark.parametrize("threads", [1, 3, 7])
def test_threads_and_workers_share_one_schedule(rig: Rig, nginx: Nginx, threads: int) -> None:
    outcome = load(rig, cores=2, url=nginx.url, rate=701.0, duration=0.5, threads=threads)
    assert planned(outcome) == 351


@pytest.mark.alone
def test_stages_are_integrated_exactly(rig: Rig, nginx: Nginx) -> None:
    """0 to 1000/s in 0.6 s, then level for 0.4 s: 0.6 × 1000 / 2 + 0.4 × 1000."""
    outcome = load(rig, url=nginx.url, stages=((0.0, 0.0), (0.6, 1000.0)), duration=1.0)
    assert planned(outcome) == 700


@pytest.mark.alone
def test_a_number_of_requests_ends_a_rate(rig: Rig, nginx: Nginx) -> None:
    """The 301st would be due at 0.3 s."""
    outcome = load(rig, url=nginx.url, rate=1000.0, requests=300, duration=None)
    assert outcome.total.sent == 300
    assert 0.29 <= outcome.ended < 1.0


@pytest.mark.alone
@pytest.mark.parametrize(("duration", "sent"), [(None, 20), (0.62, 13)])
def test_a_slow_target_gets_its_number_of_requests_until_the_time_is_up(
    rig: Rig, duration: float | None, sent: int
) -> None:
    """20 at 100/s are due within 0.2 s, but one connection sends one each 50 ms: the last at 0.95 s. With a limit
    of 0.62 s those from 0 to 0.6 s are sent, 13 at most, and the others dropped."""
    with FaultServer(faults.slow(0.05)) as server:
        words: dict[str, Any] = {"connections": 1, "threads": 1, "requests": 20, "duration": duration}
        outcome = rig.run(Task(f"http://127.0.0.1:{server.port}/", rate=100.0, **words))
    assert outcome.adds_up
    assert outcome.total.sent + outcome.total.dropped == 20
    assert sent - 3 <= outcome.total.sent <= sent
    assert outcome.total.dropped == 0 or duration is not None


@pytest.mark.alone
def test_what_no_connection_could_send_is_dropped(rig: Rig) -> None:
    """100/s on two connections that take 50 ms each: at most 40/s can be sent. planned = sent + dropped."""
    with FaultServer(faults.slow(0.05)) as server:
        task = Task(f"http://127.0.0.1:{server.port}/", rate=100.0, duration=1.0, connections=2, threads=1)
        outcome = rig.run(task)
    assert outcome.adds_up
    assert outcome.total.sent + outcome.total.dropped == 100
    assert 30 <= outcome.total.sent <= 42
    # The late ones waited for the target, not for us: response time says so, lateness does not.
    assert outcome.total.response.percentile(90) > 300_000
    assert outcome.total.service.percentile(50) < 80_000
    assert outcome.total.lateness.percentile(50) * 10 < outcome.total.response.percentile(90)


@pytest.mark.alone
def test_a_new_rate_is_taken_in_mid_run(rig: Rig, nginx: Nginx) -> None:
    """100/s for 0.7 s, then 1000/s for 0.5 s: 70 + 500."""
    rig.start(Task(nginx.url, rate=100.0, duration=1.2, connections=20), cores=2)
    rig.adjust(1000.0, 0.7)
    outcome = rig.finish()
    assert outcome.adds_up
    assert planned(outcome) == 570


@pytest.mark.alone
def test_a_new_rate_moves_the_end_of_a_number_of_requests(rig: Rig, nginx: Nginx) -> None:
    """1000 at 1000/s would take 1 s; from 0.2 s on at 4000/s the other 800 take 0.2 s."""
    rig.start(Task(nginx.url, rate=1000.0, requests=1000, duration=None, connections=20))
    rig.workers(1)
    rig.adjust(4000.0, 0.2)
    outcome = rig.finish()
    assert outcome.total.sent == 1000
    assert 0.38 <= outcome.ended < 1.0


@pytest.mark.alone
def test_a_late_worker_knows_the_adjustments_before_it(rig: Rig, nginx: Nginx) -> None:
    """1000/s until 0.2, then 100/s: 200 + 30."""
    rig.start(Task(nginx.url, rate=1000.0, duration=0.5), adjustments=((0.2, 100.0),))
    assert planned(rig.finish()) == 230


@pytest.mark.parametrize("words", [{}, {"rate": 1000.0}, {"requests": 10**9}], ids=["closed", "rate", "n"])
def test_stop_ends_the_load_and_drains(rig: Rig, words: dict[str, Any]) -> None:
    with FaultServer(answer_well) as server:
        rig.start(Task(f"http://127.0.0.1:{server.port}/", duration=20.0, connections=5, **words), cores=2)
        rig.next_delta()
        rig.stop()
        at = time.monotonic()
        outcome = rig.finish()
        assert time.monotonic() - at < 5.0, "it does not wait for the end of the run"
        assert server.requests == outcome.total.sent
    assert outcome.state == "stopped"
    assert 1.0 <= outcome.ended < 5.0
    assert outcome.adds_up
    assert outcome.total.in_flight == 0
    assert outcome.total.failed == 0


def test_stop_awaits_what_is_in_flight(rig: Rig) -> None:
    with FaultServer(faults.slow(0.5)) as server:
        rig.start(Task(f"http://127.0.0.1:{server.port}/", duration=20.0, connections=4))
        wait_until(lambda: server.requests == 4)
        rig.stop()
        outcome = rig.finish()
    assert (outcome.total.completed, outcome.total.failed, outcome.total.in_flight) == (4, 0, 0)


@pytest.mark.parametrize("words", [{}, {"rate": 100.0}], ids=["closed", "rate"])
def test_abort_ends_at_once_and_says_what_was_in_flight(rig: Rig, words: dict[str, Any]) -> None:
    with FaultServer(faults.mute) as server:
        rig.start(Task(f"http://127.0.0.1:{server.port}/", duration=20.0, timeout=10.0, connections=4, **words))
        wait_until(lambda: server.requests == 4)
        rig.abort()
        at = time.monotonic()
        outcome = rig.finish()
        assert time.monotonic() - at < 5.0, "it does not wait for a deadline"
    assert outcome.state == "stopped"
    assert outcome.adds_up
    assert outcome.total.in_flight == outcome.total.sent == 4


@pytest.mark.parametrize("order", ["stop", "abort"])
def test_an_end_before_the_start_sends_nothing(rig: Rig, order: str) -> None:
    with FaultServer(answer_well) as server:
        task = Task(f"http://127.0.0.1:{server.port}/", duration=20.0)
        rig.start(task, start_at=time.monotonic() + 20.0)
        rig.workers(1)
        getattr(rig, order)()
        outcome = rig.finish()
    assert outcome.state == "stopped"
    assert outcome.total.sent == server.requests == 0
    assert outcome.took < 5.0


def test_an_armed_start_is_kept(rig: Rig) -> None:
    with FaultServer(answer_well) as server:
        at = time.monotonic() + 0.6
        rig.start(Task(f"http://127.0.0.1:{server.port}/", duration=0.3), start_at=at)
        outcome = rig.finish()
    assert time.monotonic() - at >= 0.3
    assert outcome.ended == pytest.approx(0.3, abs=0.01)


def test_workers_do_not_outlive_their_parent(own_rig: Rig) -> None:
    with FaultServer(answer_well) as server:
        own_rig.start(Task(f"http://127.0.0.1:{server.port}/", duration=20.0, connections=4), cores=2)
        workers = own_rig.workers(2)
        own_rig.kill()
        wait_until(lambda: all(map(gone, workers)), 2.0)


@pytest.mark.alone
def test_a_known_distribution_is_measured_correctly(rig: Rig, known_target: str) -> None:
    """Each thousand of answers takes 900 × 10 ms, 90 × 50 ms, 9 × 200 ms and 1 × 1 s: of 4000 values the
    2000th is 10 ms, the 3800th 50 ms, the 3980th 200 ms and the 3998th 1 s. To the millisecond: `bench/proofs.py`."""
    task = Task(known_target, rate=2000.0, requests=4000, duration=None, connections=200, timeout=3.0)
    outcome = rig.run(task)
    assert outcome.adds_up
    assert outcome.total.completed == 4000
    found = outcome.total.service.percentiles([50, 95, 99.5, 99.95])
    for micros, wanted in zip(found, (10_000, 50_000, 200_000, 1_000_000), strict=True):
        assert 0.99 * wanted <= micros < 2 * wanted, found


def test_a_connection_needs_little_memory(rig: Rig, nginx: Nginx) -> None:
    """Two thousand connections against ten, each with a second of load behind it."""
    sizes = []
    for connections in (10, 2000):
        rig.start(Task(nginx.url, threads=1, connections=connections, duration=5.0, timeout=5.0))
        (worker,) = rig.workers(1)
        rig.next_delta()
        sizes.append(resident(worker))
        rig.abort()
        assert rig.finish().total.connections <= connections
    assert (sizes[1] - sizes[0]) / 1990 < 40_000


def test_a_number_that_takes_longer_than_its_plan_ends_when_the_last_was_sent(rig: Rig) -> None:
    """30 at 100/s are planned for 0.3 s; two connections of 50 ms each send the last one after 14 × 50 ms."""
    with FaultServer(faults.slow(0.05)) as server:
        url = f"http://127.0.0.1:{server.port}/"
        outcome = rig.run(Task(url, rate=100.0, requests=30, duration=None, connections=2, threads=1))
    assert (outcome.total.sent, outcome.total.dropped) == (30, 0)
    assert 0.7 <= outcome.ended <= outcome.took


def test_what_a_generator_that_stood_still_sends_after_the_end_counts_in_its_time(own_rig: Rig, nginx: Nginx) -> None:
    own_rig.start(Task(nginx.url, rate=100.0, duration=2.0, connections=20, threads=1))
    (worker,) = own_rig.workers(1)
    own_rig.next_delta()
    os.kill(worker, signal.SIGSTOP)
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > 1.5)
    os.kill(worker, signal.SIGCONT)
    outcome = own_rig.finish()
    assert outcome.total.sent + outcome.total.dropped == 200
    # The first delta comes after its second: 1 s and 1.5 s.
    assert outcome.ended > 2.4


@pytest.mark.alone
@pytest.mark.parametrize("threads", [1, 3])
def test_random_arrivals_are_as_many_as_even_ones(rig: Rig, nginx: Nginx, threads: int) -> None:
    outcome = load(rig, cores=2, url=nginx.url, rate=701.0, duration=0.5, threads=threads, arrivals="poisson")
    assert planned(outcome) == 351
