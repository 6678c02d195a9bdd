"""Before a run: where the target is, may it be loaded, and does anybody answer there. In a process of its own, since
a name may take ten seconds to resolve and nothing else may wait for it.

The name is resolved here once. Workers connect to the addresses that were found, and ask the policy again."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from typing import Any

from gluten.engine.channel import encode
from gluten.engine.fault import Fault, of_open
from gluten.load.job import UNREACHED
from gluten.load.policy import REFUSED, Policy
from gluten.load.task import Task

MAX_ADDRESSES = 64


def scout(task: Task, policy: Policy, channel: socket.socket) -> None:
    """Say `found` with the addresses that accept a connection, or `failed` with a kind and a text."""
    try:
        found = allowed(task, policy, addresses(task))
        message: dict[str, Any] = {"type": "found", "addresses": reachable(task, found)}
    except Fault as fault:
        text = str(fault) if fault.kind == REFUSED else f"{UNREACHED}: {fault}"
        message = {"type": "failed", "kind": fault.kind, "text": text}
    channel.sendall(encode(message))


def addresses(task: Task) -> list[str]:
    """The target's addresses: by `--resolve`, else by name. Raises `Fault` (dns)."""
    if ruled := task.ruled_addresses:
        return ruled
    found = _resolved(task.target.hostname or "", task)
    return list(dict.fromkeys(str(info[4][0]) for info in found))[:MAX_ADDRESSES]


def allowed(task: Task, policy: Policy, found: list[str]) -> list[str]:
    """Those of `found` that this node may connect to. Raises `Fault` (refused) where there is none."""
    whys = {address: policy.connecting(task, _as_the_kernel_is_told(address, task.port)) for address in found}
    good = [address for address, why in whys.items() if not why]
    if not good:
        raise Fault(REFUSED, next(iter(whys.values()), "the target has no address"))
    return good


def _resolved(host: str, task: Task) -> list[Any]:
    """What the system's resolver says within the task's timeout. Raises `Fault` (dns)."""
    answer: list[Any] = []

    def ask() -> None:
        try:
            answer.append(socket.getaddrinfo(host, task.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answer.append(Fault("dns", f"{host}: {of_open(error)}"))

    # The call cannot be interrupted; its thread ends with this process.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(task.timeout)
    if not answer:
        raise Fault("dns", f"{host}: the name was not resolved within {task.timeout:g} s")
    if isinstance(answer[0], Fault):
        raise answer[0]
    return list(answer[0])


def reachable(task: Task, found: list[str]) -> list[str]:
    """Those of `found` that accept a connection within the task's timeout, in order. Raises `Fault`."""
    selector, waiting, good = selectors.DefaultSelector(), {}, set()
    fault = Fault("timeout", f"nobody answers within {task.timeout:g} s")
    for address in found:
        try:
            sock = _connecting(address, task.port)
        except OSError as failure:
            # This host has no such family or no way there: said at once, not by the socket.
            fault = of_open(failure)
            continue
        selector.register(sock, selectors.EVENT_WRITE)
        waiting[sock] = address
    deadline = time.monotonic() + task.timeout
    while waiting and (rest := deadline - time.monotonic()) > 0:
        for key, _ in selector.select(rest):
            sock = key.fileobj  # type: ignore[assignment]
            error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            address = waiting.pop(sock)
            selector.unregister(sock)
            sock.close()
            if error:
                fault = of_open(OSError(error, _words(error)))
            else:
                good.add(address)
    for sock in waiting:
        sock.close()
    if not good:
        raise Fault(fault.kind, f"{task.target.hostname}:{task.port}: {fault}")
    return [address for address in found if address in good]


def _connecting(address: str, port: int) -> socket.socket:
    """A socket that is connecting to an IP address. Raises OSError; gaierror if it is none."""
    found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    family, kind, protocol, _, place = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        sock.connect(place)
    except BlockingIOError:
        return sock
    except OSError:
        sock.close()
        raise
    return sock


def _as_the_kernel_is_told(address: str, port: int) -> str:
    """`0x7f.1` is 127.0.0.1: judged is what a socket will be given, not how it is written."""
    try:
        return str(socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)[0][4][0])
    except (OSError, UnicodeError):
        return address


def _words(error: int) -> str:
    import os

    return os.strerror(error)
