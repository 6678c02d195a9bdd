"""What a Chromium asked and was answered, from its own network events, as a HAR file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from selenium.common.exceptions import WebDriverException

from tests.support.web.browser import Browser

Event = dict[str, Any]


class Recorder:
    """Records from its start. The browser was started with `network=True`."""

    def __init__(self, browser: Browser) -> None:
        self._chrome = browser.chrome
        self._chrome.execute_cdp_cmd("Network.enable", {})
        list(self._events())  # what was before is not of this recording
        self._entries: list[Event] = []
        self._open: dict[str, Event] = {}
        self._extra: dict[str, list[Event]] = {}

    def take(self) -> None:
        """Keep what was asked up to now. A browser drops the bodies of a page that is left."""
        for event in self._events():
            handler = getattr(self, "_" + event["method"].removeprefix("Network."), None)
            if handler is not None:
                handler(event["params"])

    def har(self) -> str:
        self.take()
        for entry in self._entries:
            entry.pop("id"), entry.pop("hop")
        creator = {"name": "WebInspector", "version": "537.36"}
        return json.dumps({"log": {"version": "1.2", "creator": creator, "pages": [], "entries": self._entries}})

    def _events(self) -> Iterator[Event]:
        for line in self._chrome.get_log("performance"):  # type: ignore[no-untyped-call]
            message: Event = json.loads(line["message"])["message"]
            if message["method"].startswith("Network."):
                yield message

    def _requestWillBeSent(self, event: Event) -> None:
        identity, asked = event["requestId"], event["request"]
        if "redirectResponse" in event:
            self._answered(self._open[identity], event["redirectResponse"], event["timestamp"])
        hop = sum(entry["id"] == identity for entry in self._entries)
        post = {"mimeType": _of(asked["headers"], "content-type"), "text": asked.get("postData", "")}
        request = {
            "method": asked["method"],
            "url": asked["url"],
            "headers": _rows(asked["headers"]),
            "cookies": [],
            **({"postData": post} if asked.get("hasPostData") else {}),
        }
        began = datetime.fromtimestamp(event["wallTime"], UTC).isoformat().replace("+00:00", "Z")
        entry = {"id": identity, "hop": hop, "startedDateTime": began, "began": event["timestamp"], "time": -1}
        entry |= {"request": request, "response": {"status": 0}, "_resourceType": event["type"].lower()}
        self._open[identity] = entry
        self._entries.append(entry)

    def _requestWillBeSentExtraInfo(self, event: Event) -> None:
        """The headers as they were sent, with cookies. There is one for each hop of a redirect."""
        found = self._extra.setdefault(event["requestId"], [])
        for entry in self._entries:
            if entry["id"] == event["requestId"] and entry["hop"] == len(found):
                entry["request"]["headers"] = _rows(event["headers"])
        found.append(event)

    def _responseReceived(self, event: Event) -> None:
        self._answered(self._open[event["requestId"]], event["response"], event["timestamp"])

    def _responseReceivedExtraInfo(self, event: Event) -> None:
        """The headers as they came, with Set-Cookie."""
        for entry in self._entries:
            if entry["id"] == event["requestId"] and "given" not in entry:
                entry["given"] = _rows(event["headers"])
                entry["response"]["headers"] = entry["given"]
                return

    def _loadingFinished(self, event: Event) -> None:
        entry = self._open.get(event["requestId"])
        if entry is None:
            return
        entry["time"] = (event["timestamp"] - entry["began"]) * 1000
        try:
            body = self._chrome.execute_cdp_cmd("Network.getResponseBody", {"requestId": event["requestId"]})
        except WebDriverException:
            return  # the browser has dropped it, as it does with pages that were left
        encoding = {"encoding": "base64"} if body["base64Encoded"] else {}
        entry["response"]["content"] |= {"text": body["body"]} | encoding

    def _answered(self, entry: Event, response: Event, at: float) -> None:
        headers = entry.get("given") or _rows(response["headers"])
        content = {"size": 0, "mimeType": response["mimeType"]}
        entry["response"] = {"status": response["status"], "headers": headers, "cookies": [], "content": content}
        entry["time"] = (at - entry["began"]) * 1000


def _rows(headers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def _of(headers: dict[str, str], wanted: str) -> str:
    return next((value for name, value in headers.items() if name.lower() == wanted), "")
