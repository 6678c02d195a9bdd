"""How far the clock of a master is from ours, by the date that it puts on each HTTP answer."""

from __future__ import annotations

import http.client
import ssl
import time
from email.utils import parsedate_to_datetime

TIMEOUT = 5.0


def skew(master: tuple[str, int], encrypted: bool = False) -> float | None:
    """Seconds by which the clocks surely differ, None where the master tells no date.

    A date is of whole seconds, so that of an answer is from one second before its arrival to the request's departure.
    """
    connection = _connection(master, encrypted)
    try:
        departed = time.time()
        connection.request("GET", "/healthz")
        date = connection.getresponse().headers["Date"]
        arrived = time.time()
        told = parsedate_to_datetime(date).timestamp()
    except (OSError, http.client.HTTPException, TypeError, ValueError):
        return None
    finally:
        connection.close()
    return apart(told, departed, arrived)


def apart(told: float, departed: float, arrived: float) -> float:
    """How far `told`, cut to whole seconds, is outside of what it may be if the clocks agree."""
    return max(0.0, told - arrived, departed - (told + 1))


def _connection(master: tuple[str, int], encrypted: bool) -> http.client.HTTPConnection:
    host, port = master
    if not encrypted:
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # a date is no secret, and gRPC has verified it
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
