from gluten.webui.auth.throttle import FORGET_AFTER, FREE_FAILURES, FREE_IN_ALL, MAX_ADDRESSES, MAX_WAIT, Throttle


def test_the_first_failures_cost_nothing_and_then_each_costs_twice_the_last() -> None:
    throttle = Throttle()
    waits = []
    now = 0.0
    for _ in range(FREE_FAILURES + 10):
        waits.append(throttle.wait("a", now))
        now += waits[-1]
        throttle.failed("a", now)
    assert waits[:FREE_FAILURES] == [0.0] * FREE_FAILURES
    assert waits[FREE_FAILURES:] == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, *[MAX_WAIT] * 4]
    assert throttle.wait("b", now) == 0.0


def test_a_success_and_time_forgive() -> None:
    throttle = Throttle()
    for _ in range(FREE_FAILURES + 1):
        throttle.failed("a", 0.0)
    assert throttle.wait("a", 0.0) > 0
    assert throttle.wait("a", FORGET_AFTER) == 0.0
    throttle.succeeded("a")
    assert throttle.wait("a", 0.0) == 0.0


def test_many_addresses_together_are_slowed_too_and_take_no_more_than_their_room() -> None:
    throttle = Throttle()
    for number in range(int(FREE_IN_ALL)):
        assert throttle.wait(f"{number}", 0.0) == 0.0
        throttle.failed(f"{number}", 0.0)
    assert 0 < throttle.wait("new", 0.0) <= 5.0
    assert throttle.wait("new", 6.0) == 0.0
    for number in range(MAX_ADDRESSES + 100):
        throttle.failed(f"more {number}", 1.0)
    assert len(throttle._failures) == MAX_ADDRESSES
