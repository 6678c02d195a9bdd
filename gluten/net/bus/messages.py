"""The bus between slaves and their master: this docstring is its specification (protocol 4).

A message is one ZeroMQ frame: a msgpack map of plain values, at most `MAX` bytes (`task/validate` bounds a task so that
it fits). `type` names the message; the map has the keys of that type and no others. Extension types and keys that
are not texts are refused. A slave is a DEALER. The master is a ROUTER that gives each connection a random identity;
`hello` tells which node it is.
Clocks (`t0`, `t1`, `start`, `start_at`) are monotonic seconds of the side named; `second` is a run-second.

Slave to master:

- `hello`: proto, version, node (32 hex digits, new in each process), name (unique among the living), cores,
  python, host, rpc_port (or nil), load (takes part in load), role (master or slave). First, and the answer to
  `challenge`. `proto` is looked at before all else; another one is answered by `refuse`, naming both.
- `heartbeat`: t0 (slave's clock), cpu (0 to 1), jobs ([run, epoch] of live load), offset and rtt (seconds that
  the master's clock is ahead, from the quickest round trip; nil while unknown), unanswered (seconds since it said what
  the master answered last). Each second.
- `delta`: run, epoch, number (1, 2, 3 … in each run and epoch), body (bytes: the delta, see below). Kept and sent
  again until an `ack` names it.
- `ended`: run, epoch, last (the highest number), state, reason, ended (run-second), kind. Sent again until `closed`.
  Of the kinds `lease` (nothing was heard from the master) and `left` (the node is being stopped) the node is lost.
- `armed`: run, epoch, late (seconds between the start instant and the arrival of the task; 0: it came in time).
- `refused`: run, epoch, text. The node will not do the task.
- `notice`: run, epoch, kind (worker_lost, adjust_taken, capped), gap (seconds of this node whose results are lost),
  text for a person, second (the run-second that it is about; nil: the second in which it arrives). It is sent again
  after each `welcome` and before each `ended`. The same text of the same run, node and epoch counts once.
- `prepared`: run, text (why the node cannot have the files of this run; empty: it has them). The answer to `prepare`,
  and sent after each `welcome` for each run whose files the node keeps.
- `chore_done`: run, kind, reason (why it failed; empty: it is done), fault (an error kind if nothing was sent, because
  a host could not be reached or is not allowed), taken (a map of names and texts, see `task`), seconds (how long it
  took). The answer to `chore`, and sent after each `welcome` for each chore of a run that is not over.
- `file_wanted`: sha (SHA-256, 64 hex digits), offset. The node wants the part of this file that begins there. It wants
  few parts at once, and wants a part again that does not come.
- `bye`: the node leaves.

Master to slave:

- `welcome`: proto, version, lease and heartbeat (s). Then the slave sends again what is not acknowledged.
- `refuse`: code (version, name), text for a person.
- `challenge`: the master does not know this connection. The slave answers with `hello`.
- `beat`: t0 (echoed), t1 (master's clock). It renews the lease from t0 on, because only t0 tells how old it is. It may
  arrive twice.
- `task`: run, epoch, node_task (`NodeTask.to_map()`), start (run-second 0 by the master's clock), start_at (the same by
  the node's clock), adjustments ([second, rate] so far), taken (what setup took: at most 64 names of letters, digits
  and `_`, with texts; 64 KiB in all). It is refused if its epoch is not above all known ones.
- `adjust`: run, epoch, rate (requests/s over the cluster), second.
- `stop`: run, epoch, abort (true: end at once; false: send no request after 1 s, then drain).
- `prepare`: run, files ([sha, secret]: all that the run needs). The node gets what it lacks, then answers. Sent again
  until it does. Without files: the run is over, or unknown, and the node need not keep any for it. Then the node also
  ends the run's chores and forgets their answers.
- `chore`: run, kind (setup, teardown), task (`Task.to_map()`), taken (see `task`). The node sends the requests of that
  kind once, then answers. Sent again until it does.
- `file_part`: sha, offset, total (bytes of the whole file; nil: the master does not have it), data (at most 256 KiB).
  The answer to `file_wanted`.
- `ack`: run, epoch, numbers (of deltas that are committed or not needed; the slave forgets them).
- `closed`: run, epoch. The master knows the end; the slave does not send it again.

The body of a delta is a JSON map in zlib, at most `packed_delta.MOST` bytes long when it is unpacked. The slave packs
it once, and the master stores these bytes as they came. The master refuses a body that has more than one node can count
in one second (`Delta.excess`). A body has these keys:

- second; lateness and lag (histograms); the gauges in_flight, connections, backlog; opened, peak; cpu, host_cpu, steal
  (shares, 0 to 1); drained, quantum (s). `stats.delta.Delta` says what each is.
- streams, only where the target allowed fewer on a connection than were asked for.
- Only where a run has scenarios: the gauges active and most_active (sessions); by_scenario: a name -> begun, finished,
  ended, cut, dropped, good (counts; at most `finished` are good) and time (histogram); groups: a name -> histogram.
  There are at most 64 scenarios and 256 groups. Their names are as those of requests.
- by_name: the name of a request -> its map. There are at most 64 names, each of 1 to 64 characters without controls;
  each may be there a second time with ` (redirect)` behind it. A map has sent, completed, failed, dropped, read,
  written (counts); response, service (histograms); status ([code, times], with the sum `completed`); errors (kind ->
  times, with the sum `failed`); samples (kind -> a text of at most 300 characters). A task that is one URL has one
  name, `request`. Only where they say something: good and skipped (counts), first_byte (histogram), checks, failures
  and slowest (`Stats.to_map`).
- A histogram is a list: total, the high and low 62 bits of the squares' sum, least, most (microseconds), then (gap,
  times) for each slot. Where there are many slots, these pairs are the first slot and a text: the counts, each below
  2**20, in 32 bits each, zlib, base64 (`Histogram.to_wire`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from gluten.net.bus.fields import (
    Asked,
    Bytes,
    Flag,
    Listed,
    Maybe,
    Number,
    OneOf,
    Pair,
    Part,
    Text,
    Texts,
    Whole,
)
from gluten.plan import chores, split
from gluten.task.limits import MAX_ADJUSTMENTS, MAX_FEED, MAX_FILES, MAX_TAKEN, MAX_TAKEN_NAMES
from gluten.task.task import Task

PROTOCOL = 5
MAX = 4 << 20

Id = Annotated[str, Text(32, 32, "[0-9a-f]*")]
Name = Annotated[str, Text(split.MAX_NAME, 1)]
Sha = Annotated[str, Text(64, 64, "[0-9a-f]*")]
Offset = Annotated[int, Whole(0, MAX_FEED)]
Words = Annotated[str, Text(1000)]
Word = Annotated[str, Text(64)]
# The largest integer that both databases store.
_LARGEST = (1 << 31) - 1
FILE_PART = 256 << 10
Epoch = Annotated[int, Whole(1, _LARGEST)]
Natural = Annotated[int, Whole(0, _LARGEST)]
Clock = Annotated[float, Number(-1e12, 1e12)]
Span = Annotated[float, Number(0.0, 1e9)]
Fraction = Annotated[float, Number(0.0, 1.0)]
Kind = Annotated[str, OneOf(*chores.KINDS)]
Taken = Annotated[dict[str, str], Texts(Text(64, 1, "[A-Za-z0-9_]*"), MAX_TAKEN_NAMES, MAX_TAKEN)]


class Message:
    """The base of all messages. `type` is its name on the wire."""

    type: ClassVar[str]
    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Hello(Message):
    type: ClassVar[str] = "hello"
    proto: Annotated[int, Whole(PROTOCOL, PROTOCOL)]
    version: Word
    node: Id
    name: Name
    cores: Annotated[int, Whole(1, split.MAX_CORES)]
    python: Word
    host: Annotated[str, Text(255)]
    rpc_port: Annotated[int | None, Maybe(Whole(1, 65535))]
    load: Annotated[bool, Flag()]
    role: Annotated[str, OneOf("master", "slave")]


@dataclass(frozen=True, slots=True)
class Heartbeat(Message):
    type: ClassVar[str] = "heartbeat"
    t0: Clock
    cpu: Fraction
    jobs: Annotated[list[tuple[str, int]], Listed(Pair(Text(32, 32, "[0-9a-f]*"), Whole(1, _LARGEST)), 1000)]
    offset: Annotated[float | None, Maybe(Number(-1e12, 1e12))]
    rtt: Annotated[float | None, Maybe(Number(0.0, 1e9))]
    unanswered: Span


@dataclass(frozen=True, slots=True)
class Delta(Message):
    type: ClassVar[str] = "delta"
    run: Id
    epoch: Epoch
    number: Annotated[int, Whole(1, _LARGEST)]
    body: Annotated[bytes, Bytes(MAX)]


@dataclass(frozen=True, slots=True)
class Ended(Message):
    type: ClassVar[str] = "ended"
    run: Id
    epoch: Epoch
    last: Natural
    state: Annotated[str, OneOf("finished", "stopped", "failed")]
    reason: Words
    ended: Span
    kind: Word


@dataclass(frozen=True, slots=True)
class Armed(Message):
    type: ClassVar[str] = "armed"
    run: Id
    epoch: Epoch
    late: Span


@dataclass(frozen=True, slots=True)
class Refused(Message):
    type: ClassVar[str] = "refused"
    run: Id
    epoch: Epoch
    text: Words


@dataclass(frozen=True, slots=True)
class NodeNotice(Message):
    type: ClassVar[str] = "notice"
    run: Id
    epoch: Epoch
    kind: Annotated[str, OneOf("worker_lost", "adjust_taken", "capped")]
    gap: Natural
    text: Words
    second: Annotated[int | None, Maybe(Whole(0, _LARGEST))]


@dataclass(frozen=True, slots=True)
class Prepared(Message):
    type: ClassVar[str] = "prepared"
    run: Id
    text: Words


@dataclass(frozen=True, slots=True)
class ChoreDone(Message):
    type: ClassVar[str] = "chore_done"
    run: Id
    kind: Kind
    reason: Words
    fault: Word
    taken: Taken
    seconds: Span


@dataclass(frozen=True, slots=True)
class FileWanted(Message):
    type: ClassVar[str] = "file_wanted"
    sha: Sha
    offset: Offset


@dataclass(frozen=True, slots=True)
class Bye(Message):
    type: ClassVar[str] = "bye"


@dataclass(frozen=True, slots=True)
class Welcome(Message):
    type: ClassVar[str] = "welcome"
    proto: Annotated[int, Whole(PROTOCOL, PROTOCOL)]
    version: Word
    lease: Annotated[float, Number(0.1, 1e6)]
    heartbeat: Annotated[float, Number(0.01, 1e6)]


@dataclass(frozen=True, slots=True)
class Refuse(Message):
    type: ClassVar[str] = "refuse"
    code: Annotated[Literal["version", "name"], OneOf("version", "name")]
    text: Words


@dataclass(frozen=True, slots=True)
class Challenge(Message):
    type: ClassVar[str] = "challenge"


@dataclass(frozen=True, slots=True)
class Beat(Message):
    type: ClassVar[str] = "beat"
    t0: Clock
    t1: Clock


@dataclass(frozen=True, slots=True)
class TaskOrder(Message):
    type: ClassVar[str] = "task"
    run: Id
    epoch: Epoch
    node_task: Annotated[split.NodeTask, Part()]
    start: Clock
    start_at: Clock
    adjustments: Annotated[list[tuple[float, float]], Listed(Pair(Number(0.0, 1e9), Number(0.0, 1e9)), MAX_ADJUSTMENTS)]
    taken: Taken = field(default_factory=dict)

    @property
    def task(self) -> Task:
        return self.node_task.task

    @property
    def place(self) -> int | str:
        """What tells it from the other orders of its run."""
        return self.epoch


@dataclass(frozen=True, slots=True)
class Chore(Message):
    type: ClassVar[str] = "chore"
    run: Id
    kind: Kind
    task: Annotated[Task, Asked()]
    taken: Taken

    @property
    def place(self) -> int | str:
        """What tells it from the other orders of its run."""
        return self.kind


@dataclass(frozen=True, slots=True)
class Adjust(Message):
    type: ClassVar[str] = "adjust"
    run: Id
    epoch: Epoch
    rate: Annotated[float, Number(0.0, 1e9)]
    second: Span


@dataclass(frozen=True, slots=True)
class Stop(Message):
    type: ClassVar[str] = "stop"
    run: Id
    epoch: Epoch
    abort: Annotated[bool, Flag()]


@dataclass(frozen=True, slots=True)
class Prepare(Message):
    type: ClassVar[str] = "prepare"
    run: Id
    files: Annotated[list[tuple[str, bool]], Listed(Pair(Text(64, 64, "[0-9a-f]*"), Flag()), MAX_FILES)]


@dataclass(frozen=True, slots=True)
class FilePart(Message):
    type: ClassVar[str] = "file_part"
    sha: Sha
    offset: Offset
    total: Annotated[int | None, Maybe(Whole(0, MAX_FEED))]
    data: Annotated[bytes, Bytes(FILE_PART, 0)]


@dataclass(frozen=True, slots=True)
class Ack(Message):
    type: ClassVar[str] = "ack"
    run: Id
    epoch: Epoch
    numbers: Annotated[list[int], Listed(Whole(1, _LARGEST), 100_000)]


@dataclass(frozen=True, slots=True)
class Closed(Message):
    type: ClassVar[str] = "closed"
    run: Id
    epoch: Epoch


_UP = (Hello, Heartbeat, Delta, Ended, Armed, Refused, NodeNotice, Prepared, ChoreDone, FileWanted, Bye)
_DOWN = (Welcome, Refuse, Challenge, Beat, TaskOrder, Chore, Adjust, Stop, Prepare, FilePart, Ack, Closed)
UP: dict[str, type[Message]] = {kind.type: kind for kind in _UP}
DOWN: dict[str, type[Message]] = {kind.type: kind for kind in _DOWN}
