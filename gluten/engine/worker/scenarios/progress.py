"""How far a session is, and what of it is counted."""

from __future__ import annotations

from enum import Enum

from gluten.engine.worker.recording.session_recorder import SessionRecorder
from gluten.workload.scenarios.walk import Enter, Leave


class End(Enum):
    """`ENDED`: by a request that was not good. `CUT`: by the drain or a stop."""

    FINISHED = "finished"
    ENDED = "ended"
    CUT = "cut"


class _Group:
    """`began`: when its first request was due, in monotonic seconds."""

    __slots__ = ("began", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.began: float | None = None


class Progress:
    """Of one session after the other. All instants are monotonic seconds. `recorder` None: nobody counts sessions,
    because the workload has no scenarios. `sent_at`: when the last request was sent."""

    __slots__ = ("_due", "_good", "_groups", "_last", "_place", "_recorder", "active", "sent_at")

    def __init__(self, recorder: SessionRecorder | None) -> None:
        self._recorder, self.sent_at = recorder, 0.0
        self.active = False
        self._place, self._due, self._last, self._good = 0, 0.0, 0.0, True
        self._groups: list[_Group] = []

    def begin(self, place: int, due: float) -> None:
        """A session of the scenario at `place` begins, which was due at `due`."""
        self.active, self._good, self._place, self._due, self._last = True, True, place, due, due
        self._groups.clear()
        if self._recorder is not None:
            self._recorder.begun(place)

    def sending(self, due: float, now: float) -> None:
        """A request begins that was due at `due`."""
        self.sent_at = now
        for group in self._groups:
            if group.began is None:
                group.began = due

    def answered(self, at: float, good: bool) -> None:
        """The last byte of its response came, or it failed."""
        self._last = at
        self._good = self._good and good

    def note(self, act: Enter | Leave) -> None:
        """A group begins or ends."""
        if isinstance(act, Enter):
            self._groups.append(_Group(act.group))
        else:
            self._leave()

    def _leave(self) -> None:
        """The innermost group is whole. One without a request has no time."""
        group = self._groups.pop()
        if group.began is not None and self._recorder is not None:
            self._recorder.of(group.began).group(group.name, self._last - group.began)

    def end(self, how: End) -> None:
        self.active = False
        if self._recorder is None:
            return
        recorder = self._recorder.of(self._due)
        match how:
            case End.FINISHED:
                recorder.finished(self._place, self._last - self._due, self._good)
            case End.ENDED:
                recorder.ended(self._place)
            case End.CUT:
                recorder.cut(self._place)
