"""A process that ends leaves what it was told unread, which resets its channel. The other one ends without a word."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.e2e.programs import environment

HEAD = """
import os, select
from gluten.engine.channel import encode, pair
from gluten.task.policy import OPEN

def unread(channel):
    assert select.select([channel], [], [], 20)[0]
    channel.close()
"""

KEEPER = """
import socket
from gluten.engine.host import keeper
control = keeper.spawn(lambda parent: pair()[0])
control.send(b"e")
unread(control)
"""

KEEPER_SAYS = """
import socket
from gluten.engine.host import keeper
go, wait = os.pipe()
def make(parent):
    os.read(go, 1)
    return pair()[0]
control = keeper.spawn(make)
control.send(b"e")
control.close()
os.write(wait, b"!")
"""

ENGINE = """
from gluten.engine.host import zygote
from gluten.plan.chores import Chore
from gluten.task.task import Task
def do(policy, chore, channel):
    channel.sendall(encode({"reason": "", "fault": "", "taken": {}}))
channel = zygote.spawn(1, OPEN, do)
chore = Chore("r", "setup", Task(url="http://127.0.0.1:1/"), {}, {})
channel.sendall(encode({"type": "chore", "chore": zygote.chore_to_map(chore)}))
unread(channel)
"""

DESK = """
from gluten.engine.trial import desk
from gluten.task.task import Task
channel = desk.spawn()
question = encode({"task": Task(url="http://127.0.0.1:1/").to_map(), "files": {}})
channel.sendall(question)
unread(channel)
"""

DESK_SAYS = """
from gluten.engine.trial import desk
from gluten.task.task import Task
channel = desk.spawn()
channel.sendall(encode({"task": Task(url="http://127.0.0.1:1/").to_map(), "files": {}}))
channel.close()
"""

WORKER = """
from gluten.engine.host.process import fork
from gluten.engine.worker.worker import Commands
ours, theirs = pair()
theirs.sendall(b"a delta that nobody reads")
ours.close()
def run():
    Commands(None, theirs).read()
    os._exit(1)
fork("worker", run)
"""

WORKER_SAYS = """
from gluten.engine.host.preflight import preflight
from gluten.engine.host.process import fork
from gluten.task.task import Task
ours, theirs = pair()
ours.close()
fork("check", lambda: preflight(Task(url="http://127.0.0.1:1/"), OPEN, theirs))
"""


@pytest.mark.parametrize(
    "code", [KEEPER, KEEPER_SAYS, ENGINE, DESK, DESK_SAYS, WORKER, WORKER_SAYS], ids=lambda code: code.split()[3]
)
def test_whoever_loses_its_other_end_ends_without_a_traceback(tmp_path: Path, code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{HEAD}{code}print(os.wait()[1])"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(tmp_path),
        cwd=tmp_path,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")
