"""A native thread gets the hub's answer or its error, or is released."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import gevent
import gevent.event
import pytest

from gluten.net.rpc.hub_bridge import HubBridge, HubClosed, HubTimeout


def from_outside(function: Callable[[], Any]) -> Any:
    """Run it in a native thread while this thread's hub turns."""
    return gevent.get_hub().threadpool.apply(function)


def test_the_answer_comes_from_the_hubs_thread() -> None:
    hop = HubBridge()
    assert from_outside(lambda: hop(threading.get_ident, 5)) == threading.get_ident()


@pytest.mark.parametrize("error", [ValueError("x"), TimeoutError("own")])
def test_an_error_reaches_the_caller_unchanged(error: Exception) -> None:
    hop = HubBridge()

    def fail() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        from_outside(lambda: hop(fail, 5))
    assert caught.value is error


def test_a_late_answer_is_a_timeout() -> None:
    hop = HubBridge()
    with pytest.raises(HubTimeout):
        from_outside(lambda: hop(lambda: gevent.sleep(5), 0.05))


def test_an_abandoned_call_frees_its_thread_and_ends_its_greenlet() -> None:
    hop = HubBridge()
    begun, ended = gevent.event.Event(), gevent.event.Event()

    def work() -> None:
        begun.set()
        try:
            gevent.sleep(30)
        finally:
            ended.set()

    call = hop.start(work)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(call.result, 30)
        assert begun.wait(10)
        call.abandon()
        call.abandon()
        with pytest.raises(HubClosed):
            waiting.result(5)
    assert ended.wait(5)


def test_a_call_abandoned_before_it_ran_never_runs() -> None:
    hop = HubBridge()
    ran: list[int] = []
    hop.start(lambda: ran.append(1)).abandon()
    later = gevent.event.Event()
    hop.start(later.set)
    assert later.wait(10), "calls begin in the order in which they were started"
    assert ran == []


def test_a_call_that_is_abandoned_as_its_time_is_up_was_closed() -> None:
    """Both may happen at the same instant: the wait has ended, and the call is cancelled before that is checked."""
    call = HubBridge().start(lambda: gevent.sleep(30))

    class Late(Future[None]):
        def result(self, timeout: float | None = None) -> None:
            if not self.cancelled():
                call.abandon()
                raise TimeoutError
            super().result(timeout)

    call._future = Late()
    with pytest.raises(HubClosed):
        call.result(5)


def test_closing_frees_all_and_refuses_more() -> None:
    hop = HubBridge()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(hop, lambda: gevent.sleep(30), 30) for _ in range(4)]
        deadline = time.monotonic() + 20
        while len(hop._calls) < 4:
            assert time.monotonic() < deadline
            gevent.sleep(0.01)
        hop.close()
        for one in waiting:
            with pytest.raises(HubClosed):
                one.result(5)
    with pytest.raises(HubClosed):
        hop.start(lambda: None)


def test_a_thousand_hops_from_many_threads_all_come_home() -> None:
    hop = HubBridge()
    with ThreadPoolExecutor(16) as pool:
        waiting = [pool.submit(hop, lambda number=number: number * 2, 10) for number in range(1000)]
        while not all(one.done() for one in waiting):
            gevent.sleep(0.001)
    assert [one.result() for one in waiting] == [number * 2 for number in range(1000)]
