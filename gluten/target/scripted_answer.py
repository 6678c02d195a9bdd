"""What the target answers: responses rendered once, drawn by the script for each request."""

import itertools
from collections.abc import Iterator
from http import HTTPStatus

from gluten.target.incoming import FORMS, HEAD, HTTP10, KEEP_ALIVE
from gluten.target.target_options import NEVER, TargetOptions

CHUNK = 16 * 1024
_FILLER = b"hello world"
_BODYLESS = (204, 304)


def reason(status: int) -> str:
    """The phrase of a status line."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def filler(size: int) -> bytes:
    """A body of `size` bytes: `hello world`, over and over."""
    return (_FILLER * (size // len(_FILLER) + 1))[:size]


def in_chunks(body: bytes) -> bytes:
    """`body` in chunked coding (RFC 9112, 7.1), 16 KiB a chunk."""
    pieces = (body[at : at + CHUNK] for at in range(0, len(body), CHUNK))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


class Answer:
    """One status with one body, rendered once for each form of request, when the first such request comes."""

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
        self._whole: list[bytes | None] = [None] * FORMS
        self._split: list[tuple[bytes, bytes] | None] = [None] * FORMS

    def whole(self, form: int) -> bytes:
        """The response to a request of this form (see Request)."""
        whole = self._whole[form]
        if whole is None:
            whole = self._whole[form] = b"".join(self._render(form))
        return whole

    def split(self, form: int) -> tuple[bytes, bytes]:
        """The same in two pieces, between which one more header line fits."""
        split = self._split[form]
        if split is None:
            split = self._split[form] = self._render(form)
        return split

    def keeps(self, form: int) -> bool:
        """Whether the connection stays open after this answer to a request of this form."""
        return bool(form & KEEP_ALIVE) and not self._close

    def _render(self, form: int) -> tuple[bytes, bytes]:
        chunked = self._chunked and not form & HTTP10
        lines = [f"HTTP/1.1 {self.status} {reason(self.status)}"]
        lines += [f"{name}: {value}" for name, value in self._headers]
        if chunked:
            lines.append("Transfer-Encoding: chunked")
        elif self.status not in _BODYLESS:
            lines.append(f"Content-Length: {len(self._body)}")
        if not self.keeps(form):
            lines.append("Connection: close")
        elif form & HTTP10:
            lines.append("Connection: keep-alive")
        head = ("\r\n".join(lines) + "\r\n").encode("latin-1")
        body = b"" if form & HEAD else in_chunks(self._body) if chunked else self._body
        return head, b"\r\n" + body


class Script:
    """Draws, for each request, whether it is reset, after which delay it is answered, and with what."""

    def __init__(self, options: TargetOptions) -> None:
        self._resets = None if options.resets == NEVER else options.resets.draws("reset")
        self._answers = zip(options.delays.draws("delay"), _drawn_answers(options), strict=True)

    def resets_next(self) -> bool:
        """Whether the next request is reset; a reset draws no answer, so those stay exact."""
        return self._resets is not None and next(self._resets)

    def next(self) -> tuple[float, Answer]:
        """(delay in seconds, answer) for the next request."""
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
    """The lines of a header that differs in each response."""
    return (b"X-Request-Id: %016x\r\n" % number for number in itertools.count(1))
