"""The servers that are targets: nginx, and real ones with a tiny page of ours (`sites/`)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bench.nginx import NGINX
from bench.target import HOST, Ports, Server, program

_SITES = Path(__file__).with_name("sites")
_TOMCAT = "/usr/share/tomcat[0-9]*/bin/bootstrap.jar"


def _go(folder: Path, ports: Ports) -> list[str]:
    go = program("go")
    made = folder / "hello"
    settings = {"GOCACHE": str(folder / "cache"), "GOPATH": str(folder / "go"), "GOFLAGS": "", "GO111MODULE": "off"}
    subprocess.run([go, "build", "-o", str(made), str(_SITES / "hello.go")], check=True, env=os.environ | settings)
    return [str(made), str(ports.http)]


def _node(folder: Path, ports: Ports) -> list[str]:
    return [program("node"), str(_SITES / "hello.cjs"), str(ports.http)]


def _tomcat(folder: Path, ports: Ports) -> list[str]:
    java, home = program("java"), Path(program(_TOMCAT)).parents[1]
    application = folder / "webapps" / "ROOT"
    for place in (folder / "conf", folder / "temp", application / "WEB-INF"):
        place.mkdir(parents=True)
    (folder / "conf" / "server.xml").write_text(_site("tomcat-server.xml", ports))
    (application / "hello.jsp").write_bytes((_SITES / "hello.jsp").read_bytes())
    (application / "WEB-INF" / "web.xml").write_bytes((_SITES / "tomcat-web.xml").read_bytes())
    classes = os.pathsep.join(str(home / "bin" / name) for name in ("bootstrap.jar", "tomcat-juli.jar"))
    places = [f"-Dcatalina.home={home}", f"-Dcatalina.base={folder}", f"-Djava.io.tmpdir={folder / 'temp'}"]
    return [java, "-cp", classes, *places, "org.apache.catalina.startup.Bootstrap", "start"]


def _caddy(folder: Path, ports: Ports) -> list[str]:
    conf = folder / "Caddyfile"
    conf.write_text(_site("Caddyfile", ports))
    return [program("caddy"), "run", "--config", str(conf), "--adapter", "caddyfile"]


def _puma(folder: Path, ports: Ports) -> list[str]:
    # "-C -" keeps it from reading a configuration file.
    puma = [program("puma"), "-C", "-", "-e", "production", "-t", "5:5"]
    return [*puma, "-b", f"tcp://{HOST}:{ports.http}", str(_SITES / "hello.ru")]


def _site(name: str, ports: Ports) -> str:
    """The text of a file in `sites/` that has to know the port."""
    return (_SITES / name).read_text().format(port=ports.http)


# caddy counts requests only in its metrics, which would make it slower.
_ALL = (
    NGINX,
    Server("go", (("go", "golang-go"),), _go),
    Server("node", (("node", "nodejs"),), _node),
    Server("tomcat", ((_TOMCAT, "tomcat10-common"), ("java", "default-jre-headless")), _tomcat),
    Server("caddy", (("caddy", "caddy"),), _caddy, count=None),
    Server("puma", (("puma", "puma"),), _puma),
)
SERVERS = {server.name: server for server in _ALL}
