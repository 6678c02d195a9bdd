"""Gives OpenSSL a task's certificates and key. If it cannot use them, the task is refused before anything is sent."""

from __future__ import annotations

import os
import ssl
import sys
from typing import IO, Any

from gluten.errors import TaskError
from gluten.task import pem
from gluten.task.task import Task

_WHY = {
    "KEY_VALUES_MISMATCH": ("key", "is not the key of the certificate, which is the first one in --cert"),
    "EE_KEY_TOO_SMALL": ("cert", "has a key that is too small: RSA needs 2048 bits"),
    "CA_MD_TOO_WEAK": ("cert", "is signed with a weak hash: it needs SHA-256"),
}


def check_certificates(task: Task) -> None:
    """Raises `TaskError`, which names the field, if something is missing or cannot be used."""
    texts = {name: getattr(task, name) for name in pem.WANTED}
    for name, text in texts.items():
        if text and (why := pem.why_not(name, text)):
            raise TaskError(name, f"{name}: {why}")
    # A request of a workload may go to another host than the base.
    secure = task.target.scheme == "https" or "https://" in task.workload.lower()
    name, why = pem.unpaired(texts, secure)
    if why:
        raise TaskError(name, f"{name}: {why}")
    if any(texts.values()):
        furnish(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), task)


def furnish(context: Any, task: Task) -> None:
    """Give a TLS context the authorities that the task trusts and its own certificate. `insecure` verifies nothing.

    Raises `TaskError`.
    """
    if task.cacert:
        _trust(context, "cacert", task.cacert)
    elif not task.insecure:
        context.load_default_certs()
    if task.cert:
        _trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "cert", task.cert)
        _load_own(context, task)
    if task.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE


def _trust(context: Any, name: str, text: str) -> None:
    """Load each certificate by itself. In one text, OpenSSL ignores errors after the first certificate."""
    for block in pem.blocks(text):
        if not block.label.endswith(pem.CERTIFICATE):
            continue
        try:
            context.load_verify_locations(cadata=block.text)
        except (ssl.SSLError, ValueError):
            raise TaskError(name, f"{name}: has a certificate in it that cannot be read") from None


def _load_own(context: Any, task: Task) -> None:
    """OpenSSL reads a client's certificate and key only from a file. On Linux the file is in memory."""
    text = f"{task.cert}\n{task.key}\n".encode()
    try:
        if sys.platform == "linux":
            with open(os.memfd_create("gluten-pem"), "wb") as memory:
                _load(context, memory, text, f"/proc/self/fd/{memory.fileno()}")
        else:
            import tempfile

            with tempfile.NamedTemporaryFile(suffix=".pem") as file:
                _load(context, file, text, file.name)
    except ssl.SSLError as error:
        name, why = _WHY.get(str(error.reason).upper().replace(" ", "_"), ("key", "cannot be read as a private key"))
        raise TaskError(name, f"{name}: {why}") from None
    except (OSError, ValueError):
        raise TaskError("key", "key: cannot be read as a private key") from None


def _load(context: Any, file: IO[bytes], text: bytes, path: str) -> None:
    file.write(text)
    file.flush()
    # Without `password`, OpenSSL asks for one on the terminal.
    context.load_cert_chain(path, password=lambda: b"")
