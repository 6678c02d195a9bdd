"""A real nginx on a free port with an access log: one process, stopped by its id, in a folder of the test's own.

with Nginx(tmp_path, locations="location / { return 200 hello; }") as nginx:
    ...  # load nginx.url
    assert nginx.log(wanted) == [Line("GET", 200, 1, "/"), …]
"""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.needs import find_program
from tests.support.program import end, listening

PLAIN = 'location / { return 200 "hello world"; }'
_CONF = """
worker_processes 1; daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 8000; multi_accept on; }}
http {{
  log_format counted '$request_method $status $connection $uri';
  access_log {folder}/access.log counted; keepalive_requests {per_connection}; keepalive_timeout 60;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port} {protocols}; {certificate} {locations} }}
}}
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the access log; `connection` is nginx's number of the connection."""

    method: str
    status: int
    connection: int
    path: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """Paths of PEM files."""

    cert: str
    key: str


_NAMES = "DNS:localhost,IP:127.0.0.1"
_CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
_CA_CONF = """
[ca]
default_ca = one
[one]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
"""


def self_signed(folder: Path, names: str = _NAMES) -> Certificate:
    """A certificate for localhost and 127.0.0.1, or for other `names`, that signs itself."""
    made = Certificate(str(folder / "cert.pem"), str(folder / "key.pem"))
    _openssl("req", "-x509", *_subject(names), *_CURVE, "-keyout", made.key, "-out", made.cert)
    return made


def expired(folder: Path) -> Certificate:
    """The same, good for a day of the year 2020."""
    made, request = Certificate(str(folder / "cert.pem"), str(folder / "key.pem")), str(folder / "request.pem")
    (folder / "index").touch()
    (folder / "ca.conf").write_text(_CA_CONF.format(folder=folder))
    _openssl("req", *_subject(_NAMES), *_CURVE, "-keyout", made.key, "-out", request)
    dates = ["-startdate", "200101000000Z", "-enddate", "200102000000Z"]
    files = ["-config", str(folder / "ca.conf"), "-keyfile", made.key, "-in", request, "-out", made.cert]
    _openssl("ca", "-batch", "-selfsign", "-notext", "-rand_serial", *dates, *files)
    return made


def _subject(names: str) -> list[str]:
    return ["-subj", "/CN=localhost", "-addext", f"subjectAltName={names}"]


def _openssl(*arguments: str) -> None:
    subprocess.run([find_program("openssl"), *arguments], check=True, capture_output=True)


class Nginx:
    """Serves while it is entered. Skips the test where nginx is not installed."""

    def __init__(
        self,
        folder: Path,
        locations: str = PLAIN,
        certificate: Certificate | None = None,
        per_connection: int = 100_000_000,
        http2: bool = False,
    ) -> None:
        """With `http2` it speaks HTTP/2: with a certificate beside HTTP/1.1, else alone, by prior knowledge."""
        self._folder = folder / "nginx"
        self._folder.mkdir()
        self._program = find_program("nginx")
        self._locations, self._certificate, self._per_connection = locations, certificate, per_connection
        self._protocols = " ".join([*(["ssl"] if certificate else []), *(["http2"] if http2 else [])])
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self._certificate else 'http'}://127.0.0.1:{self.port}/"

    def __enter__(self) -> Self:
        if found := listening(self._start):
            self.port, self._process = found
            return self
        raise AssertionError((self._folder / "error.log").read_text())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            end(self._process)

    def log(self, wanted: int) -> list[Line]:
        """The lines of the access log, once there are `wanted` of them or nothing more came for a while.

        nginx writes the line of a request that its client gave up when it hears of it, thus a little later.
        """
        deadline = time.monotonic() + 1.0
        while len(lines := self._lines()) < wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        return lines

    def _lines(self) -> list[Line]:
        log = self._folder / "access.log"
        fields = [line.split(" ") for line in log.read_text().splitlines()] if log.exists() else []
        return [Line(method, int(status), int(connection), path) for method, status, connection, path in fields]

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        self.port = port
        conf = self._folder / "nginx.conf"
        pair = self._certificate
        files = f"ssl_certificate {pair.cert}; ssl_certificate_key {pair.key};" if pair else ""
        text = _CONF.format(
            folder=self._folder,
            port=self.port,
            protocols=self._protocols,
            certificate=files,
            locations=self._locations,
            per_connection=self._per_connection,
        )
        conf.write_text(text)
        arguments = [self._program, "-p", str(self._folder), "-c", str(conf), "-e", str(self._folder / "error.log")]
        return subprocess.Popen(arguments)
