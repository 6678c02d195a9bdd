"""Measures how far a master's clock differs from this one, by the `Date` header of its HTTP responses."""

from __future__ import annotations

import http.client
import ssl
import time
from email.utils import parsedate_to_datetime

TIMEOUT = 5.0


def skew(master: tuple[str, int], encrypted: bool = False) -> float | None:
    """The least number of seconds by which the clocks differ, or None if the master sends no date."""
    connection = _connection(master, encrypted)
    try:
        departed = time.time()
        connection.request("GET", "/healthz")
        date = connection.getresponse().headers["Date"]
        arrived = time.time()
        stamp = parsedate_to_datetime(date).timestamp()
    except (OSError, http.client.HTTPException, TypeError, ValueError):
        return None
    finally:
        connection.close()
    return least_difference(stamp, departed, arrived)


def least_difference(stamp: float, departed: float, arrived: float) -> float:
    """The least difference between the clocks, in seconds. 0 if they may agree.

    The server's clock showed something from `stamp` to `stamp + 1`, because a date is cut to whole seconds. If the
    clocks agree, that moment is between the request's departure and the response's arrival.
    """
    return max(0.0, stamp - arrived, departed - (stamp + 1))


def _connection(master: tuple[str, int], encrypted: bool) -> http.client.HTTPConnection:
    host, port = master
    if not encrypted:
        return http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = (
        False,
        ssl.CERT_NONE,
    )  # a date is not secret, and gRPC has verified the certificate
    return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
