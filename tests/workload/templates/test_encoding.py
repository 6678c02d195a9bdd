"""A value is encoded for where it stands, and can never end the line or the header in which it stands."""

import json
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.errors import TemplateFailure
from gluten.workload.json_text import Json, Number
from gluten.workload.templates.encoding import Encoding, encoder

ANY = st.text(st.characters(exclude_categories=["Cs"]))


def encode(encoding: Encoding, value: Json, raw: bool = False) -> bytes:
    return encoder(encoding, raw, "{{x}}")(value)


@pytest.mark.parametrize(
    ("encoding", "raw", "value", "expected"),
    [
        (Encoding.PATH, False, "aZ09-._~", b"aZ09-._~"),
        (Encoding.PATH, False, "a/b?c&d e%", b"a%2Fb%3Fc%26d%20e%25"),
        (Encoding.PATH, False, "ü", b"%C3%BC"),
        (Encoding.PATH, False, "a\r\nb", b"a%0D%0Ab"),
        (Encoding.PATH, True, "a/b?c=%41", b"a/b?c=%41"),
        (Encoding.PATH, True, "a ü", b"a%20%C3%BC"),
        (Encoding.REFERENCE, False, "/a/b?c", b"/a/b?c"),
        (Encoding.FORM, False, "a b+c", b"a%20b%2Bc"),
        (Encoding.FORM, True, "a=b&c", b"a=b&c"),
        (Encoding.JSON, False, 'a"\\\n', b'a\\"\\\\\\n'),
        (Encoding.JSON, True, 'a"', b'a\\"'),
        (Encoding.JSON, False, "ü", "ü".encode()),
        (Encoding.JSON, False, Number("1.50"), b"1.50"),
        (Encoding.JSON_VALUE, True, "5", b"5"),
        (Encoding.JSON_VALUE, True, "-1.50e3", b"-1.50e3"),
        (Encoding.JSON_VALUE, True, "true", b"true"),
        (Encoding.JSON_VALUE, True, "null", b"null"),
        (Encoding.JSON_VALUE, True, "05", b'"05"'),
        (Encoding.JSON_VALUE, True, "", b'""'),
        (Encoding.JSON_VALUE, True, None, b"null"),
        (Encoding.JSON_VALUE, True, [Number("1.0"), {"a": False}], b'[1.0,{"a":false}]'),
        (Encoding.HEADER, False, "a\tü: b", "a\tü: b".encode()),
        (Encoding.PLAIN, False, "a\r\n&\"", b"a\r\n&\""),
        (Encoding.PLAIN, False, "\ud800", b"?"),
        (Encoding.PLAIN, False, True, b"true"),
    ],
)  # fmt: skip
def test_how_a_value_is_written(encoding: Encoding, raw: bool, value: Json, expected: bytes) -> None:
    assert encode(encoding, value, raw) == expected


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("sign", ["\r", "\n", "\0", "\x1f", "\x7f"])
def test_a_control_character_in_a_header_fails_the_request(sign: str, raw: bool) -> None:
    with pytest.raises(TemplateFailure, match="a line break or another control character, so no header"):
        encode(Encoding.HEADER, f"a{sign}b", raw)


@pytest.mark.parametrize("sign", ["\r", "\n", "\0", "\t", "\x7f"])
def test_a_control_character_in_a_path_that_is_not_encoded_fails_the_request(sign: str) -> None:
    for encoding, raw in ((Encoding.PATH, True), (Encoding.REFERENCE, False)):
        with pytest.raises(TemplateFailure, match="a line break or another control character, so no path"):
            encode(encoding, f"a{sign}b", raw)


@given(st.text(), st.sampled_from([Encoding.PATH, Encoding.REFERENCE, Encoding.FORM, Encoding.HEADER]), st.booleans())
def test_no_value_ends_its_line(value: str, encoding: Encoding, raw: bool) -> None:
    try:
        written = encode(encoding, value, raw)
    except TemplateFailure:
        return
    assert not {b"\r"[0], b"\n"[0], 0} & set(written) or (encoding is Encoding.FORM and raw)
    assert encoding is not Encoding.PATH or b" " not in written


@given(ANY)
def test_percent_encoding_is_undone_by_decoding(value: str) -> None:
    assert unquote_to_bytes(encode(Encoding.PATH, value)).decode() == value


@given(ANY)
def test_a_json_text_is_undone_by_parsing(value: str) -> None:
    assert json.loads(b'"' + encode(Encoding.JSON, value) + b'"') == value
