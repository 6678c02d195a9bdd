"""A single URL whose redirects are followed, as a workload of one request."""

from __future__ import annotations

from gluten.task.task import Task
from gluten.workload.templates.template import Template
from gluten.workload.workload import Request, Workload


def of_url(task: Task, name: str) -> Workload:
    """The workload. The engine sends the bytes of the task, so the request's path is not read."""
    target = task.target
    request = Request(
        name=name,
        method=task.method,
        origin=f"{target.scheme}://{target.netloc}",
        path=_text("/"),
        headers=tuple((header, _text(value)) for header, value in task.headers),
        body=task.body,
        redirects=task.redirects or 0,
    )
    return Workload(task.url, task.seed, (request,))


def _text(text: str) -> Template:
    """A text as it is: it has no templates."""
    return Template(text, (text,))
