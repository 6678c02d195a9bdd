"""The layers of ARCHITECTURE.md, kept: every import under gluten/ is parsed, and an edge that is not allowed fails.

`ROOMS` has one line for each folder and for each module beside them: the rooms that it may import. The longest
matching prefix counts. A new line, and a new word in a line, is a decision. `LIBRARIES` says the same of libraries.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.modules import ROOT, files, imports, modules, own, parse, rings, within

WORDS = "errors escapes units version audit documents listing facade task stats workload plan"
FILES = "workload.tables workload.workload"
IMPORTERS = "workload.importers.har workload.importers.curl workload.importers.openapi"
DECISIONS = f"{WORDS} slo capacity report cluster.run"
CLUSTER = f"{DECISIONS} hub_turn cluster engine net.bus store workload.workload"
NODE = f"{CLUSTER} config interrupts engine.host net.door net.keys net.rpc cluster.master cluster.slave webui.auth"
NODE += " cluster.pushing push reading"

ROOMS = {
    # Words: values. No I/O, no clock, no third-party import.
    "errors": "",
    "escapes": "",
    "units": "",
    "version": "",
    "audit": "",
    "document_parts": "",
    "documents": "document_parts",
    "listing": "documents",
    "facade": "documents listing task",
    "task": "errors units",
    "stats": "",
    "workload.draws": "",
    "workload.json_text": "",
    "workload.mix": "errors workload.draws",
    "workload.templates": "errors workload.draws workload.json_text",
    "workload.checks": "errors units workload.draws workload.json_text workload.templates",
    "workload.feeds": "errors workload.draws workload.json_text",
    "workload.keys": "task workload.scenarios",
    "workload.hints": "",
    "workload.scenarios": "errors units workload.draws workload.templates workload.checks",
    "workload.workload": "workload.templates workload.checks workload.scenarios",
    "workload.tables": (
        "errors units task workload.json_text workload.mix workload.templates workload.checks workload.keys "
        "workload.hints workload.scenarios workload.workload"
    ),
    "workload": (
        "errors units task workload.keys workload.hints workload.workload workload.tables workload.templates "
        "workload.checks workload.scenarios workload.feeds workload.mix"
    ),
    "workload.importers": "errors task workload.json_text workload.keys workload.templates",
    "workload.importers.har": "errors task workload.json_text workload.keys workload.templates workload.checks"
    " workload.importers",
    "workload.importers.curl": "errors units task workload.keys workload.importers",
    "workload.importers.openapi": "errors task workload.json_text workload.keys workload.importers",
    # Decisions: pure functions and small state machines. Time comes in as `now`.
    "plan": "task stats workload workload.draws workload.mix workload.scenarios workload.workload",
    "slo": "errors units stats",
    "capacity": "errors units document_parts task stats plan slo workload.workload",
    "report": "errors units document_parts documents task stats plan slo capacity workload workload.mix"
    " workload.scenarios workload.workload",
    "report.compared": "errors documents units task stats report",
    "cluster.run": "errors units document_parts task stats plan slo capacity report workload.workload",
    # Adapters: each hides one library or one part of the system.
    "interrupts": "",
    "hub_turn": "",
    "report.formats": f"{WORDS} slo report",
    "report.formats.compared": f"{WORDS} slo report report.compared report.formats",
    "terminal": f"{WORDS} slo report",
    "engine": "errors version task stats plan workload.workload workload.feeds",
    "engine.worker.reactor": "",
    "engine.worker.transport": "errors task engine engine.worker.reactor",
    "engine.worker.http1": "errors version task engine engine.worker.transport",
    "engine.worker.recording": "stats engine",
    "engine.worker.requests": "errors task stats plan engine engine.worker.http1 engine.worker.recording"
    " workload workload.workload workload.feeds workload.mix workload.checks workload.templates workload.scenarios",
    "engine.worker": "errors hub_turn version task stats plan engine engine.worker.reactor engine.worker.http1"
    " engine.worker.transport engine.worker.recording engine.worker.requests workload.templates"
    " workload.checks workload.scenarios workload.workload",
    "engine.host": "errors interrupts version task stats plan engine engine.worker workload workload.workload"
    " workload.feeds",
    "engine.trial": "errors task stats plan engine engine.host engine.worker engine.worker.http1"
    " engine.worker.recording engine.worker.requests workload.templates workload.checks workload.scenarios"
    " workload.workload",
    "net": "errors",
    "net.keys": "errors",
    "net.bus": f"{WORDS} hub_turn net net.keys",
    "net.door": "errors net net.bus",
    "net.rpc": f"{WORDS} net net.door net.keys",
    "store": f"{WORDS} workload.workload workload.tables workload.feeds",
    "push.protobuf": "",
    "push": "errors version stats slo engine engine.host push.protobuf",
    "target": "errors interrupts units",
    "webui.http": "errors audit hub_turn version net.keys",
    "webui.auth": "errors audit net.keys webui.http",
    "webui.api": f"{DECISIONS} hub_turn report.compared push.protobuf webui.http webui.auth workload.mix"
    " workload.scenarios workload.workload",
    "webui": f"{DECISIONS} webui.http webui.auth webui.api",
    # Roles: what a master and a slave do, over adapters that are handed to them.
    "cluster": f"{WORDS} store",
    "cluster.master": CLUSTER,
    "cluster.slave": CLUSTER,
    "cluster.pushing": f"{CLUSTER} push",
    "reading": f"{CLUSTER} report.formats engine.host net.rpc cluster.master webui.http webui.api",
    # Wiring: where a node, and a command, is put together.
    "config": "errors",
    "daemon": f"{NODE} engine.trial webui.api",
    "daemon.standby": f"{NODE} daemon webui",
    "node": f"{NODE} engine.trial daemon daemon.standby report.formats webui",
    "cli": f"{WORDS} {FILES} workload.mix workload.scenarios slo config engine interrupts push report report.formats"
    " net.keys net.rpc",
    "cli.reports": "documents errors interrupts cli report.formats",
    "cli.commands": f"document_parts {NODE} {FILES} {IMPORTERS} workload.feeds engine.trial cli cli.reports daemon node"
    " report.compared report.formats report.formats.compared target terminal",
    "__main__": "interrupts version cli",
}

PURE = (
    "errors", "escapes", "units", "version", "audit", "document_parts", "documents", "listing", "facade", "task",
    "stats",
    "workload", "plan", "slo", "capacity", "report",
    "cluster.run", "cluster.clock", "cluster.master.membership", "cluster.master.reporting", "cluster.master.views",
    "cluster.slave.admission", "cluster.slave.fences", "cluster.slave.registration", "cluster.slave.report_offset",
)  # fmt: skip
NOT_PURE = ("report.formats",)

LIBRARIES = {
    "bottle": ("webui.app",),
    "docopt": ("cli.arguments",),
    "geventhttpclient": ("engine.worker.http1.parser",),
    "gevent": (
        "cluster.master.broadcast",
        "daemon",
        "engine",
        "hub_turn",
        "net",
        "node",
        "reading.desk",
        "reading.queue",
        "store.files.async_files",
        "store.files.native_thread",
        "webui",
    ),
    "google": ("net.rpc", "net.gluten_pb2", "net.gluten_pb2_grpc"),
    "grpc": ("net.rpc", "net.gluten_pb2_grpc"),
    "grpc_health": ("net.rpc.health",),
    "grpc_reflection": ("net.rpc.reflection",),
    "hpack": ("engine.worker.http2.header_fields",),
    "msgpack": ("engine.channel", "net.bus.frames", "store.codec"),
    "peewee": ("store",),
    "psycopg2": ("store",),
    "zmq": ("net.bus.bus", "net.bus.curve", "daemon.slave_keys"),
}

CLIENT_SIDE = (
    "__main__", "cli", "task", "plan", "stats", "report", "terminal",
    "net.rpc.grpc_channel", "net.rpc.rpc_client", "net.rpc.convert",
)  # fmt: skip
NODE_SIDE = ("cli.commands.start_node", "cli.commands.run_alone", "cli.commands.target")
"""What the client commands load is quick to start: neither gevent nor zmq. These commands load or serve themselves."""


def room(module: str) -> str:
    """The longest prefix of `module` that has a layer."""
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if (name := ".".join(parts[:length])) in ROOMS:
            return name
    pytest.fail(f"gluten.{module} is in no room: add it, with its layer, to ROOMS in tests/test_layers.py")


def test_every_module_is_in_a_room() -> None:
    for module in modules():
        if not module.endswith("__init__"):
            room(module)


def test_every_room_exists() -> None:
    known = [name.removesuffix(".__init__") for name in modules()]
    empty = [name for name in ROOMS if name not in known]
    assert not empty, f"no such module any more: take {empty} out of ROOMS"


def test_a_room_imports_only_the_rooms_of_its_line() -> None:
    wrong = [
        f"{found} ({room(found.module)} may not import {room(name)})"
        for found in imports()
        if (name := own(found)) and not allowed(room(found.module), room(name))
    ]
    assert not wrong, "\n".join(wrong)


def allowed(module: str, name: str) -> bool:
    return module == name or name in ROOMS[module].split()


def test_no_room_leads_back_to_itself() -> None:
    """Type-only imports count, too: what only a type checker sees is still read by people in a ring."""
    edges = {(room(found.module), room(name)) for found in imports() if (name := own(found))}
    assert rings(edges) == []


def test_no_module_leads_back_to_itself() -> None:
    """Lazy and type-only imports count, too: whoever reads one module of a ring has to read all of it."""
    wrong = rings({(found.module, name) for found in imports() if (name := own(found)) and name in modules()})
    assert not wrong, f"these import each other, if by others: {', '.join(wrong)}"


def test_rings_are_found() -> None:
    assert rings({("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("e", "a")}) == ["a", "b", "c"]
    assert rings({("a", "b"), ("b", "c"), ("a", "c"), ("a", "a")}) == []


def pure(module: str) -> bool:
    return within(module, PURE) and not within(module, NOT_PURE)


def test_words_and_decisions_import_nothing_but_the_standard_library() -> None:
    wrong = [
        str(found)
        for found in imports()
        if own(found) is None and pure(found.module) and found.name.partition(".")[0] not in sys.stdlib_module_names
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "module", ["asyncio", "os", "random", "selectors", "socket", "subprocess", "threading", "time"]
)
def test_words_and_decisions_have_no_clock_no_chance_and_no_input(module: str) -> None:
    wrong = [str(found) for found in imports() if found.name.partition(".")[0] == module and pure(found.module)]
    assert not wrong, "\n".join(wrong)


def test_each_library_is_imported_by_its_adapters_alone() -> None:
    wrong = []
    for found in imports():
        library = found.name.partition(".")[0]
        if own(found) is None and library not in sys.stdlib_module_names:
            if library not in LIBRARIES:
                wrong.append(f"{found}: {library} is not in LIBRARIES in tests/test_layers.py")
            elif not within(found.module, LIBRARIES[library]):
                wrong.append(f"{found}: only {', '.join(LIBRARIES[library])} may")
    assert not wrong, "\n".join(wrong)


def test_no_module_imports_the_package_s_root() -> None:
    wrong = [str(found) for found in imports() if found.name == "gluten"]
    assert not wrong, "\n".join(wrong)


def test_packages_are_empty() -> None:
    assert [path for path in files() if path.name == "__init__.py" and path.stat().st_size] == []


def test_every_folder_is_a_package() -> None:
    assert [path.parent for path in files() if not (path.parent / "__init__.py").exists()] == []


def test_nothing_is_patched() -> None:
    wrong = [str(found) for found in imports() if "monkey" in found.name]
    for module, path in modules().items():
        names = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, (ast.Name, ast.Attribute)))
        words = {node.id if isinstance(node, ast.Name) else node.attr for node in names}
        wrong += [f"gluten.{module} uses {word}" for word in words & {"monkey", "patch_all", "patch_socket"}]
    assert not wrong, "\n".join(wrong)


def test_client_commands_load_neither_gevent_nor_zmq() -> None:
    """By what the modules import when they are loaded, transitively."""
    wrong = [" -> ".join(chain) for start in modules() if client_side(start) for chain in heavy_chains(start)]
    assert not wrong, "\n".join(wrong)


def client_side(module: str) -> bool:
    return within(module, CLIENT_SIDE) and not within(module, NODE_SIDE) and not module.endswith("__init__")


def heavy_chains(start: str) -> Iterator[list[str]]:
    """The ways from `start` over imports at load time to gevent or zmq."""
    pending, seen = [[start]], {start}
    while pending:
        chain = pending.pop()
        for found in (found for found in imports() if found.module == chain[-1] and not found.lazy):
            name = own(found)
            if found.name.partition(".")[0] in ("gevent", "geventhttpclient", "zmq"):
                yield [*chain, found.name]
            elif name and name in modules() and name not in seen:
                seen.add(name)
                pending.append([*chain, name])


def test_a_fresh_interpreter_with_the_client_s_modules_has_neither_gevent_nor_zmq() -> None:
    """The same for what libraries import in turn."""
    names = [f"gluten.{module}" for module in modules() if client_side(module) and module != "__main__"]
    code = (
        f"import importlib, sys; [importlib.import_module(name) for name in {names}]; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'gevent', 'geventhttpclient', 'zmq'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import zmq.green", [("zmq.green", False)]),
        ("from gluten.net.rpc import rpc_client", [("gluten.net.rpc.rpc_client", False)]),
        ("from gluten.task.task import Task", [("gluten.task.task", False)]),
        ("def f():\n    import gevent", [("gevent", True)]),
        ("if TYPE_CHECKING:\n    import gevent", [("gevent", True)]),
        ("class A:\n    import gevent", [("gevent", False)]),
        ("try:\n    import gevent\nexcept ImportError:\n    pass", [("gevent", False)]),
    ],
)
def test_imports_are_found_wherever_they_stand(source: str, expected: list[tuple[str, bool]]) -> None:
    assert [(found.name, found.lazy) for found in parse("task.task", source)] == expected


def test_an_unknown_room_is_reported_with_the_request_to_add_it() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"gluten\.cellar is in no room: add it"):
        room("cellar")


LONGEST = 350
"""Lines of a file that people write. The style asks for fewer than 300."""


@pytest.mark.parametrize("folder", ["gluten", "gluten_bootstrap", "builder", "tests", "bench"])
def test_no_file_is_longer_than_one_subject_needs(folder: str) -> None:
    """A longer one is split by its nouns."""
    written = [path for path in (ROOT / folder).rglob("*.py") if "_pb2" not in path.name]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in written}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
