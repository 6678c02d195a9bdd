"""gRPC's reflection: any client can ask which services, methods and messages there are. Hides grpc_reflection.

The library has the old service, `grpc.reflection.v1alpha`. Newer clients ask for `grpc.reflection.v1`. Its messages are
the same bytes, so one servicer answers both. Source: grpc-proto, `grpc/reflection/v1/reflection.proto`.
"""

from __future__ import annotations

from collections.abc import Sequence

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_reflection.v1alpha import reflection, reflection_pb2

V1ALPHA: str = reflection.SERVICE_NAME
V1 = "grpc.reflection.v1.ServerReflection"
_FILE = "grpc/reflection/v1/reflection.proto"
_PACKAGE = ("grpc.reflection.v1alpha", "grpc.reflection.v1")


def add_reflection(services: Sequence[str], server: grpc.Server) -> None:
    """Tell of these services, and of reflection itself."""
    _describe_v1()
    servicer = reflection.ReflectionServicer((*services, V1ALPHA, V1))
    method = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    for name in (V1ALPHA, V1):
        handlers = {"ServerReflectionInfo": method}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))


def _describe_v1() -> None:
    """Put the description of the new service beside the old one's, so that clients can ask for it."""
    pool = descriptor_pool.Default()
    try:
        pool.FindFileByName(_FILE)
    except KeyError:
        made = descriptor_pb2.FileDescriptorProto()
        reflection_pb2.DESCRIPTOR.CopyToProto(made)
        made.name, made.package = _FILE, _PACKAGE[1]
        made.ClearField("options")
        for message in made.message_type:
            for field in filter(lambda field: field.type_name, message.field):
                field.type_name = field.type_name.replace(*_PACKAGE)
        for service in made.service:
            for method in service.method:
                method.input_type = method.input_type.replace(*_PACKAGE)
                method.output_type = method.output_type.replace(*_PACKAGE)
        pool.Add(made)
