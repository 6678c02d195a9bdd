"""Nothing of an escaped text controls a terminal."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gluten.escapes import escaped


def test_what_is_printable_stays_and_the_rest_is_shown() -> None:
    assert escaped("Ünïcode 運転 ✓") == "Ünïcode 運転 ✓"
    assert escaped("a\x1b[2J\u202eb\n") == "a\\x1b[2J\\u202eb\\n"
    assert escaped("a\n\tb\x07", "\n\t") == "a\n\tb\\x07"


@given(st.text())
@settings(max_examples=100)
def test_all_of_it_is_printable(text: str) -> None:
    assert escaped(text).isprintable()
