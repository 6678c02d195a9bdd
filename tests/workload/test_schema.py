"""The JSON Schema accepts what the reader accepts, and refuses its plainest errors."""

from __future__ import annotations

import tomllib
from typing import Any

import jsonschema_rs
import pytest

from gluten.workload.example import EXAMPLE
from gluten.workload.keys import KEYS, Place
from gluten.workload.schema import schema
from tests.workload.test_reader import GET, HEAD, SHOP

VALIDATOR = jsonschema_rs.Draft202012Validator(schema())


def test_the_schema_is_one() -> None:
    jsonschema_rs.meta.validate(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE,
        SHOP,
        HEAD + GET,
        f"{HEAD}[request.a]\nmethod = 'PURGE'\npath = '/'\n",
        f"{HEAD}{GET}[load]\ncacert = 'ca.pem'\ncert = 'a.pem'\nkey = 'a.key'\n",
    ],
)
def test_a_workload_fits_the_schema(text: str) -> None:
    VALIDATOR.validate(tomllib.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        "vus = 5\n" + GET,
        f"{HEAD}{GET}post = '/'\n",
        f"{HEAD}[request.a]\n",
        f"{HEAD}[request.a]\nmethod = 'X'\n",
        f"{HEAD}{GET}json = 1\nbody = 'x'\n",
        f"{HEAD}{GET}weight = 0\n",
        f"{HEAD}{GET}[load]\nvus = 5\n",
        f"{HEAD}{GET}[load]\ncacert = true\n",
        f"{HEAD}{GET}[[feed]]\nname = 'a'\n",
        f"{HEAD}{GET}[[feed]]\nname = 'a'\nfile = 'a.csv'\npick = 'any'\n",
        f"{HEAD}{GET}[vars]\n'a b' = 'x'\n",
        f"{HEAD}{GET}[[scenario]]\nname = 'x'\n",
        f"{HEAD}{GET}[[scenario]]\nname = 'x'\ndo = [{{do = ['a']}}]\n",
        f"{HEAD}{GET}[[scenario]]\nname = 'x'\ndo = [{{chance = 0.5}}]\n",
        f"{HEAD}{GET}[[scenario]]\nname = 'x'\ndo = [{{chance = 2, do = ['a']}}]\n",
        f"{HEAD}{GET}[[scenario]]\nname = 'x'\ndo = [{{think = '2s', group = 'b', do = ['a']}}]\n",
        f"{HEAD}{GET}[[scenario]]\nname = 'x'\ndo = [{{group = 'b', do = [{{pause = 2}}]}}]\n",
        f"{HEAD}{GET}[[scenario]]\nname = 'x'\ndo = [{{one_of = []}}]\n",
        f"{HEAD}{GET}[[scenario]]\nname = 'x'\ndo = 'a'\non_fail = 'go'\n",
        f"{HEAD}{GET}take = {{'a b' = 'body'}}\n",
    ],
)
def test_what_the_reader_refuses_does_not_fit(text: str) -> None:
    with pytest.raises(jsonschema_rs.ValidationError):
        VALIDATOR.validate(tomllib.loads(text))


def test_each_key_is_described() -> None:
    document = schema()
    request = document["properties"]["request"]["additionalProperties"]
    step = document["$defs"]["steps"]["anyOf"][1]
    tables: dict[Place, Any] = {
        Place.TOP: document,
        Place.LOAD: document["properties"]["load"],
        Place.FEED: document["properties"]["feed"]["items"],
        Place.REQUEST: request,
        Place.SCENARIO: document["properties"]["scenario"]["items"],
        Place.STEP: step,
        Place.BRANCH: step["properties"]["one_of"]["items"],
    }
    for key in KEYS:
        assert (key.name in tables[key.place]["properties"]) == (not key.later), key
        if not key.later:
            assert tables[key.place]["properties"][key.name]["description"], key
