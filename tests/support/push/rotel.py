"""Rotel, an OpenTelemetry collector: it takes OTLP, decodes it, and passes it on in batches of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from pathlib import Path

from tests.support.e2e.programs import wait_for
from tests.support.needs import find_program
from tests.support.ports import free_port


class Rotel:
    """Passes all that it takes on to the server `to`. It has the same ports whenever it is started."""

    def __init__(self, folder: Path, to: str) -> None:
        self._log, self._port = folder / "rotel.log", free_port()
        places = {
            "--otlp-http-endpoint": f"127.0.0.1:{self._port}",
            "--otlp-grpc-endpoint": f"127.0.0.1:{free_port()}",
            "--otlp-exporter-endpoint": to,
            "--otlp-exporter-protocol": "http",
            "--otlp-exporter-batch-timeout": "50ms",
        }
        options = [word for pair in places.items() for word in pair]
        self._command = [find_program("rotel-agent"), "start", "--exporter", "otlp", *options]
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        wait_for("Rotel", self._listens)

    def kill(self) -> float:
        """End it at once. Returns when it had ended, in Unix seconds."""
        self._end(signal.SIGKILL)
        return time.time()

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        self._process.send_signal(number)
        self._process.wait(20)

    def _listens(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0
