"""What session.toml says, for locust's fastest user."""

from locust import FastHttpUser, task


class Shopper(FastHttpUser):
    @task
    def shop(self) -> None:
        token = "none"
        for _ in range(20):
            with self.client.get(f"/step?token={token}", name="step", catch_response=True) as answer:
                if "token" not in answer.text:
                    answer.failure("no token in the body")
                token = answer.json()["token"]
