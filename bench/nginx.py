"""nginx as the target: its configuration, its files and its certificate."""

from __future__ import annotations

import random
import subprocess
import zlib
from pathlib import Path

from bench.target import HOST, Ports, Server, program

_OPEN_FILES = 25_000
# sub_filter may change the body, so nginx does not know its length and sends it in chunks. So does gzip.
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
    listen {host}:{http2_port} http2; listen {host}:{http2_tls_port} ssl http2;
    ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;
    location = /plain {{ return 200 "hello world"; }}
    location = /step {{ default_type application/json; return 200 '{{"token":"$request_id"}}'; }}
    location = /varying {{ add_header X-Request-Id $request_id; return 200 "hello world"; }}
    location = /varying3 {{
      add_header X-Request-Id $request_id; add_header Set-Cookie "session=$request_id; Path=/; HttpOnly";
      add_header X-Time $msec; return 200 "hello world";
    }}
    location = /chunked {{ alias {folder}/files/11; sub_filter "no such text" ""; sub_filter_types *; }}
    location = /10k {{ alias {folder}/files/10k; }}
    location = /100k {{ alias {folder}/files/100k; }}
    location = /gzip5k {{ alias {folder}/files/gzip5k; gzip on; gzip_types *; }}
    location = /gzip8k {{ alias {folder}/files/gzip8k; gzip on; gzip_types *; }}
    location = /served {{ stub_status; }}
  }}
}}
"""


def _command(folder: Path, ports: Ports) -> list[str]:
    nginx = program("nginx")
    _write_files(folder / "files")
    certify(folder)
    conf = folder / "nginx.conf"
    places = {"port": ports.http, "tls_port": ports.tls, "http2_port": ports.http2, "http2_tls_port": ports.http2_tls}
    conf.write_text(_CONF.format(folder=folder, host=HOST, **places, files=_OPEN_FILES))
    return [nginx, "-p", str(folder), "-c", str(conf), "-e", str(folder / "error.log")]


def _write_files(files: Path) -> None:
    files.mkdir()
    for name, size in (("11", 11), ("10k", 10 << 10), ("100k", 100 << 10)):
        (files / name).write_bytes((b"hello world, " * (size // 13 + 1))[:size])
    for name, size in (("gzip5k", 4900), ("gzip8k", 7900)):
        (files / name).write_bytes(page(size))


def page(compressed: int) -> bytes:
    """A page like a shop's list that has about so many bytes when nginx compresses it. It is always the same."""
    rng = random.Random(7)
    text = b"<!doctype html><title>Shop</title><table>\n"
    while len(zlib.compress(text, 1)) < compressed:
        name = bytes(rng.choices(b"abcdefghijklmnopqrstuvwxyz", k=9))
        text += b'<tr class="item"><td><a href="/shop/%b">%b</a></td>' % (name, name)
        text += b'<td class="price">%d.%02d EUR</td></tr>\n' % (rng.randrange(1000), rng.randrange(100))
    return text


def certify(folder: Path) -> None:
    """Write cert.pem and key.pem into `folder`. The certificate is self-signed."""
    openssl = program("openssl")
    subject = ["-subj", "/CN=localhost", "-addext", f"subjectAltName=DNS:localhost,IP:{HOST}", "-days", "1"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([openssl, "req", "-x509", *subject, *curve, *files], check=True, capture_output=True)


def _count(status: str) -> int:
    """The requests in the text of stub_status."""
    return int(status.splitlines()[2].split()[2])


NGINX = Server("nginx", (("nginx", "nginx-light"), ("openssl", "openssl")), _command, _count, warm=False)
