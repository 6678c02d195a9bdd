"""The least that locust's quickest user can do: GET one URL over and over. Settings come by environment."""

import os

from locust import FastHttpUser, task

_HEADERS = {"Connection": "close"} if os.environ["BENCH_KEEPALIVE"] == "0" else {}


class Getter(FastHttpUser):
    @task
    def get(self) -> None:
        self.client.get(os.environ["BENCH_PATH"], headers=_HEADERS)
