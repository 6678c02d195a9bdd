"""Texts to numbers and back: counts (`1.5k` = 1500), times (`1m30s`), sizes (`64k` = 65536), shares (`2%`).

Units may be written in upper or lower case, and numbers may have decimals. A text that does not fit raises
`UnitError`. Its message says what is allowed, and the caller adds the option's name.
"""

from __future__ import annotations

import math
import re

_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)"
# ASCII only: with Unicode, `\d` matches the digits of every script, and IGNORECASE matches `ſ` as an `s`.
_FLAGS = re.IGNORECASE | re.ASCII
_COUNT = re.compile(_NUMBER + r"([kmg]?)", _FLAGS)
_SIZE = re.compile(_NUMBER + r"([kmg]?)(?:i?b)?", _FLAGS)
_SHARE = re.compile(_NUMBER + r"(%?)", _FLAGS)
_TIME_PART = re.compile(_NUMBER + r"(us|ms|s|m|h)", _FLAGS)
_THOUSANDS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_BINARY = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_LIMIT = 10**15

COUNT_HELP = "a number with k, M or G (x1000), such as 100, 1.5k"
TIME_HELP = "a time with us, ms, s, m or h, such as 500ms, 30s, 1m30s"
SHARE_HELP = "a share, such as 2% or 0.02"
AGE_HELP = "an age above 0, in days or as a time, such as 90d, 12h"
SIZE_HELP = "a size with k, M or G (x1024), such as 64k, 8M"


class UnitError(ValueError):
    """The text is not a count, a time or a size."""


def parse_rate(text: str) -> float:
    """A number per second, at least 0. It may have a fraction. Raises `UnitError`."""
    match = _COUNT.fullmatch(text.strip())
    if match is None:
        raise UnitError(f"{text!r} is not {COUNT_HELP}")
    value = float(match[1]) * _THOUSANDS[match[2].lower()]
    return _bounded(value, text)


def parse_count(text: str) -> int:
    """A whole number, at least 0. Raises `UnitError`, also for a fraction such as `1.5`."""
    value = round(parse_rate(text), 6)
    if value != int(value):
        raise UnitError(f"{text!r} is not a whole number ({COUNT_HELP})")
    return int(value)


def parse_duration(text: str) -> float:
    """Seconds, at least 0. A number without a unit is in seconds, as in wrk. Raises `UnitError`."""
    text = text.strip()
    if re.fullmatch(_NUMBER, text, _FLAGS):
        return _bounded(float(text), text)
    parts = _TIME_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise UnitError(f"{text!r} is not {TIME_HELP}")
    return _bounded(math.fsum(float(number) * _SECONDS[unit.lower()] for number, unit in parts), text)


def parse_age(text: str) -> float:
    """Seconds, above 0: days, such as `90d`, or a time. Raises `UnitError`.

    A bare number is refused: read as seconds, a `90` that means days would delete nearly all runs.
    """
    if re.fullmatch(_NUMBER, text.strip(), _FLAGS):
        raise UnitError(f"{text!r} has no unit; write {AGE_HELP}")
    days = re.fullmatch(_NUMBER + "d", text.strip(), _FLAGS)
    try:
        age = _bounded(float(days[1]) * 86_400, text) if days else parse_duration(text)
    except UnitError:
        age = 0.0
    if age <= 0:
        raise UnitError(f"{text!r} is not {AGE_HELP}")
    return age


def parse_size(text: str) -> int:
    """Bytes, at least 0. Raises `UnitError`."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UnitError(f"{text!r} is not {SIZE_HELP}")
    value = round(_bounded(float(match[1]) * _BINARY[match[2].lower()], text), 6)
    if value != int(value):
        raise UnitError(f"{text!r} is not a whole number of bytes")
    return int(value)


def parse_share(text: str) -> float:
    """A share, at least 0: `2%` or `0.02`. Raises `UnitError`."""
    match = _SHARE.fullmatch(text.strip())
    if match is None:
        raise UnitError(f"{text!r} is not {SHARE_HELP}")
    return _bounded(float(match[1]) / 100 if match[2] else float(match[1]), text)


def _bounded(value: float, text: str) -> float:
    if value > _LIMIT:
        raise UnitError(f"{text!r} is too large")
    return value


def format_duration(seconds: float) -> str:
    """Seconds as text that `parse_duration` reads: `1m30s`, `500ms`, `10s`."""
    if seconds < 1 and seconds > 0:
        millis = seconds * 1000
        return f"{_plain(millis)}ms" if millis >= 1 else f"{_plain(seconds * 1e6)}us"
    hours, rest = divmod(seconds, 3600)
    minutes, secs = divmod(rest, 60)
    parts = [f"{int(hours)}h" if hours else "", f"{int(minutes)}m" if minutes else ""]
    if secs or not (hours or minutes):
        parts.append(f"{_plain(secs)}s")
    return "".join(parts)


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def format_micros(micros: float) -> str:
    """Microseconds in wrk's style: `635.91us`, `0.89ms`, `12.92ms`, `1.05s`, `2.00m`."""
    if micros < 1e6:
        return _scaled(micros, 1000.0, ("us", "ms"))
    return _scaled(micros / 1e6, 60.0, ("s", "m", "h"))


def format_count(value: float) -> str:
    """A count in wrk's style: `56.20k`, `1.20M`, `833.00`."""
    return _scaled(value, 1000.0, ("", "k", "M", "G", "T"))


def format_rate(rate: float) -> str:
    """A rate that was searched: `12,400/s`, `7.5/s`. A search is not more exact than four figures."""
    return f"{rate:,.0f}/s" if rate >= 100 else f"{rate:.4g}/s"


def format_size(value: float) -> str:
    """Bytes in wrk's style: `17.76GB`, `606.33MB`, `88.00B`."""
    return _scaled(value, 1024.0, ("B", "KB", "MB", "GB", "TB"))


def _scaled(value: float, base: float, units: tuple[str, ...]) -> str:
    """Like wrk's `format_units` in units.c, use the next unit from 0.85 of it on: `0.89ms`, not `890.00us`."""
    index = 0
    while value >= base * 0.85 and index < len(units) - 1:
        value /= base
        index += 1
    return f"{value:.2f}{units[index]}"
