"""What the engine cannot do yet is refused in one line, not ignored."""

from __future__ import annotations

from typing import Any

import pytest

from gluten.errors import TaskError
from gluten.task.task import Task
from gluten.workload.supported import check_supported

URL = "http://127.0.0.1:8080/"


def test_a_task_of_a_url_is_supported() -> None:
    check_supported(Task(URL, rate=5.0, seed=7))


@pytest.mark.parametrize("values", [{"slo": ("p99 < 1s",)}, {"slo_sure": True}], ids=str)
def test_what_would_have_no_effect_is_refused_by_its_name(values: dict[str, Any]) -> None:
    with pytest.raises(TaskError) as caught:
        check_supported(Task(URL, **values))
    assert caught.value.field == next(iter(values))
