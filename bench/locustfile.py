"""The smallest task for locust's fastest user: GET one URL again and again. The environment holds the settings."""

import os

from locust import FastHttpUser, task

_HEADERS = {"Connection": "close"} if os.environ["BENCH_KEEPALIVE"] == "0" else {}


class Getter(FastHttpUser):
    @task
    def get(self) -> None:
        self.client.get(os.environ["BENCH_PATH"], headers=_HEADERS)
