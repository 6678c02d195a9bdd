"""A secret in a workload file is known by its place, and its text is shown without."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluten.task.secrets import HIDDEN
from gluten.task.task import Task
from gluten.task.workload_secrets import hides_secrets, redact_workload, secret_variables
from gluten.workload.checks.take import Take

PLACES = [
    'header = ["Authorization: Bearer CANARY"]',
    'header = ["X-Api-Key:CANARY", "Accept: x"]',
    "header = ['X-Any: Bearer CANARY']",
    '[vars]\npassword = "CANARY"',
    "[vars]\npin = {token = 'CANARY'}",
    '[request.a]\njson = {user = "u", password = "CANARY"}',
    '[request.a]\njson = {login = {api_key = "CANARY {{user.name}}"}}',
    '[request.a]\njson = {list = [{secret = "CANARY"}]}',
    """[request.a]\njson = '{"password": "CANARY"}'""",
    '[request.a]\njson = "{\\"password\\": \\"CANARY\\"}"',
    '[request.a]\nbody = "a=b&token=CANARY&c=d"',
    '[request.a]\nform = {access_token = ["CANARY", "b"]}',
    '[request.a]\nbasic = "user:CANARY"',
    '[request.a]\nget = "/x?token=CANARY&a=b"',
    '[request.a]\nget = "http://u:CANARY@h/"',
    'url = "https://CANARY@h/"',
    '[request.a.json]\npassword = """CANARY"""',
    '[vars]\na = "{{env API_TOKEN CANARY}}"',
    "[vars]\npassword = '{{env PW \"CANARY CANARY\"}}'",
    '[request.a]\ntake = {token = "json $.token else CANARY"}',
    "[request.a]\ntake = {token = \"regex 'a else b' else 'CANARY x'\"}",
    "[request.a.take]\ntoken = 'body any else \"CANARY\"'",
    '[request.a]\ntake = {token = "body else \\"CANARY\\""}',
]
OPEN = [
    'header = ["Authorization: Bearer {{token}}", "Accept: text/html"]',
    '[request.token]\nget = "/key"\ntake = {token = "json $.token"}\ncheck = ["json $.token exists"]',
    '[request.a]\njson = {password = "{{user.password}}", a = "b"}',
    '[request.a]\njson = \'{"password": "{{user.password}}"}\'',
    '[request.a]\nget = "/x?token={{token}}"',
    '[[feed]]\nsecret = true\nfile = "keys.csv"',
    "[load]\nsecret = true",
    '[vars]\npassword = "{{env PW}}"',
    'url = "https://h/?mail=x@y"',
    "# password = 'x'",
    "[request.a]\ntake = {token = \"regex 'a else b'\", cart = 'body else x'}",
    "[request.a]\ntake = {token = 'body else {{token}}'}",
]


def test_a_take_without_its_secret_is_still_one() -> None:
    """A stored run's text is read for the names in it."""
    shown = redact_workload("[request.a]\ntake = {token = \"regex 'a else b' else 'CANARY x'\"}", False)
    text = tomllib.loads(shown)["request"]["a"]["take"]["token"]
    assert text == f"regex 'a else b' else {HIDDEN}"
    assert Take.parse(text).required is False


@pytest.mark.parametrize("text", PLACES)
def test_a_secret_is_left_out(text: str) -> None:
    assert tomllib.loads(text)
    shown = redact_workload(text, False)
    assert "CANARY" not in shown
    assert HIDDEN in shown
    assert tomllib.loads(shown)
    assert hides_secrets(shown)
    assert redact_workload(shown, False) == shown


@pytest.mark.parametrize("text", OPEN)
def test_what_is_none_stays_as_it_is(text: str) -> None:
    assert redact_workload(text, False) == text
    assert not hides_secrets(text)


def test_a_number_that_is_a_secret_becomes_a_text() -> None:
    shown = redact_workload("[vars]\notp = 123456\nn = 5", False)
    assert tomllib.loads(shown) == {"vars": {"otp": HIDDEN, "n": 5}}


@pytest.mark.parametrize(
    "text",
    ['header = ["Accept: CANARY"]', '[request.a]\njson = {a = "CANARY"}', '[request.a]\nbody = "CANARY"'],
)
def test_with_secret_no_header_and_no_body_is_shown(text: str) -> None:
    assert "CANARY" in redact_workload(text, False)
    assert "CANARY" not in redact_workload(text, True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('[vars]\npassword = "{{env PW}}"\ntenant = "{{env TENANT 1}}"', {"PW"}),
        ('header = ["Authorization: Bearer {{env BEARER}}", "Accept: {{env TYPE}}"]', {"BEARER"}),
        ('[request.a]\njson = {password = "x{{env PW}}y{{raw env PX}}"}', {"PW", "PX"}),
    ],
)
def test_a_variable_is_a_secret_where_its_place_is_called_so(text: str, names: set[str]) -> None:
    assert secret_variables(text) == names


def test_a_task_is_shown_without_them() -> None:
    text = 'header = ["Authorization: Bearer {{env BEARER}}"]\n[vars]\npassword = "CANARY"'
    env = (("API_KEY", "CANARY"), ("BEARER", "CANARY"), ("TENANT", "t"))
    task = Task("http://a/", workload=text, env=env)
    assert "CANARY" not in repr(task)
    assert task.public().env == (("API_KEY", HIDDEN), ("BEARER", HIDDEN), ("TENANT", "t"))
    assert task.withheld == []
    assert task.public().withheld == ["workload", "env"]


@given(st.text(max_size=80))
def test_any_text_is_redacted_without_a_traceback(text: str) -> None:
    assert isinstance(redact_workload(text, True), str)
    secret_variables(text)
    hides_secrets(text + HIDDEN)
