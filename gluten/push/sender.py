"""Sends bodies one after the other, each until it is taken or refused. It blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from gluten.push.collector import Answer
from gluten.push.retry import accepted, again, pause


class Posts(Protocol):
    """`Collector`, or its twin in a test."""

    def post(self, path: str, kind: str, body: bytes) -> Answer: ...


class Sender:
    """`wait` waits so many seconds; False: the time to deliver is over. `say` gets what a person should know: the
    trouble, or an empty text when it has passed."""

    def __init__(self, collector: Posts, wait: Callable[[float], bool], say: Callable[[str], None]) -> None:
        self._collector, self._wait, self._say = collector, wait, say
        self._trouble = ""
        self.given_up = False

    def send(self, path: str, kind: str, body: bytes) -> Answer | None:
        """Send a body until somebody takes it or refuses it. None: there was no time left for it."""
        attempts = 0
        while not self.given_up:
            answer = self._collector.post(path, kind, body)
            if not again(answer.status):
                self._tell("")
                return answer
            attempts += 1
            self._tell(why(answer))
            self.given_up = not self._wait(pause(attempts, answer.wait))
        return None

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._say(trouble)


def why(answer: Answer) -> str:
    """Why a body was not taken."""
    if not answer.status:
        return f"it cannot be reached: {answer.text}"
    if accepted(answer.status):
        return ""
    said = readable(answer.body)
    return f"it answers {answer.status} {answer.text}".rstrip() + (f": {said}" if said else "")


def readable(body: bytes) -> str:
    """What a body says in words: its printable runs of at least four characters, at most 200 in all."""
    text = body[:2000].decode("utf-8", "replace")
    words = "".join(char if char.isprintable() and char != "\ufffd" else "\n" for char in text).split("\n")
    return " ".join(word.strip() for word in words if len(word) > 3)[:200]
