"""The target: one nginx process on one core, on free ports of the loopback, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
_TIMEOUT = 10.0
# sub_filter may change the body, so nginx does not know its length and sends it in chunks.
_CONF = """
worker_processes 1; daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
worker_rlimit_nofile {files};
events {{ worker_connections {files}; multi_accept on; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 600; gzip off;
  sendfile on; tcp_nopush on; tcp_nodelay on; open_file_cache max=100; default_type text/plain;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen {host}:{port} backlog=16384; listen {host}:{tls_port} ssl;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location = /plain {{ return 200 "hello world"; }}
    location = /varying {{ add_header X-Request-Id $request_id; return 200 "hello world"; }}
    location = /headers {{
      add_header X-Request-Id $request_id; add_header Set-Cookie "sid=$request_id; Path=/";
      add_header ETag '"$request_id"'; add_header X-Served $connection_requests; return 200 "hello world";
    }}
    location /chunked/ {{ alias {folder}/files/; sub_filter "no such text" ""; sub_filter_types *; }}
    location = /chunked {{ alias {folder}/files/11; sub_filter "no such text" ""; sub_filter_types *; }}
    location = /10k {{ alias {folder}/files/10k; }}
    location = /100k {{ alias {folder}/files/100k; }}
    location = /served {{ stub_status; }}
  }}
}}
"""


class Missing(Exception):
    """A program or a core that the benchmark needs is missing."""


class Target:
    """A context manager that runs nginx on `core`. Raises Missing, and RuntimeError if nginx does not start."""

    def __init__(self, folder: Path, core: int) -> None:
        self.folder, self.core = folder, core
        self.port, self.tls_port = _free_ports()
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, path: str, tls: bool = False) -> str:
        return f"https://{HOST}:{self.tls_port}{path}" if tls else f"http://{HOST}:{self.port}{path}"

    def served(self) -> int:
        """Requests that nginx has served so far, by its own count. This call counts as one."""
        with urllib.request.urlopen(self.url("/served"), timeout=_TIMEOUT) as answer:
            lines = answer.read().decode().splitlines()
        return int(lines[2].split()[2])

    def __enter__(self) -> Self:
        nginx = _program("nginx", "nginx-light")
        self._write_files()
        certify(self.folder)
        conf = self.folder / "nginx.conf"
        text = _CONF.format(folder=self.folder, host=HOST, port=self.port, tls_port=self.tls_port, files=25_000)
        conf.write_text(text)
        command = ["taskset", "-c", str(self.core), nginx, "-p", str(self.folder), "-c", str(conf)]
        self._process = subprocess.Popen([*command, "-e", str(self.folder / "error.log")])
        self._wait_until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def cpu(self) -> float:
        """Seconds of CPU that nginx has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _write_files(self) -> None:
        files = self.folder / "files"
        files.mkdir()
        for name, size in (("11", 11), ("5k", 4900), ("8k", 7900), ("10k", 10 << 10), ("100k", 100 << 10)):
            (files / name).write_bytes((b"hello world, " * (size // 13 + 1))[:size])

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _TIMEOUT
        while time.monotonic() < deadline and self._process is not None and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return
            time.sleep(0.01)
        self._stop()
        raise RuntimeError("nginx does not start: " + (self.folder / "error.log").read_text())

    def _stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_TIMEOUT)
            self._process = None


def certify(folder: Path) -> None:
    """Write cert.pem and key.pem into `folder`. The certificate is self-signed."""
    openssl = _program("openssl", "openssl")
    subject = ["-subj", "/CN=localhost", "-addext", f"subjectAltName=DNS:localhost,IP:{HOST}", "-days", "1"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([openssl, "req", "-x509", *subject, *curve, *files], check=True, capture_output=True)


def _program(name: str, package: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise Missing(f"{name} is not installed (Debian: apt-get install {package})")
    return found


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind((HOST, 0))
        two.bind((HOST, 0))
        return one.getsockname()[1], two.getsockname()[1]
