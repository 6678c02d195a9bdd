"""The check of the target before a run: its addresses, whether they may be loaded, and whether they accept connections.

It has a process of its own, because a name may take ten seconds to resolve, and nothing else may wait for that. The
name is resolved only here. Workers connect to the addresses that were found, and ask the policy again.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from gluten.engine.channel import report
from gluten.engine.fault import Fault, of_open
from gluten.errors import TaskError
from gluten.plan.job import UNREACHED
from gluten.task.host_names import dial_name
from gluten.task.policy import REFUSED, Policy
from gluten.task.task import Task

MAX_ADDRESSES = 64


def preflight(task: Task, policy: Policy, channel: socket.socket) -> None:
    """Send `found` with the addresses that accept a connection, or `failed` with a kind and a text."""
    try:
        hosts = [reachable(one, allowed(one, policy, addresses(one))) for one in _by_host(task)]
        message: dict[str, Any] = {"type": "found", "addresses": hosts[0], "hosts": hosts}
    except TaskError as error:
        message = {"type": "failed", "kind": "tls", "text": str(error)}
    except Fault as fault:
        text = str(fault) if fault.kind == REFUSED else f"{UNREACHED}: {fault}"
        message = {"type": "failed", "kind": fault.kind, "text": text}
    report(channel, message)


def _by_host(task: Task) -> Iterable[Task]:
    """The task once for each host that it asks."""
    if not task.workload:
        return (task,)
    # A task that is one URL starts sooner without these modules.
    from gluten.workload.hosts import by_host

    return by_host(task)


def addresses(task: Task) -> list[str]:
    """The target's addresses from `--resolve`, else from the resolver. Raises `Fault` (dns)."""
    if ruled := task.ruled_addresses:
        return ruled
    found = _resolved(dial_name(task.target.hostname or ""), task)
    return list(dict.fromkeys(str(info[4][0]) for info in found))[:MAX_ADDRESSES]


def allowed(task: Task, policy: Policy, found: list[str]) -> list[str]:
    """Those of `found` that this node may connect to. Raises `Fault` (refused) if there is none."""
    whys = {address: policy.connecting(task, _as_the_kernel_is_told(address, task.port)) for address in found}
    good = [address for address, why in whys.items() if not why]
    if not good:
        raise Fault(REFUSED, next(iter(whys.values()), "the target has no address"))
    return good


def _resolved(host: str, task: Task) -> Iterable[Any]:
    """What the socket module calls the host. Raises `Fault` (dns)."""
    with suppress(OSError, UnicodeError):
        return _numeric(host, task.port)
    return _of_resolver(host, task)


def _of_resolver(host: str, task: Task) -> list[Any]:
    """What the system's resolver answers within the task's timeout. Raises `Fault` (dns)."""
    import threading  # here, because an address needs no resolver

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
    """Those of `found` that accept a connection within the task's timeout, in order. They also must not refuse TLS
    where the URL has https, and HTTP/2 where the task has it. Raises `Fault`, `TaskError`."""
    deadline = time.monotonic() + task.timeout
    socks, fault = _connected(task, found, deadline)
    refused = _refusals(task, socks, deadline - time.monotonic())
    good = [address for address in socks if address not in refused]
    fault = next(reversed(refused.values()), fault)
    for sock in socks.values():
        sock.close()
    if not good:
        raise Fault(fault.kind, f"{task.authority}: {fault}")
    return [address for address in found if address in good]


def _refusals(task: Task, socks: dict[str, socket.socket], seconds: float) -> dict[str, Fault]:
    """The addresses that refuse TLS or HTTP/2, and why."""
    if socks and task.target.scheme == "https":
        from gluten.engine.host.tls_handshake import refusals  # imports ssl

        return refusals(task, {at: partial(_dial, [sock], at, task) for at, sock in socks.items()}, seconds)
    if socks and task.http2:
        from gluten.engine.host import http2_greeting

        return http2_greeting.refusals(socks, seconds)
    return {}


def _connected(task: Task, found: list[str], deadline: float) -> tuple[dict[str, socket.socket], Fault]:
    """A connection to each address that accepts one by the deadline, and the last fault of the others."""
    selector, waiting, good = selectors.DefaultSelector(), {}, {}
    fault = Fault("timeout", f"nobody answers within {task.timeout:g} s")
    for address in found:
        try:
            sock = _connecting(address, task.port)
        except OSError as failure:
            # This host lacks the address family or a route. `connect` itself reports that, and not the socket later.
            fault = of_open(failure)
            continue
        selector.register(sock, selectors.EVENT_WRITE)
        waiting[sock] = address
    while waiting and (rest := deadline - time.monotonic()) > 0:
        for key, _ in selector.select(rest):
            sock = key.fileobj  # type: ignore[assignment]
            error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            address = waiting.pop(sock)
            selector.unregister(sock)
            if error:
                sock.close()
                fault = of_open(OSError(error, _words(error)))
            else:
                good[address] = sock
    for sock in waiting:
        sock.close()
    return good, fault


def _dial(ready: list[socket.socket], address: str, task: Task) -> socket.socket:
    """The connection that is there already. A second call makes another one. Raises OSError."""
    if ready:
        return ready.pop()
    family, kind, protocol, _, place = _place(address, task.port)
    sock = socket.socket(family, kind, protocol)
    sock.settimeout(task.timeout)
    try:
        sock.connect(place)
    except OSError:
        sock.close()
        raise
    return sock


def _place(address: str, port: int) -> tuple[Any, Any, int, str, Any]:
    """Family and socket address. Raises gaierror if the text is no IP address."""
    return _numeric(address, port)[0]


def _numeric(address: str, port: int) -> list[tuple[Any, Any, int, str, Any]]:
    """What the socket module calls an IP address. Raises gaierror if the text is none."""
    # As bytes: for a text Python would load its tables of international names, which takes 1 ms.
    return socket.getaddrinfo(address.encode(), port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)


def _connecting(address: str, port: int) -> socket.socket:
    """A socket that is connecting to an IP address. Raises OSError; gaierror if it is none."""
    family, kind, protocol, _, place = _place(address, port)
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
    """The address that a socket would be given. `0x7f.1` is 127.0.0.1, and the policy judges the latter."""
    try:
        return str(_numeric(address, port)[0][4][0])
    except (OSError, UnicodeError):
        return address


def _words(error: int) -> str:
    import os

    return os.strerror(error)
