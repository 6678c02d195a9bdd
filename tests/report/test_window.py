"""The figures of some seconds."""

from gluten.report.window import window
from tests.support.reports import second


def test_a_window_has_the_percentiles_of_all_its_requests() -> None:
    # 90 of 1 ms and 10 of 10 ms in two seconds of load: p50 1 ms, p99 10 ms, 50 completed a second
    total = second(3, {1000: 50})
    total.add(second(4, {1000: 40, 10_000: 10}))
    total.of().fail("reset")
    made = window(total, 3, 5, None)
    assert (made["completed"], made["failed"], made["rate"], made["seconds"]) == (100, 1, 50.0, 2.0)
    assert (made["response_time"]["p50"], made["response_time"]["p99"]) == (1000, 10_000)
    assert (made["status"], made["errors"]) == ({"200": 100}, {"reset": 1})


def test_its_rate_is_of_the_time_with_load() -> None:
    assert window(second(3, {1000: 50}), 3, 10, 3.5)["rate"] == 100.0
    assert window(second(3, {1000: 50}), 4, 10, 3.5)["rate"] == 0.0


def test_the_last_answers_of_a_closed_loop_take_their_time_in_the_window_that_has_both() -> None:
    # load ended at 10 s, and the last answers took 0.5 s: the whole is 10.5 s, the drain alone has no load
    total = second(9, {1000: 21})
    assert [window(total, first, last, 10.5, 10.0)["seconds"] for first, last in ((0, 11), (9, 11), (9, 10))] == [
        10.5,
        1.5,
        1.0,
    ]
    drain = window(total, 10, 11, 10.5, 10.0)
    assert (drain["seconds"], drain["rate"], drain["completed"], drain["good"]) == (0.0, 0.0, 21, 21)


def test_a_window_over_what_is_yet_to_come_is_as_long_as_what_was_told() -> None:
    assert window(second(3, {1000: 50}), 2, 100, None, 4.0)["rate"] == 25.0
