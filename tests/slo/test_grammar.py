"""The grammar of SLOs: what is read, and what is refused in one line that says what to write."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import TaskError
from gluten.slo.grammar import parse
from gluten.slo.slo import Measure, Point, Slo, What, Window

MS = 1000.0
READ: dict[str, Slo] = {
    "p99 < 250ms": Slo("", What(Measure.RESPONSE, 99.0), "<", 250 * MS),
    "p99.999<=1.5s": Slo("", What(Measure.RESPONSE, 99.999), "<=", 1500 * MS),
    "mean of login < 80ms": Slo("", What(Measure.RESPONSE, Point.MEAN), "<", 80 * MS, "login"),
    'max of "GET /a b" < 2s': Slo("", What(Measure.RESPONSE, Point.MAX), "<", 2000 * MS, "GET /a b"),
    "p95 of a-b_c./d < 1s": Slo("", What(Measure.RESPONSE, 95.0), "<", 1000 * MS, "a-b_c./d"),
    "service p99 of each < 1s": Slo("", What(Measure.SERVICE, 99.0), "<", 1000 * MS, each=True),
    "first_byte p50 < 90us": Slo("", What(Measure.FIRST_BYTE, 50.0), "<", 90),
    "lateness p99 < 1ms for 10s": Slo("", What(Measure.LATENESS, 99.0), "<", MS, window=Window.FOR, span=10),
    "rate > 2k": Slo("", What(Measure.RATE), ">", 2000),
    "rate >= 100/s over 1m": Slo("", What(Measure.RATE), ">=", 100, window=Window.OVER, span=60),
    "good rate of pay > 10": Slo("", What(Measure.GOOD_RATE), ">", 10, "pay"),
    "errors < 0.1%": Slo("", What(Measure.ERRORS), "<", 0.001, share=True),
    "errors < 20% for 10s, else stop": Slo(
        "", What(Measure.ERRORS), "<", 0.2, share=True, window=Window.FOR, span=10, stop=True
    ),
    "errors == 0": Slo("", What(Measure.ERRORS), "==", 0),
    "errors timeout of view < 5": Slo("", What(Measure.ERRORS, None, "timeout"), "<", 5, "view"),
    "status 5xx < 1%": Slo("", What(Measure.STATUS, None, "5xx"), "<", 0.01, share=True),
    "status 503 == 0, else stop": Slo("", What(Measure.STATUS, None, "503"), "==", 0, stop=True),
    "checks > 99%": Slo("", What(Measure.CHECKS), ">", 0.99, share=True),
    "dropped < 1%": Slo("", What(Measure.DROPPED), "<", 0.01, share=True),
    "dropped == 0": Slo("", What(Measure.DROPPED), "==", 0),
    "session p99 of buy < 20s": Slo("", What(Measure.SESSION, 99.0), "<", 20_000 * MS, "buy"),
    "session rate > 40": Slo("", What(Measure.SESSION_RATE), ">", 40),
    "session errors < 1%": Slo("", What(Measure.SESSION_ERRORS), "<", 0.01, share=True),
    "group p99 < 3s": Slo("", What(Measure.GROUP, 99.0), "<", 3000 * MS),
    "group p99 of checkout < 3s": Slo("", What(Measure.GROUP, 99.0), "<", 3000 * MS, "checkout"),
}


@pytest.mark.parametrize("text", READ)
def test_it_is_read(text: str) -> None:
    found, wanted = parse(text), READ[text]
    assert found.text == text
    assert found == Slo(
        text, wanted.what, wanted.op, pytest.approx(wanted.limit), wanted.name, wanted.each, wanted.share,  # type: ignore[arg-type]
        wanted.window, wanted.span, wanted.stop,
    )  # fmt: skip


REFUSED = {
    "": "1 to 300 printable characters",
    "p99": "ends too early",
    "p99 < 200": "has no unit: write 200ms or 200s",
    "p(99)<200": "write: p99 < 200ms",
    "http_req_failed < 1%": "write: errors < 1%",
    "avg < 1s": "write: mean",
    "p99 = 1s": "write ==",
    "p99 => 1s": "write <= or >=",
    "p99 != 1s": "allowed: < <= > >= ==",
    "p0 < 1s": "is not a measure",
    "p101 < 1s": "is not a measure",
    "speed > 1": "'speed' is not a measure; allowed: p50",
    "service rate > 1": "after service stands p50",
    "errors wrong < 1": "is not a kind of errors; allowed: dns",
    "status 600 < 1": None,
    "status 9xx < 1": "is not a status",
    "checks > 5": "write it in per cent",
    "errors < 101%": "more than 100%",
    "rate > fast": "is not a number",
    "p99 < 1s over": "after over stands a time",
    "p99 < 1s over 500ms": "whole seconds",
    "p99 < 1s over 25h": "whole seconds",
    "p99 < 1s, else pause": "one word too many",
    "mean < 1s, else stop": "say for how long",
    "rate > 1, else stop": "say for how long",
    "lateness p99 < 1ms, else stop": "say for how long",
    "dropped of login < 1": "leave the name out",
    "p99 of a b < 1s": "stands < <= > >= or ==",
    "p99 of é+ü < 1s": "stands in quotes",
    "p99 of '' < 1s": "is not a name",
    "p99 < 1s 2s": "one word too many",
    "p99 < 1s\x1b[2J": "printable",
    "x" * 301: "1 to 300",
}


@pytest.mark.parametrize("text", [text for text, why in REFUSED.items() if why])
def test_it_is_refused_in_one_line_that_says_what_is_allowed(text: str) -> None:
    with pytest.raises(TaskError) as caught:
        parse(text)
    assert caught.value.field == "slo"
    assert str(REFUSED[text]) in str(caught.value)
    assert "\n" not in str(caught.value)


WORDS = (
    "p99 p(99) mean max rate good errors status 5xx of each login < <= == = , else stop for over 10s 1% 5 250ms checks "
    "dropped lateness service session group \" ' é"
)
WORD = st.sampled_from(WORDS.split())


@given(st.lists(WORD | st.text(max_size=6), max_size=9).map(" ".join))
def test_no_text_ends_in_anything_but_an_slo_or_a_refusal(text: str) -> None:
    with contextlib.suppress(TaskError):
        assert parse(text).text == text.strip()
