"""Plain maps and tasks to protobuf messages and back. Pure.

The schema leads: a field of a message is the key of a map that has the same name. A key that the
schema does not have is left out; a field with presence that is not set is None in the map.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from google.protobuf.message import Message

from gluten.errors import TaskError
from gluten.net import gluten_pb2 as pb
from gluten.task.fields import FIELDS, Field, Kind, fields_of
from gluten.task.limits import SEARCH_DURATION
from gluten.task.storable import is_utf8
from gluten.task.task import Task, typed

if TYPE_CHECKING:
    from gluten.documents import NodeDocument, RunDocument, UpdateDocument

M = TypeVar("M", bound=Message)
Spec = Any  # a FieldDescriptor; its classes differ between the runtimes of protobuf
Map = dict[str, Any]

_PAIRS = {Kind.STAGES: ("second", "rate"), Kind.HEADERS: ("name", "value")}
"""The pairs of a task's field are messages, with these fields."""


def task_to_proto(task: Task) -> pb.Task:
    """Every field is set, but for those that are None. Raises `TaskError` for a text that is not Unicode."""
    for name, value in task.headers:
        if not is_utf8(value):
            raise TaskError("headers", f"headers: {name}: has bytes that are not UTF-8, which only `run` can send")
    try:
        return _pack_task(pb.Task(), task.to_map())
    except ValueError as error:
        raise TaskError("task", f"the task cannot be sent: {error}") from None


def task_from_proto(message: pb.Task) -> Task:
    """The task, with defaults for what is not set. Raises `TaskError`, which names the field.

    A number of requests without a duration has no time limit, and a search has ten minutes, as on the command line.
    """
    values = {spec.name: _get(message, spec) for spec, _ in message.ListFields()}
    values.setdefault("url", "")
    values |= {field.name: _pairs(message, field) for field in fields_of(*_PAIRS)}
    if message.workload:
        return _task_of_workload(values)
    if message.HasField("requests"):
        values.setdefault("duration", None)
    elif message.find_capacity:
        values.setdefault("duration", SEARCH_DURATION)
    return Task.from_map(values)


def _task_of_workload(values: Map) -> Task:
    """What the message does not set is as the workload file says."""
    from gluten.workload.task_of import task_of, with_files  # here, because few tasks have one

    given = typed({name: value for name, value in values.items() if value != ""})
    text, env, files = given.pop("workload"), given.pop("env", ()), given.pop("files", ())
    return with_files(task_of(text, given, dict(env)), dict(files))


def run_to_proto(run: RunDocument) -> pb.Run:
    return _fill(pb.Run(), run)


def run_from_proto(message: pb.Run) -> RunDocument:
    return cast("RunDocument", _to_map(message))


def node_to_proto(node: NodeDocument) -> pb.Node:
    return _fill(pb.Node(), node)


def node_from_proto(message: pb.Node) -> NodeDocument:
    return cast("NodeDocument", _to_map(message))


def update_to_proto(update: UpdateDocument) -> pb.Update:
    return _fill(pb.Update(), update)


def update_from_proto(message: pb.Update) -> UpdateDocument:
    return cast("UpdateDocument", _to_map(message))


def _fill(message: M, values: Mapping[str, Any]) -> M:
    """Set the fields of `message` from the equally named values. Raises TypeError or ValueError."""
    if isinstance(message, pb.Task):
        return _pack_task(message, values)
    for spec in message.DESCRIPTOR.fields:
        value = values.get(spec.name)
        if value is not None:
            _set(message, spec, value)
    return message


def _set(message: Message, spec: Spec, value: Any) -> None:
    target = getattr(message, spec.name)
    if _is_map(spec):
        _set_entries(target, spec, value)
    elif spec.message_type is None:
        setattr(message, spec.name, value) if not spec.is_repeated else target.extend(value)
    elif spec.is_repeated:
        _set_items(target, value)
    else:
        target.SetInParent()
        _fill(target, value)


def _set_items(target: Any, items: Iterable[Mapping[str, Any]]) -> None:
    for item in items:
        _fill(target.add(), item)


def _set_entries(target: Any, spec: Spec, entries: Mapping[Any, Any]) -> None:
    nested = _entry_value(spec).message_type is not None
    for key, value in entries.items():
        if nested:
            _fill(target[str(key)], value)
        else:
            target[str(key)] = value


def _to_map(message: Message) -> Map:
    """All fields of `message`; None where one with presence is not set."""
    if isinstance(message, pb.Task):
        return _unpack_task(message)
    return {spec.name: _get(message, spec) for spec in message.DESCRIPTOR.fields}


def _get(message: Message, spec: Spec) -> Any:
    value = getattr(message, spec.name)
    if _is_map(spec):
        nested = _entry_value(spec).message_type is not None
        return {key: _to_map(value[key]) if nested else value[key] for key in value}
    if spec.is_repeated:
        return [item if spec.message_type is None else _to_map(item) for item in value]
    if spec.has_presence and not message.HasField(spec.name):
        return None
    return value if spec.message_type is None else _to_map(value)


def _is_map(spec: Spec) -> bool:
    return spec.message_type is not None and bool(spec.message_type.GetOptions().map_entry)


def _entry_value(spec: Spec) -> Spec:
    return spec.message_type.fields_by_name["value"]


def _pack_task(message: M, values: Mapping[str, Any]) -> M:
    """A task's map, or its redacted twin whose body is a text."""
    for field in FIELDS:
        value = values.get(field.name)
        if value is not None:
            _set(message, message.DESCRIPTOR.fields_by_name[field.name], _packed(field, value))
    return message


def _packed(field: Field, value: Any) -> Any:
    if field.kind in _PAIRS:
        return [dict(zip(_PAIRS[field.kind], pair, strict=True)) for pair in value]
    return value.encode() if field.kind is Kind.BODY and isinstance(value, str) else value


def _unpack_task(message: pb.Task) -> Map:
    """The redacted map of a task, its body as a text."""
    return {field.name: _unpacked(message, field) for field in FIELDS}


def _unpacked(message: pb.Task, field: Field) -> Any:
    if field.kind in _PAIRS:
        return [list(pair) for pair in _pairs(message, field)]
    value = _get(message, message.DESCRIPTOR.fields_by_name[field.name])
    return (value or b"").decode("utf-8", "replace") if field.kind is Kind.BODY else value


def _pairs(message: pb.Task, field: Field) -> list[tuple[Any, Any]]:
    first, second = _PAIRS[field.kind]
    return [(getattr(item, first), getattr(item, second)) for item in getattr(message, field.name)]
