"""Real servers that speak HTTP/2, each on a free port with a log of its requests, in a folder of the test's own.

    with Caddy(certificate) as server:
        ...  # load server.url over HTTP/2
        assert server.count(wanted) == wanted

Without a certificate they speak it by prior knowledge. A test is skipped where its program is not installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from tests.support.needs import find_program
from tests.support.nginx import Certificate
from tests.support.program import end, listening

BODY = "hello world"


class Program:
    """Serves `BODY` at `/` while it is entered. A subclass says how its program is started, and what its log has."""

    program: ClassVar[str] = ""
    mark: ClassVar[str] = "GET"
    """What each line of its log has that is one of a request."""

    def __init__(self, certificate: Certificate | None = None) -> None:
        self._path = find_program(self.program)
        self.pair = certificate
        self.port = 0
        # Some of them give up root, so that folder of a test would be closed to them.
        self.folder = Path(tempfile.mkdtemp(prefix="gluten-http2-"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"{'https' if self.pair else 'http'}://127.0.0.1:{self.port}/"

    def command(self) -> list[str]:
        """The arguments behind the program's path, with the files that they name."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.folder.chmod(0o755)
        site = self.folder / "site"
        site.mkdir()
        (site / "index.html").write_text(BODY)
        if found := listening(self._start):
            self.port, self._process = found
            return self
        text = self._log.read_text()
        shutil.rmtree(self.folder)
        raise AssertionError(text)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            end(self._process)
        shutil.rmtree(self.folder)

    def count(self, wanted: int) -> int:
        """The requests in its log, once there are `wanted` of them or nothing more came for a while."""
        deadline = time.monotonic() + 2.0
        while (found := self._logged()) < wanted and time.monotonic() < deadline:
            time.sleep(0.02)
        return found

    @property
    def access(self) -> Path:
        """Its log, if that is a file of its own."""
        return self.folder / "access.log"

    @property
    def _log(self) -> Path:
        return self.folder / "output.log"

    def _logged(self) -> int:
        file = self.access if self.access.exists() else self._log
        return file.read_text(errors="replace").count(self.mark)

    def written(self, name: str, text: str) -> str:
        """The path of a file with this text."""
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        self.port = port
        environment = os.environ | {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder)}
        with self._log.open("wb") as log:
            return subprocess.Popen([self._path, *self.command()], stdout=log, stderr=log, env=environment)


class Nghttpd(Program):
    """nghttp2's own server. It has no log of requests, but tells of each frame."""

    program = "nghttpd"
    mark = "recv HEADERS frame"

    def command(self) -> list[str]:
        files = [self.pair.key, self.pair.cert] if self.pair else ["--no-tls"]
        options = ["--verbose", "--address=127.0.0.1", f"--htdocs={self.folder / 'site'}"]
        return [*options, str(self.port), *files] if self.pair else [*options, *files, str(self.port)]


class H2o(Program):
    program = "h2o"

    def command(self) -> list[str]:
        tls = f", ssl: {{certificate-file: {self.pair.cert}, key-file: {self.pair.key}}}" if self.pair else ""
        text = f"""
num-threads: 1
user: {"root" if os.geteuid() == 0 else "nobody"}
listen: {{host: 127.0.0.1, port: {self.port}{tls}}}
access-log: {{path: {self.access}, format: "%m %s %U"}}
hosts: {{default: {{paths: {{/: {{file.dir: {self.folder / "site"}}}}}}}}}
"""
        return ["-c", self.written("h2o.conf", text)]


class Apache(Program):
    program = "apache2"

    def command(self) -> list[str]:
        modules = Path("/usr/lib/apache2/modules")
        wanted = ("mpm_event", "authz_core", "dir", "http2", *(["ssl"] if self.pair else []))
        loads = "\n".join(f"LoadModule {name}_module {modules / f'mod_{name}.so'}" for name in wanted)
        pair = self.pair
        tls = f"SSLEngine on\nSSLCertificateFile {pair.cert}\nSSLCertificateKeyFile {pair.key}" if pair else ""
        text = f"""
{loads}
ServerRoot {self.folder}
ServerName localhost
PidFile {self.folder}/pid
ErrorLog {self.folder}/error.log
LogFormat "%m %>s %U" short
CustomLog {self.access} short
DocumentRoot {self.folder}/site
DirectoryIndex index.html
User www-data
Group www-data
Listen 127.0.0.1:{self.port}
Protocols {"h2" if pair else "h2c"} http/1.1
{tls}
"""
        return ["-f", self.written("apache.conf", text), "-D", "FOREGROUND"]


class Haproxy(Program):
    """With one thread: of several that write a line at once, some write none."""

    program = "haproxy"

    def command(self) -> list[str]:
        bind = "proto h2"
        if self.pair:
            both = Path(self.pair.cert).read_text() + Path(self.pair.key).read_text()
            bind = f"ssl crt {self.written('both.pem', both)} alpn h2"
        text = f"""
global
  nbthread 1
  log stdout format raw local0
  nbthread 1
defaults
  mode http
  timeout client 30s
frontend one
  bind 127.0.0.1:{self.port} {bind}
  log global
  log-format "%HM %ST %HU"
  http-request return status 200 content-type text/plain string "{BODY}"
"""
        return ["-db", "-f", self.written("haproxy.cfg", text)]


class Caddy(Program):
    program = "caddy"
    mark = '"method":"GET"'

    def command(self) -> list[str]:
        tls = f"tls {self.pair.cert} {self.pair.key}" if self.pair else ""
        text = f"""
{{
	admin off
	auto_https off
	servers {{
		protocols h1 h2 h2c
	}}
}}
{self.url.rstrip("/")} {{
	bind 127.0.0.1
	{tls}
	log {{
		output file {self.access}
		format json
	}}
	respond "{BODY}"
}}
"""
        return ["run", "--adapter", "caddyfile", "--config", self.written("Caddyfile", text)]


_NODE = """
const [port, log, body, each, delay, cert, key] = process.argv.slice(2);
const { openSync, readFileSync, writeSync } = require("node:fs");
const http2 = require("node:http2");
const out = openSync(log, "a");
const server = cert
  ? http2.createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) })
  : http2.createServer();
const counts = new WeakMap();
function count(session) {
  const seen = (counts.get(session) ?? 0) + 1;
  counts.set(session, seen);
  if (seen === Number(each)) session.close();
}
server.on("stream", (stream, headers) => {
  writeSync(out, `${headers[":method"]} ${headers[":path"]}\\n`);
  stream.on("error", () => {});
  stream.resume();
  setTimeout(() => {
    if (stream.destroyed) return;
    stream.respond({ ":status": 200, "content-type": "text/plain" });
    stream.end(body);
  }, Number(delay));
  count(stream.session);
});
server.on("sessionError", () => {});
server.listen(Number(port), "127.0.0.1");
"""


class Node(Program):
    """It answers after `delay` ms, and ends a connection after `each` requests (GOAWAY), if that is not 0."""

    program = "node"
    each = delay = 0

    def command(self) -> list[str]:
        files = [self.pair.cert, self.pair.key] if self.pair else []
        numbers = [str(self.each), str(self.delay)]
        return [self.written("server.cjs", _NODE), str(self.port), str(self.access), BODY, *numbers, *files]


PROGRAMS: tuple[type[Program], ...] = (Nghttpd, H2o, Apache, Haproxy, Caddy, Node)
