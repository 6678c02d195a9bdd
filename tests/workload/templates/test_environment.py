"""`{{env NAME [DEFAULT]}}` stands in every text, and what it gives is no template."""

import pytest

from gluten.errors import WorkloadError
from gluten.workload.templates.environment import Asked, env_asked, expand_env, with_env
from gluten.workload.templates.template import Template
from gluten.workload.templates.values import Scope
from tests.support.sessions import session

ENV = {"HOST": "h.test", "ODD": "{{seq}} ${x} \"'"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://{{env HOST}}/a", "https://h.test/a"),
        ("{{env PORT 8080}}", "8080"),
        ("{{env GREETING 'a b'}}", "a b"),
        ("{{env EMPTY ''}}", ""),
        ("{{env HOST other}}", "h.test"),
        ("{{'{{'}}{{env ODD}}", "{{" + ENV["ODD"]),
        ("plain", "plain"),
    ],
)
def test_env_is_filled_in(text: str, expected: str) -> None:
    assert expand_env(text, ENV) == expected
    assert Template.parse(text, Scope(env=ENV)).fixed == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{user.name}}", "{{user.name}} cannot stand here: only {{env NAME}} can"),
        ("{{raw env HOST}}", "{{raw env HOST}} cannot stand here: only {{env NAME}} can"),
        ("{{env NO}}", "{{env NO}}: NO is not set in the environment: set it, or write a default behind the name"),
        ("{{env A b c}}", "{{env A b c}}: env takes a name and perhaps a default, such as {{env PORT 8080}}"),
    ],
)
def test_what_cannot_be_filled_in_is_refused(text: str, message: str) -> None:
    with pytest.raises(WorkloadError) as refused:
        expand_env(text, ENV)
    assert str(refused.value) == message


def test_other_templates_stay_where_they_may_stand() -> None:
    text = with_env("{{env HOST}} {{user.name}} {{env ODD}}", ENV)
    assert Template.parse(text).text_of(session(rows={"user": {"name": "ann"}})) == f"h.test ann {ENV['ODD']}"


def test_a_text_says_what_it_asks_of_the_environment() -> None:
    text = "{{env A}} {{raw env B 5}} {{base64 env C}} {{user.name}} {{'env D'}}"
    assert env_asked(text) == (Asked("A", None), Asked("B", "5"), Asked("C", None))
