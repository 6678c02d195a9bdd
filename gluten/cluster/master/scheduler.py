"""Which run is on: a queue, and one active run at a time. Sends the orders of runs to their nodes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from gluten.cluster.master.chores import MasterChores
from gluten.cluster.master.journal import Journal
from gluten.cluster.master.membership import ClusterNode, Membership
from gluten.cluster.master.provider import Provider
from gluten.cluster.master.run_writer import LiveRun, RunWriter, mark
from gluten.cluster.run.assignment import ENDED, LOST, AdjustOrder, AssignOrder, Moment, Order, StopOrder
from gluten.cluster.run.nodeless import Nodeless
from gluten.cluster.run.run import Run
from gluten.cluster.run.run_book import RunBook
from gluten.net.bus import messages as wire
from gluten.plan import lead
from gluten.plan.run_state import QUEUED
from gluten.plan.split import PlanNode, split

KEPT = 8
"""Runs that are over and still at hand."""

Send = Callable[[ClusterNode, wire.Message], bool]


class Scheduler:
    """Methods change runs; `settle`, in the master's turn, carries out what follows from the changes."""

    def __init__(
        self,
        membership: Membership,
        send: Send,
        journal: Journal,
        writer: RunWriter,
        moment: Callable[[], Moment],
        wake: Callable[[], None],
        provider: Provider,
        patience: float = 0.0,
        most: int | None = None,
        queue_timeout: float | None = None,
    ) -> None:
        """`moment` reads the clocks, `wake` asks for a turn of the master. `provider` gets files to the nodes.
        A node that has been silent for `patience` s makes no load any more. `most` is the ceiling of elastic
        connections. Queued runs fail after `queue_timeout` s without a node."""
        self._provider, self._chores = provider, MasterChores(membership, send, patience)
        self._most, self._membership, self._send, self._patience = most, membership, send, patience
        self._journal, self._writer, self._moment, self._wake = journal, writer, moment, wake
        self._nodeless: Nodeless[LiveRun] = Nodeless(queue_timeout, self.changed)
        self._live: dict[str, LiveRun] = {}
        self._queue: deque[LiveRun] = deque()
        self._over: deque[LiveRun] = deque()
        self._changed: dict[str, LiveRun] = {}
        self._lost_endings: list[tuple[str, str, int]] = []  # (node's name, run, epoch)
        self._to_close: deque[tuple[str, str, int]] = deque()
        self.active: LiveRun | None = None
        self.closing = False
        """The master is about to end: no run begins any more."""

    @property
    def runs(self) -> list[LiveRun]:
        """All at hand, oldest first."""
        return sorted(self._live.values(), key=lambda live: live.book.number)

    @property
    def busy(self) -> bool:
        """A run is on, or waits."""
        return self.active is not None or bool(self._queue)

    @property
    def unreported(self) -> bool:
        """`build_reports` has something to do."""
        return any(live.unreported for live in self._live.values())

    @property
    def versions(self) -> int:
        """Rises with every change of a run at hand."""
        return sum(live.book.version for live in self._live.values())

    def find(self, run: str) -> LiveRun | None:
        return self._live.get(run)

    def position(self, live: LiveRun) -> int | None:
        """Its place in the queue, from 1; None where it does not wait."""
        return self._queue.index(live) + 1 if live in self._queue else None

    # The queue

    def add(self, run: Run) -> LiveRun:
        """Put a new run at the queue's end; it begins now if nothing is before it."""
        live = self._live[run.book.id] = LiveRun(run)
        self._queue.append(live)
        self.changed(live)
        self._begin_next()
        return live

    def adopt(self, run: Run) -> None:
        """Take over a run of an earlier master: it goes on, or waits in the queue again."""
        live = self._live[run.book.id] = LiveRun(run)
        # All but the last one: that it was resumed.
        live.written = len(live.book.events) - (live.book.state != QUEUED)
        if live.book.state == QUEUED:
            self._queue.append(live)
        elif self.active is None:
            live.mark = mark(live.book)
            self.active = live
        else:
            run.fail("the master was restarted while another run was on", self._moment())
        self.changed(live)

    def is_saved(self, run: str) -> bool:
        """The run's report is in the store, and nobody builds it."""
        live = self._live.get(run)
        return live is None or live.saved

    def forget(self, run: str) -> None:
        """The store has a newer report of this run, or the run was deleted."""
        live = self._live.get(run)
        if live is not None and live.saved and live in self._over:
            self._over.remove(live)
            del self._live[run]

    def _begin_next(self) -> None:
        while self.active is None and self._queue and not self.closing:
            nodes = self._membership.able()
            if not self._nodeless.judge(self._queue, nodes, self._moment()):
                return
            self.active = self._queue.popleft()
            at = self._moment()
            if self._provider.prepare(self.active, nodes, at) or self._chores.set_up(self.active, nodes, at):
                self.changed(self.active)
            else:
                self._begin(self.active, nodes)

    def _begin(self, live: LiveRun, nodes: list[ClusterNode]) -> None:
        run, at = live.run, self._moment()
        plan_nodes = [PlanNode(node.info.node, node.name, node.info.cores) for node in nodes]
        run.resolve(plan_nodes, self._most)
        plan = split(run.book.task, plan_nodes, self._most)
        slowest = max(node.clock.rtt for node in nodes if node.clock is not None)
        connections = max(node_task.begun for node_task in plan)
        start = at.now + lead.CLUSTER.seconds(connections) + slowest
        run.begin(plan, start, at, len(nodes) - len(plan))
        for node in nodes:
            if node.clock is not None:
                run.book.skews[node.name] = node.clock.error
        self.changed(live)

    # Nodes

    def prepared(self, node: ClusterNode, message: wire.Prepared, at: Moment) -> None:
        """A node has a run's files, or says why it has not."""
        self._provider.prepared(node, message, self._live.get(message.run), at)
        if self.active is not None:
            self.changed(self.active)

    def chore_done(self, node: ClusterNode, message: wire.ChoreDone, at: Moment) -> None:
        """A node has done a run's setup or teardown, or says why it has not."""
        live = self._live.get(message.run)
        self._chores.done(node, message, live, at)
        if live is not None:
            self.changed(live)

    def wants_file(self, node: ClusterNode, at: Moment) -> None:
        """A node asks for a part of a file."""
        self._provider.heard(node, at)

    def working(self, node: ClusterNode, assignments: Sequence[tuple[str, int]], at: Moment) -> None:
        """A node's heartbeat: it works on the assignments of these (run, epoch)."""
        for run, epoch in assignments:
            self._fence(node, run, epoch)
        if self.active is not None:
            run_ = self.active.run
            epochs = [epoch for run, epoch in assignments if run == run_.book.id]
            run_.working(node.name, node.info.node, epochs, at)
            self.changed(self.active)

    def silent(self, node: ClusterNode, seconds: float, at: Moment) -> None:
        """A node has been silent for so many seconds. Its work moves when it makes no load any more: at once where its
        process is known to have ended, else when its lease has ended."""
        more = self._patience - seconds
        if node.gone or more <= 0:
            self.lose(node.name, f"nothing was received from it for {seconds:.0f} s", at)
        elif self.active is not None:
            self.active.run.silent(node.name, seconds, more, at)
            self.changed(self.active)

    def lose(self, name: str, why: str, at: Moment) -> None:
        """The node does not work any more."""
        if self.active is not None:
            self.active.run.lose(name, why, at)
            self.changed(self.active)

    def excuse(self, seconds: float) -> None:
        """The master itself was paused for so long."""
        self._nodeless.excuse(seconds)
        if self.active is not None:
            self.active.run.excuse(seconds)

    def repeat_adjustments(self, node: ClusterNode) -> None:
        """A node has registered on a new connection. The adjustments that were sent on the old one may be lost."""
        if self.active is None:
            return
        run = self.active.book
        for assignment in run.live_of(node.name):
            for second, rate in run.adjustments:
                self._send(node, wire.Adjust(run.id, assignment.epoch, rate, second))

    def close_lost(self, name: str, run: str, epoch: int) -> None:
        """A node reports the end of an assignment that was lost. It need not repeat that once the loss is stored."""
        self._lost_endings.append((name, run, epoch))

    def _fence(self, node: ClusterNode, run: str, epoch: int) -> None:
        """Abort load that should not be there."""
        live = self._live.get(run)
        assignment = live.book.assignments.get((node.name, epoch)) if live is not None else None
        if live is None or live.book.final or assignment is None or assignment.state == LOST:
            self._send(node, wire.Stop(run, epoch, abort=True))

    # Time

    def tick(self) -> None:
        """Do what has become due in the active run; begin the next one when there is none."""
        if self.active is not None:
            self._miss(self.active)
            if self.active.book.preparing and (nodes := self._ready(self.active)):
                self._begin(self.active, nodes)
            self.active.run.tick(self._moment())
            self._chores.step(self.active, self._moment())
            self.changed(self.active)
        self._begin_next()

    def _ready(self, live: LiveRun) -> list[ClusterNode]:
        """The nodes of a run whose files are there, and whose setup is done."""
        if nodes := self._provider.step(live, at := self._moment()):
            return [] if self._chores.set_up(live, nodes, at) else nodes
        if live.book.chores.is_set_up:
            self._nodeless.judge([live], self._membership.able(), at)
        return self._chores.ready(live)

    def _miss(self, live: LiveRun) -> None:
        """Report to the run which of its nodes are not present."""
        live_assignments = (each for each in live.book.assignments.values() if each.live)
        for name, node_id in {(each.name, each.node_task.node) for each in live_assignments}:
            node = self._membership.named(name)
            if node is None or node.info.node != node_id:
                live.run.absent(name, self._patience, self._moment())

    def abort(self) -> None:
        """The nodes of the active run end their load at once."""
        if self.active is not None:
            run = self.active.book
            for assignment in run.assignments.values():
                if assignment.live:
                    self._send_order(run, StopOrder(assignment.name, assignment.epoch, abort=True))

    # What follows from changes

    def changed(self, live: LiveRun) -> None:
        """`settle` will look at this run."""
        self._changed[live.book.id] = live

    def settle(self) -> None:
        """Send and write down what is new about the runs that have changed. Their reports are for `build_reports`,
        except for runs that never began."""
        while self._changed:
            self._settle(self._changed.pop(next(iter(self._changed))))
        for ending in self._lost_endings:
            self._journal.after(lambda ending=ending: self._close_later(ending))  # type: ignore[misc]
        self._lost_endings.clear()
        while self._to_close:
            self._close(*self._to_close.popleft())

    def _settle(self, live: LiveRun) -> None:
        for order in live.run.take_orders():
            self._send_order(live.book, order)
        self._writer.events(live)
        self._writer.state(live)
        if live.unreported and live.book.start is None:
            self._report(live)

    def _send_order(self, run: RunBook, order: Order) -> None:
        name = order.assignment.name if isinstance(order, AssignOrder) else order.name
        node = self._membership.named(name)
        if node is None:
            return  # it will be lost, or the order will be repeated
        message = self._task_order(run, order, node) if isinstance(order, AssignOrder) else _message(run, order)
        if message is not None:
            self._send(node, message)

    def _task_order(self, run: RunBook, order: AssignOrder, node: ClusterNode) -> wire.Message | None:
        assignment = order.assignment
        if assignment.node_task.node != node.info.node:
            return None  # another process of the same name is another node
        if node.clock is None or run.start is None or run.withheld:
            return None
        start_at = run.start - node.clock.offset
        return wire.TaskOrder(
            run.id,
            assignment.epoch,
            assignment.node_task,
            run.start,
            start_at,
            list(run.adjustments),
            dict(run.chores.taken),
        )

    # The end of a run

    def build_reports(self) -> bool:
        """Report the runs that have ended, and give others turns meanwhile. True where there was one."""
        ended = [live for live in self._live.values() if live.unreported]
        for live in ended:
            self._report(live)
        return bool(ended)

    def _report(self, live: LiveRun) -> None:
        """Report a run that is over, keep it at hand, make room for the next."""
        self._provider.over(live.book)
        self._writer.report(live, lambda: self._saved(live))
        if self.active is live:
            self.active = None
        elif live in self._queue:
            self._queue.remove(live)
        self._over.append(live)

    def _saved(self, live: LiveRun) -> None:
        """The report is stored, so the nodes may forget their endings."""
        live.saved = True
        for (name, epoch), assignment in live.book.assignments.items():
            if assignment.state == ENDED:
                self._close_later((name, live.book.id, epoch))
        while len(self._over) > KEPT and self._over[0].saved:
            del self._live[self._over.popleft().book.id]

    def _close_later(self, ending: tuple[str, str, int]) -> None:
        self._to_close.append(ending)
        self._wake()

    def _close(self, name: str, run: str, epoch: int) -> None:
        node = self._membership.named(name)
        if node is not None:
            self._send(node, wire.Closed(run, epoch))


def _message(run: RunBook, order: StopOrder | AdjustOrder) -> wire.Message:
    if isinstance(order, StopOrder):
        return wire.Stop(run.id, order.epoch, order.abort)
    return wire.Adjust(run.id, order.epoch, order.rate, order.second)
