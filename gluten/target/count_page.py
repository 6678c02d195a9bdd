"""The paths under which a target reports its own counts."""

import json

from gluten.target.incoming import Request
from gluten.target.scripted_answer import Answer
from gluten.target.tally import Tally

PREFIX = "/_gluten/"


def control_answer(request: Request, tally: Tally) -> Answer:
    """The answer to `GET /_gluten/count` and `POST /_gluten/reset`: the counts. A reset sets them to zero first."""
    wanted = {"/_gluten/count": "GET", "/_gluten/reset": "POST"}.get(request.path)
    if wanted is None:
        return _json(404, {"error": "use GET /_gluten/count or POST /_gluten/reset"})
    if request.method != wanted:
        return _json(405, {"error": f"use {wanted} {request.path}"}, (("Allow", wanted),))
    if wanted == "POST":
        tally.clear()
    return _json(200, tally.as_dict())


def _json(status: int, value: object, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status, json.dumps(value).encode() + b"\n", (("Content-Type", "application/json"), *headers))
