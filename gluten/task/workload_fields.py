"""What the fields of a workload may be: checks of a `Kind` each, as in `task/validate`."""

from __future__ import annotations

import re
from typing import Any

from gluten.errors import TaskError
from gluten.task.fields import Field
from gluten.task.limits import MAX_ENV_BYTES, MAX_FEED, MAX_FILE_NAME, MAX_SLO
from gluten.task.storable import is_storable

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def check_slos(field: Field, slos: Any) -> None:
    if len(slos) > field.most:
        raise TaskError(field.name, f"{field.label}: {len(slos)} SLOs; at most {field.most}")
    for slo in slos:
        if not isinstance(slo, str) or len(slo) > MAX_SLO or not is_storable(slo):
            raise TaskError(field.name, f"{field.label}: each must be a text of at most {MAX_SLO} characters")


def check_document(field: Field, text: Any) -> None:
    if not isinstance(text, str) or not is_storable(text):
        raise TaskError(field.name, f"{field.label}: must be the text of a workload file (TOML in UTF-8)")
    if len(text.encode()) > field.most:
        raise TaskError(field.name, f"{field.label}: longer than {int(field.most) >> 20} MiB")


def check_env(field: Field, pairs: Any) -> None:
    for name, value in pairs:
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            raise TaskError(field.name, f"{field.label}: {str(name)[:40]!r} is not a variable's name, such as TOKEN")
        if not isinstance(value, str) or not is_storable(value):
            raise TaskError(field.name, f"{field.label}: {name[:40]}: must be a text (UTF-8, no NUL)")
    size = sum(len(name) + len(value.encode()) for name, value in pairs)
    if len(pairs) > field.most or size > MAX_ENV_BYTES:
        most = f"at most {field.most} with {MAX_ENV_BYTES >> 10} KiB in all"
        raise TaskError(field.name, f"{field.label}: {len(pairs)} variables with {size} bytes; {most}")


def check_sha(sha: str) -> str:
    """The name of a file by its content, if it is one. Raises TaskError."""
    if not _SHA256.fullmatch(sha):
        raise TaskError("files", f"files: {sha[:80]!r} is no SHA-256: 64 hexadecimal digits, in small letters")
    return sha


def check_files(field: Field, pairs: Any) -> None:
    if len(pairs) > field.most:
        raise TaskError(field.name, f"{field.label}: {len(pairs)} files; at most {field.most}")
    for name, digest in pairs:
        if not isinstance(name, str) or not 0 < len(name) <= MAX_FILE_NAME or not is_storable(name):
            raise TaskError(field.name, f"{field.label}: {str(name)[:40]!r} is not a file's name")
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise TaskError(field.name, f"{field.label}: {name[:80]}: must be its SHA-256, 64 hexadecimal digits")


def check_rows(field: Field, pairs: Any) -> None:
    if len(pairs) > field.most:
        raise TaskError(field.name, f"{field.label}: {len(pairs)} feeds; at most {field.most}")
    for name, count in pairs:
        if not isinstance(name, str) or not 0 < len(name) <= MAX_FILE_NAME or not is_storable(name):
            raise TaskError(field.name, f"{field.label}: {str(name)[:40]!r} is not a feed's name")
        if type(count) is not int or not 0 <= count <= MAX_FEED:
            raise TaskError(field.name, f"{field.label}: {name[:80]}: must be a whole number from 0")
