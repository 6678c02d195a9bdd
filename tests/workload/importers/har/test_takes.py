"""What one answer gives and a later request uses is taken; all else stays as it is."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from gluten.workload.importers.har.har_file import import_har
from tests.support.imported import entry, har, read_back

SHOP = "https://shop.test"
TOKEN = "5f9c1a7be4b0c2d1"


def requests(*entries: dict[str, Any]) -> dict[str, Any]:
    """The requests of the file, which must be one that the reader takes."""
    timed = [one | {"startedDateTime": f"2026-05-01T10:{index:02d}:00Z"} for index, one in enumerate(entries)]
    text = import_har(har(*timed), "shop.har")
    read_back(text)
    return dict(tomllib.loads(text)["request"])


@pytest.mark.parametrize(
    ("first", "take"),
    [
        (entry("POST", f"{SHOP}/login", f'{{"data": [{{"x": 1}}, {{"token": "{TOKEN}"}}]}}'), "json $.data[1].token"),
        (entry("POST", f"{SHOP}/login", f'{{"odd name": "{TOKEN}"}}'), "json $['odd name']"),
        (entry("POST", f"{SHOP}/login", given=[("X-CSRF-Token", TOKEN)]), "header X-CSRF-Token"),
        (entry("POST", f"{SHOP}/login", given=[("Set-Cookie", f"xsrf={TOKEN}; Path=/")]), "cookie xsrf"),
        (
            entry(
                "GET",
                f"{SHOP}/login",
                f'<form><input value="{TOKEN}" type=hidden name="csrf"></form>',
                media="text/html",
            ),
            r"regex 'value=\x22([^\x22]+)[^>]*?name=\x22csrf\x22'",
        ),
        (
            entry("GET", f"{SHOP}/login", f"<meta name='csrf-token' content='{TOKEN}'/>", media="text/html"),
            r"regex 'name=\x27csrf-token\x27[^>]*?content=\x27([^\x27]+)'",
        ),
    ],
)
@pytest.mark.parametrize(
    ("second", "key", "written"),
    [
        (entry("GET", f"{SHOP}/a/{TOKEN}/b?x=1"), "get", "/a/{{NAME}}/b?x=1"),
        (entry("GET", f"{SHOP}/a?t={TOKEN}"), "get", "/a?t={{NAME}}"),
        (
            entry("GET", f"{SHOP}/a", sent=[("Authorization", f"Bearer {TOKEN}")]),
            "header",
            ["Authorization: Bearer {{NAME}}"],
        ),
        (
            entry("POST", f"{SHOP}/a", post=("application/x-www-form-urlencoded", f"t={TOKEN}&u=1")),
            "form",
            {"t": "{{NAME}}", "u": "1"},
        ),
        (entry("POST", f"{SHOP}/a", post=("application/json", f'{{"t": ["{TOKEN}"]}}')), "json", {"t": ["{{NAME}}"]}),
        (entry("POST", f"{SHOP}/a", post=("text/xml", f"<t>{TOKEN}</t>")), "body", "<t>{{NAME}}</t>"),
    ],
    ids=["path", "query", "header", "form", "json", "body"],
)
def test_from_each_place_to_each(
    first: dict[str, Any], take: str, second: dict[str, Any], key: str, written: Any
) -> None:
    one, two = requests(first, second).values()
    ((name, found),) = one["take"].items()
    assert found == take
    assert two[key] == _with_name(written, name)


def _with_name(written: Any, name: str) -> Any:
    match written:
        case str():
            return written.replace("NAME", name)
        case list():
            return [_with_name(item, name) for item in written]
    return {key: _with_name(item, name) for key, item in written.items()}


def test_encoded_in_a_path_it_is_the_same_value() -> None:
    found = requests(
        entry("GET", f"{SHOP}/list", '{"page": {"cursor": "ab1/2Zc+9x8=7q"}}'),
        entry("GET", f"{SHOP}/list?after=ab1%2F2Zc%2B9x8%3D7q&n=1"),
    )
    assert found["get-list-2"]["get"] == "/list?after={{cursor}}&n=1"


def test_a_number_keeps_its_type() -> None:
    found = requests(
        entry("GET", f"{SHOP}/products", '{"items": [{"id": 90210017}]}'),
        entry("POST", f"{SHOP}/cart", post=("application/json", '{"product": 90210017, "note": "90210017"}')),
    )
    assert found["post-cart"]["json"] == {"product": "{{raw item_id}}", "note": "{{item_id}}"}


def test_a_location_is_followed_as_a_reference() -> None:
    found = requests(
        entry("POST", f"{SHOP}/orders", status=201, given=[("Location", f"{SHOP}/orders/4711")]),
        entry("GET", f"{SHOP}/orders/4711"),
        entry("POST", f"{SHOP}/orders/4711/payment"),
    )
    assert found["post-orders"]["take"] == {"location": "header Location"}
    assert (found["get-orders-id"]["get"], found["post-orders-id-payment"]["post"]) == (
        "{{location}}",
        "{{location}}/payment",
    )


@pytest.mark.parametrize(("made", "told"), [("c1771", True), ("abc-991", True), ("v2", False), ("summary", False)])
def test_a_location_with_a_short_id_is_followed_too(made: str, told: bool) -> None:
    found = requests(
        entry("POST", f"{SHOP}/orders", status=201, given=[("Location", f"/orders/{made}")]),
        entry("POST", f"{SHOP}/orders/{made}/payment"),
    )
    assert found["post-orders"].get("take") == ({"location": "header Location"} if told else None)


def test_a_location_of_another_host_than_the_base_is_no_reference() -> None:
    """A template never changes the host."""
    found = requests(
        entry("GET", f"{SHOP}/a"),
        entry("GET", f"{SHOP}/b"),
        entry("POST", "https://pay.test/orders", status=201, given=[("Location", "/orders/4711")]),
        entry("GET", "https://pay.test/orders/4711"),
    )
    assert found["get-orders-id"]["get"] == "https://pay.test/orders/4711"


@pytest.mark.parametrize(
    ("method", "given", "later", "path"),
    [
        ("POST", '{"id": 7}', "/orders/7/items", "/orders/{{order_id}}/items"),
        ("POST", '{"id": 7}', "/users/7", "/users/7"),
        ("GET", '{"id": 7}', "/orders/7", "/orders/7"),
        ("GET", '{"id": 4711}', "/orders/4711", "/orders/{{order_id}}"),
        ("GET", '{"price": 4711}', "/orders/4711", "/orders/4711"),
    ],
)
def test_a_small_number_is_an_id_where_all_says_so(method: str, given: str, later: str, path: str) -> None:
    found = requests(entry(method, f"{SHOP}/orders", given), entry("DELETE", SHOP + later))
    assert list(found.values())[1]["delete"] == path


def test_what_a_request_had_first_is_the_client_s_own() -> None:
    found = requests(
        entry("POST", f"{SHOP}/carts", f'{{"cart": "{TOKEN}"}}', post=("application/json", f'{{"cart": "{TOKEN}"}}')),
        entry("GET", f"{SHOP}/carts/{TOKEN}"),
    )
    assert "take" not in found["post-carts"]
    assert found["get-carts-id"]["get"] == f"/carts/{TOKEN}"


@pytest.mark.parametrize("word", ["electronics", "2026-05-01", "19.99", "true", "pending"])
def test_a_word_that_comes_again_is_no_token(word: str) -> None:
    found = requests(entry("GET", f"{SHOP}/a", f'{{"x": "{word}"}}'), entry("GET", f"{SHOP}/b?x={word}"))
    assert found["get-b"]["get"] == f"/b?x={word}"


def test_the_first_answer_that_gives_a_value_is_the_one() -> None:
    me = f'{{"user": {{"key": "{TOKEN}"}}}}'
    found = requests(
        entry("GET", f"{SHOP}/me", me), entry("GET", f"{SHOP}/u/{TOKEN}", me), entry("GET", f"{SHOP}/v/{TOKEN}")
    )
    assert [name for name, request in found.items() if "take" in request] == ["get-me"]


def test_a_value_that_changes_has_one_name_where_that_is_right() -> None:
    """A csrf token of each page: each is used before the next is given."""
    page = '<input name="csrf" value="{}">'
    found = requests(
        entry("GET", f"{SHOP}/form", page.format("aaaa1111bbbb"), media="text/html"),
        entry("POST", f"{SHOP}/form", post=("application/x-www-form-urlencoded", "csrf=aaaa1111bbbb&x=1")),
        entry("GET", f"{SHOP}/form", page.format("cccc2222dddd"), media="text/html"),
        entry("POST", f"{SHOP}/form", post=("application/x-www-form-urlencoded", "csrf=cccc2222dddd&x=1")),
    )
    assert list(found) == ["get-form", "post-form"]
    assert found["post-form"]["form"] == {"csrf": "{{csrf}}", "x": "1"}


def test_values_that_are_needed_at_once_have_two_names() -> None:
    found = requests(
        entry("GET", f"{SHOP}/p/a", '{"key": "aaaa1111bbbb"}'),
        entry("GET", f"{SHOP}/p/b", '{"key": "cccc2222dddd"}'),
        entry("POST", f"{SHOP}/order", post=("application/json", '["aaaa1111bbbb", "cccc2222dddd"]')),
    )
    assert found["get-p-a"]["take"] == {"a_key": "json $.key"}
    assert found["get-p-b"]["take"] == {"b_key": "json $.key"}
    assert found["post-order"]["json"] == ["{{a_key}}", "{{b_key}}"]


def test_a_repeated_request_is_one_though_its_value_is_used_once() -> None:
    state = '{"key": "aaaa1111bbbb"}'
    found = requests(
        entry("GET", f"{SHOP}/state", state),
        entry("GET", f"{SHOP}/use/aaaa1111bbbb"),
        entry("GET", f"{SHOP}/state", state),
    )
    assert list(found) == ["get-state", "get-use-id"]


def test_a_repeated_request_is_two_where_the_take_would_fail() -> None:
    found = requests(
        entry("GET", f"{SHOP}/state", '{"key": "aaaa1111bbbb"}'), entry("GET", f"{SHOP}/use/aaaa1111bbbb"),
        entry("GET", f"{SHOP}/state", "{}"),
    )  # fmt: skip
    assert "take" in found["get-state"]
    assert "take" not in found["get-state-2"]


@pytest.mark.parametrize(
    ("made", "secret"),
    [
        (entry("GET", f"{SHOP}/a", sent=[("Authorization", f"Bearer {TOKEN}")]), TOKEN),
        (entry("GET", f"{SHOP}/a", sent=[("X-Api-Key", "k1-abc")]), "k1-abc"),
        (entry("GET", f"{SHOP}/a?access_token=k1-abc"), "k1-abc"),
        (entry("GET", "https://ann:k1-abc@shop.test/"), "k1-abc"),
        (entry("GET", f"{SHOP}/reset/eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.x"), "eyJ"),
        (entry("POST", f"{SHOP}/login", post=("application/x-www-form-urlencoded", "u=ann&password=k1-abc")), "k1-abc"),
        (entry("POST", f"{SHOP}/login", post=("application/json", '{"a": {"passwd": ["k1-abc"]}}')), "k1-abc"),
        (entry("POST", f"{SHOP}/login", post=("application/json", '{"pin": 123456}')), "123456"),
        (entry("POST", f"{SHOP}/soap", post=("text/xml", "<Password>k1-abc</Password>")), "k1-abc"),
        (entry("POST", f"{SHOP}/q", post=("application/json", '{"query": "{in(password: \\"k1-abc\\")}"}')), "k1-abc"),
        (entry("POST", f"{SHOP}/a", sent=[("Referer", f"{SHOP}/?token=k1-abc")]), "k1-abc"),
        (
            entry("POST", f"{SHOP}/up", post=("multipart/form-data; boundary=X",
                  '--X\r\nContent-Disposition: form-data; name="password"\r\n\r\nk1-abc\r\n--X--')), "k1-abc",
        ),
    ],
)  # fmt: skip
def test_no_secret_is_written(made: dict[str, Any], secret: str) -> None:
    text = import_har(har(made), "shop.har")
    assert secret not in text
    assert "#     export " in text
    read_back(text)


def test_a_secret_is_hidden_wherever_it_stands() -> None:
    text = import_har(
        har(
            entry("POST", f"{SHOP}/a?q={TOKEN}", post=("text/plain", f"x {TOKEN} y")),
            entry("GET", f"{SHOP}/b", sent=[("Authorization", f"Bearer {TOKEN}")], at=1),
        ),
        "shop.har",
    )
    assert TOKEN not in text
    assert text.count("{{env BEARER_TOKEN}}") == 3


def test_what_looks_like_a_token_and_comes_from_nowhere_is_told() -> None:
    made = entry("POST", f"{SHOP}/a", post=("application/x-www-form-urlencoded", f"csrf={TOKEN}&x=shoes"))
    assert "# No answer of the recording gives these: csrf of post-a." in import_har(har(made), "shop.har")
    plain = entry("POST", f"{SHOP}/a", post=("application/x-www-form-urlencoded", "x=shoes"))
    assert "No answer" not in import_har(har(plain), "shop.har")
