"""A newcomer's desk: a clone with the built file, and what else a reader has. Commands are tried at it."""

from __future__ import annotations

import re
import shutil
import socket
from pathlib import Path

from tests.support.authority import Authority
from tests.support.docs.fenced import Command
from tests.support.docs.shell import Shell, reader_environment
from tests.support.docs.stand_ins import COLLECTOR, RPC, SHOP, TARGET, WEB, on_ports, shortened
from tests.support.imported import entry, har
from tests.support.nginx import Nginx
from tests.support.onefile import REPOSITORY, OneFile
from tests.support.ports import free_port
from tests.support.push.otlp_server import OtlpServer

_SERVER = re.compile(r"(?:^|\s)gluten\.pyz (?P<what>target|--master-mode|--slave-mode)\b")
_BACKGROUND = re.compile(r"\s*&\s*(?:#.*)?$")
_LOADS = re.compile(r"gluten\.pyz (?:run|watch|submit|--master)\b")
OPENAPI = """{"openapi": "3.0.0", "info": {"title": "shop", "version": "1"}, "servers": [{"url": "http://127.0.0.1:8080"}],
"paths": {"/orders": {"get": {"responses": {"200": {"description": "all orders"}}}}}}"""


class Desk:
    """One folder for all documents. `shop` and `collector` have to be entered."""

    def __init__(self, folder: Path, file: OneFile) -> None:
        self.folder = folder / "clone"
        clone(self.folder, file)
        authority = Authority(folder)
        self._fill(authority)
        self.shop = Nginx(folder, certificate=authority.issue("shop"), http2=True)
        self.collector = OtlpServer()
        self.ports = {port: free_port() for port in (TARGET, WEB, RPC)}
        self.ports[COLLECTOR] = int(self.collector.url.rpartition(":")[2])
        settings = {
            "SSL_CERT_FILE": authority.cert,
            "GLUTEN_MASTER": f"127.0.0.1:{self.ports[RPC]}",
            "GLUTEN_PORT": str(self.ports[TARGET]),
            "GLUTEN_WEB_PORT": str(self.ports[WEB]),
            "GLUTEN_RPC_PORT": str(self.ports[RPC]),
        }
        self.shell = Shell(self.folder, reader_environment(folder / "home", file) | settings)

    def _fill(self, authority: Authority) -> None:
        """Certificates, a body, a recording, a description of an API."""
        server, client = authority.issue("server"), authority.issue("client")
        files = {"ca.pem": authority.cert, "cert.pem": server.cert, "key.pem": server.key}
        for name, source in (files | {"client.pem": client.cert, "client.key": client.key}).items():
            shutil.copy(source, self.folder / name)
        (self.folder / "order.json").write_text('{"product": 7}\n')
        (self.folder / "openapi.json").write_text(OPENAPI)
        (self.folder / "shop.har").write_text(har(entry("GET", "http://127.0.0.1:8080/", "{}")))

    def try_out(self, command: Command) -> str:
        """Run a command in the shell. Returns what it prints. Fails if it ends with a code that nobody expects."""
        text = shortened(on_ports(command.text, self.ports)).replace(SHOP, self.shop.url.rstrip("/"))
        if found := _SERVER.search(text):
            self.shell.serve(_BACKGROUND.sub("", text), lambda printed: self._is_ready(found["what"], printed))
            return ""
        code, printed = self.shell.run(text)
        assert code in allowed(command), f"line {command.line}: {text}\nended with {code}:\n{printed}"
        self._adapt_files()
        for line in command.prints:
            assert words_of(line) in " ".join(printed.split()), (
                f"line {command.line} does not print {line!r}:\n{printed}"
            )
        return printed

    def _is_ready(self, what: str, printed: str) -> bool:
        if what == "--slave-mode":
            return "joined the master" in printed
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.ports[TARGET if what == "target" else WEB])) == 0

    def _adapt_files(self) -> None:
        """A file that a command wrote names the ports of the documents, too."""
        for file in self.folder.glob("*.toml"):
            file.write_text(on_ports(file.read_text(), self.ports))


def clone(folder: Path, file: OneFile) -> None:
    """What `scripts/run` and the build need of a clone, and the built file."""
    for name in ("gluten", "gluten_bootstrap", "vendor"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(REPOSITORY / name)
    for name in ("builder", "scripts"):
        shutil.copytree(REPOSITORY / name, folder / name)
    for name in ("build_zipapp.py", "LICENSE"):
        shutil.copy(REPOSITORY / name, folder / name)
    (folder / "dist").mkdir()
    shutil.copy(file.path, folder / "dist" / "gluten.pyz")


def words_of(line: str) -> str:
    """What is the same in each run: no mark, all before the first number, and of `Verdict: valid` only the name."""
    return re.sub(r"^[✓✗·] |[\d+-].*|(?<=:) .*", "", " ".join(line.split())).strip()


def allowed(command: Command) -> set[int]:
    """The exit codes that a command may end with: what its comment says, and what only the machine decides.

    5: it was too busy for valid numbers. 99: two short runs differ by more than `--max-regression`, or a search of some
    seconds decides nothing.
    """
    codes = {command.code}
    if _LOADS.search(command.text):
        codes.add(5)
    if "--max-regression" in command.text or "--find-capacity" in command.text:
        codes.add(99)
    return codes
