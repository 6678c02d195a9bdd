"""Writes a request in the session's greenlet, and waits until the kernel takes all of it."""

from __future__ import annotations

from gluten.engine.fault import Fault, is_of_tls, unwritten
from gluten.engine.worker.mailbox import Signal
from gluten.engine.worker.request_sender import RequestSender


class RequestWriter:
    """Writes for one slot what its sender could not write at once."""

    __slots__ = ("_sender", "_tls")

    def __init__(self, sender: RequestSender) -> None:
        self._sender = sender
        self._tls = sender.context.task.target.scheme == "https"

    def write(self, written: int = 0) -> None:
        """Write the request from byte `written` on. Raises `Fault` (write, reset, closed, timeout)."""
        sender = self._sender
        view = memoryview(sender.request)
        while written < len(view):
            try:
                count = sender.transport.send(view[written:])
                written += count
                sender.slots.wrote(sender.slot, count)
            except BlockingIOError:
                self._await_writable()
            except OSError as error:
                raise self._unwritten(error) from None

    def go_on(self, written: int, error: OSError | None) -> None:
        """Write the rest. The sender wrote `written` bytes and then got `error`. Raises `Fault`."""
        if error is not None and not isinstance(error, BlockingIOError):
            raise self._unwritten(error)
        self.write(written)

    def _unwritten(self, error: OSError) -> Fault:
        """The fault of a failed write. A TLS target may have sent the cause as an alert, which can still be read."""
        sender = self._sender
        if self._tls:
            try:
                sender.transport.recv(1)
            except OSError as said:
                error = said if is_of_tls(said) else error
        return unwritten(error, sender.slots.is_first(sender.slot))

    def _await_writable(self) -> None:
        mailbox = self._sender.mailbox
        end = self._sender.transport.when_writable(lambda: mailbox.put(Signal.WRITABLE))
        try:
            if mailbox.wait() is Signal.EXPIRED:
                raise Fault("timeout", "the request could not be written within the deadline")
        finally:
            end()
