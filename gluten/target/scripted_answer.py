"""The answers of the target. Responses are rendered once. The script draws one for each request."""

import itertools
from collections.abc import Iterator
from http import HTTPStatus

from gluten.target.delays import drawn_delays
from gluten.target.incoming import FLAG_COMBINATIONS, HEAD, HTTP10, KEEP_ALIVE
from gluten.target.target_options import NEVER, TargetOptions

CHUNK = 16 * 1024
_FILLER = b"hello world"
_BODYLESS = (204, 304)


def reason(status: int) -> str:
    """The reason phrase of a status line."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def filler(size: int) -> bytes:
    """A body of `size` bytes, in which `hello world` repeats."""
    return (_FILLER * (size // len(_FILLER) + 1))[:size]


def in_chunks(body: bytes) -> bytes:
    """`body` in chunked coding (RFC 9112, 7.1), with chunks of 16 KiB."""
    pieces = (body[at : at + CHUNK] for at in range(0, len(body), CHUNK))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


class Answer:
    """One status with one body. It is rendered once for each combination of flags, when the first request has it."""

    __slots__ = ("_body", "_chunked", "_close", "_headers", "_split", "_whole", "status")

    def __init__(
        self,
        status: int,
        body: bytes,
        headers: tuple[tuple[str, str], ...] = (),
        *,
        chunked: bool = False,
        close: bool = False,
    ) -> None:
        self.status = status
        self._body = b"" if status in _BODYLESS else body
        self._headers = headers
        self._chunked = chunked and status not in _BODYLESS
        self._close = close
        self._whole: list[bytes | None] = [None] * FLAG_COMBINATIONS
        self._split: list[tuple[bytes, bytes] | None] = [None] * FLAG_COMBINATIONS

    def whole(self, flags: int) -> bytes:
        """The response to a request with these flags (see `Request`)."""
        whole = self._whole[flags]
        if whole is None:
            whole = self._whole[flags] = b"".join(self._render(flags))
        return whole

    def split(self, flags: int) -> tuple[bytes, bytes]:
        """The same response in two pieces. One more header line may be put between them."""
        split = self._split[flags]
        if split is None:
            split = self._split[flags] = self._render(flags)
        return split

    def keeps_open(self, flags: int) -> bool:
        """Whether the connection stays open after this answer to a request with these flags."""
        return bool(flags & KEEP_ALIVE) and not self._close

    def _render(self, flags: int) -> tuple[bytes, bytes]:
        chunked = self._chunked and not flags & HTTP10
        lines = [f"HTTP/1.1 {self.status} {reason(self.status)}"]
        lines += [f"{name}: {value}" for name, value in self._headers]
        if chunked:
            lines.append("Transfer-Encoding: chunked")
        elif self.status not in _BODYLESS:
            lines.append(f"Content-Length: {len(self._body)}")
        if not self.keeps_open(flags):
            lines.append("Connection: close")
        elif flags & HTTP10:
            lines.append("Connection: keep-alive")
        head = ("\r\n".join(lines) + "\r\n").encode("latin-1")
        body = b"" if flags & HEAD else in_chunks(self._body) if chunked else self._body
        return head, b"\r\n" + body


class Script:
    """Draws for each request whether it is reset, its delay, and its answer."""

    def __init__(self, options: TargetOptions) -> None:
        self._resets = None if options.resets == NEVER else options.resets.draws("reset")
        self._answers = zip(drawn_delays(options.delays), _drawn_answers(options), strict=True)

    def resets_next(self) -> bool:
        """Whether the next request is reset. A reset draws no answer, so the shares of answers stay exact."""
        return self._resets is not None and next(self._resets)

    def next(self) -> tuple[float, Answer]:
        """(delay in seconds, answer) for the next request. The delay is how long a server works on it."""
        return next(self._answers)


def _drawn_answers(options: TargetOptions) -> Iterator[Answer]:
    answers: dict[tuple[int, int], Answer] = {
        (status, size): _scripted_answer(options, status, size)
        for _, status in options.statuses.parts
        for _, size in options.sizes.parts
    }
    pairs = zip(options.statuses.draws("status"), options.sizes.draws("size"), strict=True)
    return map(answers.__getitem__, pairs)


def _scripted_answer(options: TargetOptions, status: int, size: int) -> Answer:
    body = filler(size) if options.body is None else options.body
    headers = (("Server", "gluten-target"), ("Content-Type", "text/plain"), *options.headers)
    return Answer(status, body, headers, chunked=options.chunked, close=options.close)


def request_ids() -> Iterator[bytes]:
    """Lines of the header X-Request-Id, each with another value."""
    return (b"X-Request-Id: %016x\r\n" % number for number in itertools.count(1))
