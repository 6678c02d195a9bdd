"""What a test puts in the place of what a document says, so that its commands run anywhere and in seconds. Pure.

This is the only way in which a command is changed: ports, a host, and how long and how much is sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

TARGET, WEB, RPC, COLLECTOR = 8080, 8888, 9090, 4318
"""The ports of the documents. Each stands for one that is free here."""
SHOP = "https://shop.test"
"""A service with TLS and HTTP/2."""

_PORTS = re.compile(rf"(?P<before>127\.0\.0\.1:|localhost:|-port )(?P<port>{TARGET}|{WEB}|{RPC}|{COLLECTOR})\b")

SHORTER = (
    (r"(?<= -d) ?\d+s\b", " 400ms"),  # what lasts for minutes is stopped by another command
    (r"gluten\.pyz run\b(?!.* (?:-d|-n|--stages|--find-capacity)\b)", "gluten.pyz run -d 400ms"),
    (r"(?<= -R) ?\d+k?\b", " 50"),
    (r"(?<=--rate )\d+k?\b", "60"),
    (r"(?<=--stages )\S+", "0s:20,1s:50"),
    (r" --warmup \w+", ""),
    (r"--find-capacity", "--find-capacity --from 40 --hold 1s -d 2s"),
    (r"(?<=< )250ms", "10s"),
    (r"(--to|--at-least) \d+", r"\1 50"),
)
"""A test says that a command works, not what a machine can do."""


def on_ports(text: str, ports: Mapping[int, int]) -> str:
    """The text with the ports that are free here."""
    return _PORTS.sub(lambda found: f"{found['before']}{ports[int(found['port'])]}", text)


def shortened(text: str) -> str:
    for pattern, brief in SHORTER:
        text = re.sub(pattern, brief, text)
    return text
