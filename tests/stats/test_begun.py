"""What of a plan began: sessions where there are scenarios, else requests without what redirects asked for."""

from gluten.stats.begun import begun, dropped, redirected
from gluten.stats.delta import Delta
from gluten.stats.request_stats import REDIRECT
from gluten.stats.session_stats import SessionStats


def sent() -> Delta:
    delta = Delta()
    for name, times in (("login", 10), ("login" + REDIRECT, 4), ("view", 6)):
        delta.of(name).sent = times
    delta.of("view").dropped = 3
    return delta


def test_without_scenarios_a_request_is_a_session_but_for_one_that_a_redirect_asked_for() -> None:
    assert (begun(sent()), dropped(sent()), redirected(sent())) == (16, 3, 4)


def test_with_scenarios_sessions_are_counted() -> None:
    delta = sent()
    for name, counts in (("browse", (5, 1)), ("buy", (2, 4))):
        delta.by_scenario[name] = stats = SessionStats()
        stats.begun, stats.dropped = counts
    assert (begun(delta), dropped(delta)) == (7, 5)
