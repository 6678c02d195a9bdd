"""The generated modules are those of the schema; `scripts/protoc` writes them."""

import pathlib

import pytest

from gluten.net import gluten_pb2 as pb

ROOT = pathlib.Path(__file__).parents[2]
NAMES = ("gluten_pb2.py", "gluten_pb2.pyi", "gluten_pb2_grpc.py")


def test_the_generated_modules_are_up_to_date(tmp_path: pathlib.Path) -> None:
    protoc = pytest.importorskip("grpc_tools.protoc")
    outputs = [f"--{kind}_out={tmp_path}" for kind in ("python", "pyi", "grpc_python")]
    assert protoc.main(["protoc", f"--proto_path={ROOT}", *outputs, "gluten/net/gluten.proto"]) == 0
    for name in NAMES:
        assert (tmp_path / "gluten/net" / name).read_text() == (ROOT / "gluten/net" / name).read_text()


def test_the_service_has_the_contracts_methods() -> None:
    service = pb.DESCRIPTOR.services_by_name["Gluten"]
    assert service.full_name == "gluten.v1.Gluten"
    expected = {"Submit", "Watch", "Stop", "Adjust", "GetRun", "ListRuns", "ListNodes"}
    assert expected <= set(service.methods_by_name)
